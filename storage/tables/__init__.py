"""Defines the tables, their column types, and predicates on them."""
