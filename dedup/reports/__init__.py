"""Reports: which articles carry the same KCNA report, and whom an article cites."""
