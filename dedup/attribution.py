"""Whom an article cites, and by which words."""

from dedup.records import Attribution


def attributions(title: str, text: str, language: str = "") -> list[Attribution]:
    """The agencies that an article names as its source, in order of the text."""
    return []
