"""All stories made anew, and the decisions of persons on them."""
