"""Finds the sources that an article cites, and how surely it carries a report of North Korea."""
