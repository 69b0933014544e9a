"""Recomputes all stories, and stores the decisions that persons make about them."""
