"""Keeps recordings and exports on object storage or any other file system that fsspec has."""
