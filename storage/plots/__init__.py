"""Draws pictures of the corpus with matplotlib, an optional library: from rows, without I/O."""
