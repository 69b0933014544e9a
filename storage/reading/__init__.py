"""Articles, stories and outlets read out of the database."""
