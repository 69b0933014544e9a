"""Benchmarks of edits and deletions: a scripted agency, and the cost of storing changes."""
