"""The corpus written to files and data frames."""
