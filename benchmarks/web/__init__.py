"""Measures the readings and pages of the web view on large databases of invented articles."""
