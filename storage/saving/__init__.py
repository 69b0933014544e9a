"""Stores articles, versions and captures: the only write path for them."""
