"""The inverted index of deduplication as tables: band and fingerprint keys, candidates, relations."""
