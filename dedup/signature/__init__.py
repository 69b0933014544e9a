"""MinHash signatures, bands and fingerprints of a text."""
