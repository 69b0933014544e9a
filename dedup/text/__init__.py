"""Makes texts comparable: normalises them, removes boilerplate, and hashes shingles."""
