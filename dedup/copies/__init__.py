"""Copies: candidate pairs are compared exactly, related, and placed into stories."""
