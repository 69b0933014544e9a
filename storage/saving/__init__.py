"""The one write path: articles, versions and captures into the tables."""
