"""Spark against one process."""
