"""Snapshots of the corpus for citation: creates, verifies and compares them."""
