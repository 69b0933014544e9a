"""Keeps the dedup index in tables: band and fingerprint keys, candidates, relations, stories."""
