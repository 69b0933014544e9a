"""Measures how fast reports are read, and what keeping them costs."""
