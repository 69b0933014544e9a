"""Parses dates and times in many languages, absolute and relative."""
