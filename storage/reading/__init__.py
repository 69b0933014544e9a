"""Reads articles, stories and outlets from the database."""
