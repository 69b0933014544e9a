"""Checks that what is stored is what was stored: texts, signatures and the two kinds of index."""
