"""Finds copies: compares candidate pairs exactly, relates them, and places them into stories."""
