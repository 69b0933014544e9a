"""Chinese characters: folds their forms, and reads them as Korean syllables."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


def fold_variants(text: str) -> str:
    """Replaces traditional and Japanese characters by simplified ones; other text stays.

    Characters that no name in the lexicon or in the table of readings has are left as they are.
    """
    return text if text.isascii() else text.translate(_simplified_by_variant())


@cache
def readings() -> dict[str, str]:
    """Returns the Korean syllable of each simplified character of names."""
    return {
        character: syllable
        for syllable, characters in _iter_rows("read")
        for character in characters
    }


@cache
def _simplified_by_variant() -> dict[int, str]:
    return {
        ord(variant): simplified
        for simplified, variants in _iter_rows("fold")
        for variant in variants
    }


def _iter_rows(kind: str) -> Iterator[tuple[str, str]]:
    text = files("dedup.reports").joinpath("han.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith(kind + "\t"):
            _, character, others = line.split("\t")
            yield character, others
