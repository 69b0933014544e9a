"""Writes a number with its noun."""


def format_count(number: int, noun: str, plural: str = "") -> str:
    """Returns a number with its noun: 1 article, 3,000 articles, 2 copies."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
