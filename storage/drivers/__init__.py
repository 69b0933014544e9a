"""What the drivers of SQLite and PostgreSQL do: how a file is opened, and what their errors mean."""
