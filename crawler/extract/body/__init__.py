"""Finds an article's text in a page, without what surrounds it."""
