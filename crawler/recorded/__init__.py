"""Recorded pages (WARC, saved files, CC-NEWS), read by the same spiders."""
