"""Extracts from a fetched page: its class, title, text, times, authors, language."""
