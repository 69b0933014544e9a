"""Assesses the health of each outlet from its runs."""
