"""Full-text search, the same on SQLite and PostgreSQL."""
