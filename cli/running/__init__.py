"""`nkwire run`: the command that starts the service."""
