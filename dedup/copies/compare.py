"""Compares two texts exactly and in both directions: containment, shared passages, relation.

Estimates only choose which pairs are compared. Nothing is merged because of an estimate.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.copies.pair_classifier import (
    MAX_SHORT_WORDS,
    MIN_COLUMN_DAYS,
    MIN_COLUMN_NUMBERS,
    PairMeasurements,
    classify_pair,
)
from dedup.records import Document, Member, Relation, RelationKind
from dedup.text import headline
from dedup.text.normalise import MAX_CACHED_CHARS, NormalisedText, Script, normalise_cached
from dedup.text.passages import (
    Passage,
    coverage,
    find_common,
    find_passages,
    isin_sorted,
    to_span,
)
from dedup.text.shingles import (
    MIN_DISTINCTIVE_SHINGLES,
    MIN_SHINGLES,
    SHINGLE_SIZE,
    shingle_hashes,
    sorted_unique,
)

# Random per process and never stored, so nobody can build texts whose shingles collide.
_KEY = secrets.randbits(63)
_UNITS_PER_WORD = {Script.WORDS: 1, Script.SYLLABLES: 3}
_MIN_PASSAGE_WORDS = 12
_MIN_REUSE_WORDS = 20
"""Words. Shorter shared passages are common phrases; fewer shared words are no reuse."""
_MIN_RELATED_CONTAINMENT = 0.3
"""Texts are related, even without a shared passage, if the longer has this share of the shorter."""

_MIN_COLUMN_CONTAINMENT = 0.5
"""Texts that share less are no copies anyway, so their numbers need not be compared."""

_MAX_SPANS = 20

_PACKAGE_MARK = re.compile(r"[\[<◀【]\s?(?:앵커(?: ?멘트)?|기자|리포트)\s?[\]>▶】]")
_PACKAGE_HEAD_CHARS = 600
_ONE_MINUTE = timedelta(minutes=1)


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
    def occurrences(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each of `shingles` first occurs, and the place in `shingles` of each occurrence.

        int64[shingles] and int64[shingle_sequence].
        """
        places = np.searchsorted(self.shingles, self.shingle_sequence)
        firsts = np.empty(len(self.shingles), np.int64)
        firsts[places[::-1]] = np.arange(len(places))[::-1]  # of equal places, the last one stays
        return firsts, places

    @cached_property
    def number_shingles(self) -> NDArray[np.uint64]:
        """Hashes of the shingles with a number, in text order."""
        normal = self.normal
        firsts = normal.letters
        if normal.script is Script.WORDS:
            firsts = firsts[normal.word_starts]
        is_number = (firsts >= ord("0")) & (firsts <= ord("9"))
        counts = np.concatenate([[0], np.cumsum(is_number)])
        has_number = counts[self.shingle_size :] > counts[: -self.shingle_size]
        return self.shingle_sequence[has_number]

    @property
    def is_distinctive(self) -> bool:
        """Whether the text is long enough to be known by its words alone."""
        return len(self.shingles) >= MIN_DISTINCTIVE_SHINGLES

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


@dataclass(frozen=True)
class Overlap:
    """What two texts share. `in_a`, `in_b`: where the common ones are among the `shingles` of each."""

    a: Prepared
    b: Prepared
    in_a: NDArray[np.int64]
    in_b: NDArray[np.int64]

    @staticmethod
    def of(a: Prepared, b: Prepared) -> "Overlap":
        """Compares the shingles of two texts in the same script, which both have some."""
        return Overlap(a, b, *find_common(a.shingles, b.shingles))

    @property
    def count(self) -> int:
        """How many distinct shingles are in both."""
        return len(self.in_a)

    def find_passages(self, min_units: int) -> list[Passage]:
        """Returns the shared passages of at least `min_units` units, longest first."""
        places_in_b = np.full(len(self.a.shingles), -1)
        places_in_b[self.in_a] = self.in_b
        return find_passages(
            places_in_b[self.a.occurrences[1]],
            self.b.occurrences[0],
            size=self.a.shingle_size,
            min_units=min_units,
        )

    def coverages(self) -> tuple[float, float]:
        """Returns which share of each text lies in shared shingles, 0 to 1."""
        return _coverage(self.a, self.in_a), _coverage(self.b, self.in_b)


