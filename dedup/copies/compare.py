"""Compares two texts exactly and in both directions: containment, shared passages, relation.

Estimates only choose which pairs are compared. Nothing is merged because of an estimate.
"""

import secrets
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.copies.pair_classifier import PairMeasurements, classify_pair
from dedup.records import Document, Member, Relation, RelationKind
from dedup.text import headline
from dedup.text.normalise import MAX_CACHED_CHARS, NormalisedText, Script, normalise_cached
from dedup.text.passages import Passage, coverage, find_passages, isin_sorted, to_span
from dedup.text.shingles import MIN_SHINGLES, SHINGLE_SIZE, shingle_hashes, sorted_unique

# Random per process and never stored, so nobody can build texts whose shingles collide.
_KEY = secrets.randbits(63)
_UNITS_PER_WORD = {Script.WORDS: 1, Script.SYLLABLES: 3}
_MIN_PASSAGE_WORDS = 12
_MIN_REUSE_WORDS = 20
"""Words. Shorter shared passages are common phrases; fewer shared words are no reuse."""
_MIN_RELATED_CONTAINMENT = 0.3
"""Texts are related, even without a shared passage, if the longer has this share of the shorter."""

_MAX_SPANS = 20


@dataclass(frozen=True)
class Prepared:
    """A normalised text with its shingles, ready for many comparisons.

    `shingle_sequence`: the hash of each shingle, in text order. `shingles`: the distinct ones,
    sorted.
    """

    normal: NormalisedText
    shingle_sequence: NDArray[np.uint64]
    shingles: NDArray[np.uint64]

    @cached_property
    def first_positions(self) -> NDArray[np.int64]:
        """int64[shingles]: where each distinct shingle first occurs in `shingle_sequence`."""
        order = np.argsort(self.shingle_sequence, kind="stable")
        ordered = self.shingle_sequence[order]
        new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        firsts: NDArray[np.int64] = order[new]
        return firsts

    @property
    def shingle_size(self) -> int:
        """Units of a shingle."""
        return SHINGLE_SIZE[self.normal.script]

    @property
    def per_word(self) -> int:
        """Units of an average word."""
        return _UNITS_PER_WORD[self.normal.script]

    @property
    def word_count(self) -> float:
        """Length of the text in words, estimated for texts that are cut by syllable."""
        return self.normal.unit_count / self.per_word


def prepare(document: Document) -> Prepared:
    """Prepares a document's text for comparison; the last 256 texts are cached."""
    if len(document.text) > MAX_CACHED_CHARS:
        return _prepare(document.text, document.title)
    return _prepare_cached(document.text, document.title)


@lru_cache(maxsize=256)
def _prepare_cached(text: str, title: str) -> Prepared:
    return _prepare(text, title)


def _prepare(text: str, title: str) -> Prepared:
    normal = normalise_cached(text, title)
    runs = shingle_hashes(normal, SHINGLE_SIZE[normal.script], _KEY)
    return Prepared(normal, runs, sorted_unique(runs))


def compare_documents(a: Document, b: Document) -> Relation | None:
    """Returns the relation of two documents; None if they share too little.

    The result is the same for (a, b) and (b, a): its `a` is the lower id.
    """
    if a.id > b.id:
        a, b = b, a
    one, two = prepare(a), prepare(b)
    if not are_comparable(one, two):
        return None
    if one.normal.comparison_key == two.normal.comparison_key:
        return make_identical_relation(a, b)
    if _count_shared_shingles(one, two) <= _MIN_PASSAGE_WORDS * one.per_word - one.shingle_size:
        return None
    found = measure_pair(a, b)
    verdict = classify_pair(found)
    shared = _passages(one, two)
    if (
        verdict is None
        and _count_passage_words(shared, one) < _MIN_REUSE_WORDS
        and found.shorter_containment < _MIN_RELATED_CONTAINMENT
    ):
        return None
    return Relation(
        a=a.id,
        b=b.id,
        kind=verdict.kind if verdict else RelationKind.EXCERPT,
        merges=verdict is not None,
        jaccard=found.jaccard,
        containment_ab=found.containment_ab,
        containment_ba=found.containment_ba,
        reason=verdict.reason if verdict else _format_reuse_reason(shared, one, found),
        source=choose_source_id(a, b),
        spans=tuple(to_span(each, one.normal, two.normal) for each in shared[:_MAX_SPANS]),
    )


