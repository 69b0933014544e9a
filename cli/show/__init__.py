"""Formats what is printed in a terminal or written as a page: tables, feeds, differences."""
