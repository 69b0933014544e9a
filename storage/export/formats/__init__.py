"""Files that the corpus goes out in: what a row is, where it is written, one module for each format."""
