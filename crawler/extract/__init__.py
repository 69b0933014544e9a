"""What a fetched page says: its class, title, text, times, authors, language."""