def _coverage(text: Prepared, shared: NDArray[np.int64]) -> float:
    is_shared = np.zeros(len(text.shingles), np.bool_)
    is_shared[shared] = True
    return coverage(is_shared[text.occurrences[1]], text.shingle_size)


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
    shingle_sequence = shingle_hashes(normal, SHINGLE_SIZE[normal.script], _KEY)
    return Prepared(normal, shingle_sequence, sorted_unique(shingle_sequence))


def compare_documents(a: Document, b: Document, *, with_spans: bool = True) -> Relation | None:
    """Returns the relation of two documents; None if they share too little.

    The result is the same for (a, b) and (b, a): its `a` is the lower id. `with_spans`: whether the
    relation says where the shared passages are; to find them is a quarter of the work.
    """
    if a.id > b.id:
        a, b = b, a
    prepared_a, prepared_b = prepare(a), prepare(b)
    if not are_comparable(prepared_a, prepared_b):
        return None
    if prepared_a.is_distinctive and (
        prepared_a.normal.comparison_key == prepared_b.normal.comparison_key
    ):
        return make_identical_relation(a, b)
    overlap = Overlap.of(prepared_a, prepared_b)
    if overlap.count <= _max_unrelated_shingles(prepared_a, prepared_b):
        return None
    measured = _measure(a, b, overlap)
    verdict = classify_pair(measured)
    passages = _passages(overlap) if with_spans or verdict is None else []
    if (
        verdict is None
        and _count_passage_words(passages, prepared_a) < _MIN_REUSE_WORDS
        and measured.shorter_containment < _MIN_RELATED_CONTAINMENT
    ):
        return None
    return Relation(
        a=a.id,
        b=b.id,
        kind=verdict.kind if verdict else RelationKind.EXCERPT,
        merges=verdict is not None,
        jaccard=measured.jaccard,
        containment_ab=measured.containment_ab,
        containment_ba=measured.containment_ba,
        reason=verdict.reason if verdict else _format_reuse_reason(passages, prepared_a, measured),
        source=choose_source_id(a, b),
        spans=tuple(
            to_span(each, prepared_a.normal, prepared_b.normal)
            for each in passages[: _MAX_SPANS if with_spans else 0]
        ),
    )


def have_same_words(a: Document, b: Document) -> bool:
    """Returns whether two texts are equal word by word; equal hashes of them prove nothing."""
    return prepare(a).normal.comparison_key == prepare(b).normal.comparison_key


def make_identical_relation(a: Document | Member, b: Document | Member) -> Relation:
    """Returns the relation of two documents with the same normalised text."""
    smaller_id, larger_id = sorted((a.id, b.id))
    return Relation(
        a=smaller_id,
        b=larger_id,
        kind=RelationKind.IDENTICAL,
        merges=True,
        jaccard=1.0,
        containment_ab=1.0,
        containment_ba=1.0,
        reason="the same words",
        source=choose_source_id(a, b),
    )


def are_comparable(a: Prepared, b: Prepared) -> bool:
    """Returns whether both texts are long enough and are cut into the same units."""
    long_enough = min(len(a.shingles), len(b.shingles)) >= MIN_SHINGLES
    return long_enough and a.normal.script is b.normal.script


