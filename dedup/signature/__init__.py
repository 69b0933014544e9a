"""Computes MinHash signatures, bands and winnowed fingerprints of texts."""
