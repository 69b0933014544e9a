"""Draws how a report spread: a row for each article, with the time to the right."""
