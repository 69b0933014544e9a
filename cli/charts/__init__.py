"""The commands that count and draw: `nkwire stats` and `nkwire plot`."""
