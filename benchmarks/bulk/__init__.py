"""Measures the clustering of whole corpora."""
