"""Folds the forms of Chinese characters: traditional and Japanese ones become simplified ones."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


def fold_variants(text: str) -> str:
    """Replaces traditional and Japanese characters by simplified ones; other text stays.

    The table `han.tsv` has the characters of the lexicon; others are left as they are.
    """
    return text if text.isascii() else text.translate(_simplified_by_variant())


@cache
def _simplified_by_variant() -> dict[int, str]:
    return {
        ord(variant): simplified for simplified, variants in _iter_rows() for variant in variants
    }


def _iter_rows() -> Iterator[tuple[str, str]]:
    text = files("dedup.lexicon").joinpath("han.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            simplified, variants = line.split("\t")
            yield simplified, variants
