"""The corpus frozen for citation: made, checked, compared."""
