"""Makes files and folders with safe modes, and never through a link."""
