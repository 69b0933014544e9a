"""What became of a text between two captures: pure functions, text in, verdict out."""
