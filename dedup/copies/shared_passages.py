"""Finds the passages that two articles share, to mark and number them in both texts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dedup.copies.compare import Overlap, Prepared, prepare
from dedup.records import Document, Span
from dedup.text.passages import to_span

LEAST_WORDS = 7
"""Words. Shorter common passages are names and phrases that all texts on a subject have."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a text. `passage`: the number of the passage that it is, from 1; 0 if it is none."""

    text: str
    passage: int


def find_shared_passages(a: Document, b: Document, *, least_words: int = LEAST_WORDS) -> list[Span]:
    """Returns the passages of at least `least_words` words that both texts have, by place in `a`.

    No two overlap in either text: the longer one is kept. Up to four differing words in a row
    (syllables in Korean, Chinese and Japanese) do not end a passage. Texts in different scripts
    share none.
    """
    one, other = prepare(a), prepare(b)
    if one.normal.script is not other.normal.script:
        return []
    if not len(one.shingles) or not len(other.shingles):
        return []
    spans = (
        to_span(each, one.normal, other.normal)
        for each in Overlap.of(one, other).find_passages(_least_units(one, least_words))
    )
    kept: list[Span] = []
    taken_a, taken_b = _Taken(len(a.text)), _Taken(len(b.text))
    for span in spans:
        if taken_a.is_free(span.a_start, span.a_end) and taken_b.is_free(span.b_start, span.b_end):
            taken_a.take(span.a_start, span.a_end)
            taken_b.take(span.b_start, span.b_end)
            kept.append(span)
    return sorted(kept, key=lambda span: span.a_start)


def cut_text(text: str, ranges: Sequence[tuple[int, int]]) -> list[TextPart]:
    """Cuts a text at ranges that do not overlap; the parts put together are the text.

    `ranges`: start and end of each passage; the first one is passage 1. Raises ValueError if two
    overlap.
    """
    parts: list[TextPart] = []
    place = 0
    for start, end, number in _in_order(ranges):
        if start < place:
            raise ValueError(f"the passage from {start} overlaps the one that ends at {place}")
        parts += [TextPart(text[place:start], 0), TextPart(text[start:end], number)]
        place = end
    parts.append(TextPart(text[place:], 0))
    return [part for part in parts if part.text]


class _Taken:
    """The characters of a text that lie in a passage already."""

    def __init__(self, length: int) -> None:
        self._flags = bytearray(length)

    def is_free(self, start: int, end: int) -> bool:
        return self._flags.find(1, start, end) < 0

    def take(self, start: int, end: int) -> None:
        self._flags[start:end] = b"\1" * (end - start)


def _in_order(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    return sorted((start, end, number) for number, (start, end) in enumerate(ranges, 1))


def _least_units(prepared: Prepared, words: int) -> int:
    return max(prepared.shingle_size, words * prepared.per_word)
