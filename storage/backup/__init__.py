"""Copies the whole database to a file, and puts such a file back in its place."""
