"""Edits, deletions and revisits: what changed in articles, and when to fetch them again."""
