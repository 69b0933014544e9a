"""Finds articles that carry the same KCNA report, and the agencies that an article cites."""
