"""Measures on labelled articles: how well stories and reports are found, and the carrier grades."""
