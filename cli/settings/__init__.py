"""`nkwire config`: shows the settings, and writes an example of their file."""
