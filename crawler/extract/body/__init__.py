"""The text of an article found in a page, without what surrounds it."""
