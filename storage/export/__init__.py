"""Exports the corpus to files and data frames."""
