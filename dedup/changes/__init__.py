"""Compares two versions of an article and classifies the change. Pure functions: no I/O."""
