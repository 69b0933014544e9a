"""The tables, their column types, and predicates on them."""