def make_identical_relation(a: Document | Member, b: Document | Member) -> Relation:
    """Returns the relation of two documents with the same normalised text."""
    low, high = sorted((a.id, b.id))
    return Relation(
        a=low,
        b=high,
        kind=RelationKind.IDENTICAL,
        merges=True,
        jaccard=1.0,
        containment_ab=1.0,
        containment_ba=1.0,
        reason="the same words",
        source=choose_source_id(a, b),
    )


def are_comparable(one: Prepared, two: Prepared) -> bool:
    """Returns whether both texts are long enough and are cut into the same units."""
    long_enough = min(len(one.shingles), len(two.shingles)) >= MIN_SHINGLES
    return long_enough and one.normal.script is two.normal.script


def measure_pair(a: Document, b: Document) -> PairMeasurements:
    """Measures two comparable texts.

    Raises ZeroDivisionError if either text has no shingles: check `are_comparable` first.
    """
    one, two = prepare(a), prepare(b)
    shared = _count_shared_shingles(one, two)
    same_outlet = bool(a.outlet) and a.outlet == b.outlet
    return PairMeasurements(
        jaccard=shared / (len(one.shingles) + len(two.shingles) - shared),
        containment_ab=shared / len(one.shingles),
        containment_ba=shared / len(two.shingles),
        coverage_a=_shared_coverage(one, two) if same_outlet else 0.0,
        coverage_b=_shared_coverage(two, one) if same_outlet else 0.0,
        words_a=one.word_count,
        words_b=two.word_count,
        publication_gap_days=days_apart(a, b),
        same_outlet=same_outlet,
        headline_similarity=headline.similarity(a.title, b.title),
    )


def choose_source_id(a: Document | Member, b: Document | Member) -> int:
    """Returns the id of the earlier document, by rank, else by time; 0 if neither decides."""
    if a.rank != b.rank and min(a.rank, b.rank) <= 1:
        return a.id if a.rank < b.rank else b.id
    for one, two in ((a.published_at, b.published_at), (a.first_seen_at, b.first_seen_at)):
        if one and two and one != two:
            return a.id if one < two else b.id
    return 0


def days_apart(a: Document, b: Document) -> float | None:
    """Returns the days between the publications of two documents; None if one date is unknown.

    The time of first sight does not count: for imported files it is the time of the import.
    """
    one, two = a.published_at, b.published_at
    return abs((one - two).total_seconds()) / 86400 if one and two else None


def _count_shared_shingles(one: Prepared, two: Prepared) -> int:
    small, large = sorted((one.shingles, two.shingles), key=len)
    return int(np.count_nonzero(isin_sorted(small, large)))


def _shared_coverage(one: Prepared, two: Prepared) -> float:
    return coverage(isin_sorted(one.shingle_sequence, two.shingles), one.shingle_size)


def _passages(one: Prepared, two: Prepared) -> list[Passage]:
    return find_passages(
        one.shingle_sequence,
        two.shingles,
        two.first_positions,
        size=one.shingle_size,
        min_units=_MIN_PASSAGE_WORDS * one.per_word,
    )


def _count_passage_words(shared: list[Passage], one: Prepared) -> int:
    return sum(each.length for each in shared) // one.per_word


def _format_reuse_reason(shared: list[Passage], one: Prepared, found: PairMeasurements) -> str:
    if not shared:
        return (
            f"{found.shorter_containment:.0%} of the shorter text is in the longer, in small pieces"
        )
    return (
        f"{len(shared)} passages of together {_count_passage_words(shared, one)} words are in both"
    )
