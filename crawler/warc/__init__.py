"""WARC files: written, indexed, read, replayed, kept for as long as wanted."""