def _max_unrelated_shingles(a: Prepared, b: Prepared) -> int:
    """Returns how many shingles unrelated texts may share: those of a short phrase."""
    in_phrase = _MIN_PASSAGE_WORDS * a.per_word - a.shingle_size
    return min(in_phrase, min(len(a.shingles), len(b.shingles)) // 2)


def measure_pair(a: Document, b: Document) -> PairMeasurements:
    """Measures two comparable texts.

    Raises ZeroDivisionError if either text has no shingles: check `are_comparable` first.
    """
    return _measure(a, b, Overlap.of(prepare(a), prepare(b)))


def _measure(a: Document, b: Document, overlap: Overlap) -> PairMeasurements:
    prepared_a, prepared_b, shared_count = overlap.a, overlap.b, overlap.count
    same_outlet = bool(a.outlet) and a.outlet == b.outlet
    coverage_a, coverage_b = overlap.coverages() if same_outlet else (0.0, 0.0)
    gap_days = days_apart(a, b)
    return PairMeasurements(
        jaccard=shared_count / (len(prepared_a.shingles) + len(prepared_b.shingles) - shared_count),
        containment_ab=shared_count / len(prepared_a.shingles),
        containment_ba=shared_count / len(prepared_b.shingles),
        coverage_a=coverage_a,
        coverage_b=coverage_b,
        words_a=prepared_a.word_count,
        words_b=prepared_b.word_count,
        publication_gap_days=gap_days,
        same_outlet=same_outlet,
        headline_similarity=headline.similarity(a.title, b.title),
        opening_containment=_opening_containment(prepared_a, prepared_b),
        are_distinctive=prepared_a.is_distinctive and prepared_b.is_distinctive,
        have_headlines=bool(a.title and b.title),
        is_one_package=same_outlet and is_package(a.text) is not is_package(b.text),
        kept_numbers=_kept_numbers(prepared_a, prepared_b, shared_count, gap_days),
        captions=prepared_a.normal.is_caption + prepared_b.normal.is_caption,
        is_same_minute=same_outlet and _are_of_one_minute(a, b),
    )


def _are_of_one_minute(a: Document, b: Document) -> bool:
    """Returns whether both were published within a minute; a full hour may be a mere date."""
    times = [each.published_at for each in (a, b) if each.published_at]
    is_exact = len(times) == 2 and any(time.minute or time.second for time in times)
    return is_exact and abs(times[0] - times[1]) <= _ONE_MINUTE


def _opening_containment(a: Prepared, b: Prepared) -> float:
    if min(a.word_count, b.word_count) >= MAX_SHORT_WORDS:
        return 1.0
    if len(a.shingles) != len(b.shingles):
        return _kept_opening(*sorted((a, b), key=lambda each: len(each.shingles)))
    return max(_kept_opening(a, b), _kept_opening(b, a))


def _kept_opening(text: Prepared, other: Prepared) -> float:
    opening = text.shingle_sequence[: max(6, len(text.shingle_sequence) // 4)]
    return float(np.count_nonzero(isin_sorted(opening, other.shingles)) / len(opening))


def is_package(text: str) -> bool:
    """Returns whether a text is a broadcaster's package: an anchor hands over to a reporter."""
    return bool(_PACKAGE_MARK.search(text, 0, _PACKAGE_HEAD_CHARS))


def _kept_numbers(
    a: Prepared, b: Prepared, shared_count: int, gap_days: float | None
) -> float | None:
    if gap_days is None or gap_days < MIN_COLUMN_DAYS:
        return None
    if shared_count < _MIN_COLUMN_CONTAINMENT * min(len(a.shingles), len(b.shingles)):
        return None
    fewer, more = sorted((a, b), key=lambda each: len(each.number_shingles))
    if len(fewer.number_shingles) < MIN_COLUMN_NUMBERS * fewer.shingle_size:
        return None
    return float(isin_sorted(fewer.number_shingles, more.shingles).mean())


def choose_source_id(a: Document | Member, b: Document | Member) -> int:
    """Returns the id of the earlier document, by rank, else by time; 0 if neither decides."""
    if a.rank != b.rank and min(a.rank, b.rank) <= 1:
        return a.id if a.rank < b.rank else b.id
    for time_a, time_b in ((a.published_at, b.published_at), (a.first_seen_at, b.first_seen_at)):
        if time_a and time_b and time_a != time_b:
            return a.id if time_a < time_b else b.id
    return 0


def days_apart(a: Document, b: Document) -> float | None:
    """Returns the days between the publications of two documents; None if one date is unknown.

    The time of first sight does not count: for imported files it is the time of the import.
    """
    time_a, time_b = a.published_at, b.published_at
    return abs((time_a - time_b).total_seconds()) / 86400 if time_a and time_b else None


def _passages(overlap: Overlap) -> list[Passage]:
    return overlap.find_passages(_MIN_PASSAGE_WORDS * overlap.a.per_word)


def _count_passage_words(passages: list[Passage], prepared: Prepared) -> int:
    return sum(each.length for each in passages) // prepared.per_word


def _format_reuse_reason(
    passages: list[Passage], prepared: Prepared, measured: PairMeasurements
) -> str:
    if not passages:
        return f"{measured.shorter_containment:.0%} of the shorter text is in the longer, in small pieces"
    words = _count_passage_words(passages, prepared)
    if len(passages) == 1:
        return f"1 passage of {words} words is in both"
    return f"{len(passages)} passages with {words} words in total are in both"
