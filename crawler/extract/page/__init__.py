"""Parses a page: decodes its bytes, builds its tree and text blocks, reads its metadata."""
