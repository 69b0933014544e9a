"""Reports of the agency: which outlets carry them, how late, and from which source."""
