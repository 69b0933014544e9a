"""The rows, columns and output files of an export, and one module for each file format."""
