"""Converts the answers of some site software to HTML that an outlet's rules can read."""
