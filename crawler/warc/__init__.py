"""Writes, indexes, reads, replays and expires WARC files (ISO 28500)."""
