"""A page parsed: its bytes decoded, its tree, its blocks, its metadata."""
