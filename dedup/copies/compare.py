"""Two texts, compared exactly and in both directions: how much of each is in the other, where, and
what that makes them. Estimates only choose who is compared; nothing merges on an estimate.
"""

import secrets
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.copies.verdict import Evidence, judge
from dedup.records import Document, Member, Relation, RelationKind
from dedup.text import headline
from dedup.text.normalise import REMEMBERED, Normal, Script, recent
from dedup.text.passages import Passage, covered, is_in, passages, to_span
from dedup.text.shingles import MIN_SHINGLES, SHINGLE, distinct, shingle_hashes

# Nothing hashed with it is kept, so nobody can build texts whose shingles collide.
_KEY = secrets.randbits(63)
_PER_WORD = {Script.WORDS: 1, Script.SYLLABLES: 3}
_LEAST_PASSAGE = 12
_LEAST_REUSE = 20
"""Words: shorter shared passages are phrases, fewer shared words no reuse."""
_KINDRED = 0.3
"""Share of the shorter text from which two are related even if no passage is whole."""

_MOST_SPANS = 20


@dataclass(frozen=True)
class Prepared:
    """A text made ready to be compared with many.

    `runs`: a hash of each run of words, in order; `shingles`: the distinct ones, sorted.
    """

    normal: Normal
    runs: NDArray[np.uint64]
    shingles: NDArray[np.uint64]

    @cached_property
    def firsts(self) -> NDArray[np.int64]:
        """Where in `runs` each shingle comes first."""
        order = np.argsort(self.runs, kind="stable")
        ordered = self.runs[order]
        new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        firsts: NDArray[np.int64] = order[new]
        return firsts

    @property
    def size(self) -> int:
        """Units of a run."""
        return SHINGLE[self.normal.script]

    @property
    def per_word(self) -> int:
        """Units of an average word."""
        return _PER_WORD[self.normal.script]

    @property
    def words(self) -> float:
        return self.normal.units / self.per_word


def prepare(document: Document) -> Prepared:
    """The document's text ready to be compared; the last few hundred texts are remembered."""
    if len(document.text) > REMEMBERED:
        return _prepare(document.text, document.title)
    return _remember(document.text, document.title)


@lru_cache(maxsize=256)
def _remember(text: str, title: str) -> Prepared:
    return _prepare(text, title)


def _prepare(text: str, title: str) -> Prepared:
    normal = recent(text, title)
    runs = shingle_hashes(normal, SHINGLE[normal.script], _KEY)
    return Prepared(normal, runs, distinct(runs))


def compare(a: Document, b: Document) -> Relation | None:
    """What the texts of two documents are to each other; None if they share nothing that counts.

    The answer is the same for (a, b) and (b, a): its `a` is the lower id.
    """
    if a.id > b.id:
        a, b = b, a
    one, two = prepare(a), prepare(b)
    if not comparable(one, two):
        return None
    if one.normal.joined == two.normal.joined:
        return identical(a, b)
    if _shared(one, two) <= _LEAST_PASSAGE * one.per_word - one.size:
        return None
    found = measure(a, b)
    verdict = judge(found)
    shared = _passages(one, two)
    if verdict is None and _words(shared, one) < _LEAST_REUSE and found.contained < _KINDRED:
        return None
    return Relation(
        a=a.id,
        b=b.id,
        kind=verdict.kind if verdict else RelationKind.EXCERPT,
        merges=verdict is not None,
        jaccard=found.jaccard,
        containment_ab=found.ab,
        containment_ba=found.ba,
        reason=verdict.reason if verdict else _reuse(shared, one, found),
        source=earlier(a, b),
        spans=tuple(to_span(each, one.normal, two.normal) for each in shared[:_MOST_SPANS]),
    )


def identical(a: Document | Member, b: Document | Member) -> Relation:
    """The relation of two prints of the same words."""
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
        source=earlier(a, b),
    )


def comparable(one: Prepared, two: Prepared) -> bool:
    """Whether two texts are long enough and of one script."""
    long_enough = min(len(one.shingles), len(two.shingles)) >= MIN_SHINGLES
    return long_enough and one.normal.script is two.normal.script


def measure(a: Document, b: Document) -> Evidence:
    """All that counts about two comparable texts; what is covered only for those of one outlet."""
    one, two = prepare(a), prepare(b)
    shared = _shared(one, two)
    same_outlet = bool(a.outlet) and a.outlet == b.outlet
    return Evidence(
        jaccard=shared / (len(one.shingles) + len(two.shingles) - shared),
        ab=shared / len(one.shingles),
        ba=shared / len(two.shingles),
        covered_a=_covered(one, two) if same_outlet else 0.0,
        covered_b=_covered(two, one) if same_outlet else 0.0,
        words_a=one.words,
        words_b=two.words,
        days=days_apart(a, b),
        same_outlet=same_outlet,
        headline=headline.similarity(a.title, b.title),
    )


def earlier(a: Document | Member, b: Document | Member) -> int:
    """The id of the one that is nearer the source: by rank, else by time; 0 if nothing tells."""
    if a.rank != b.rank and min(a.rank, b.rank) <= 1:
        return a.id if a.rank < b.rank else b.id
    for one, two in ((a.published_at, b.published_at), (a.first_seen_at, b.first_seen_at)):
        if one and two and one != two:
            return a.id if one < two else b.id
    return 0


def days_apart(a: Document, b: Document) -> float | None:
    """Days between publication of two documents; None if that of one is unknown.

    First sight does not count: it tells when a file was imported as well as when a page appeared.
    """
    one, two = a.published_at, b.published_at
    return abs((one - two).total_seconds()) / 86400 if one and two else None


def _shared(one: Prepared, two: Prepared) -> int:
    small, large = sorted((one.shingles, two.shingles), key=len)
    return int(np.count_nonzero(is_in(small, large)))


def _covered(one: Prepared, two: Prepared) -> float:
    return covered(is_in(one.runs, two.shingles), one.size)


def _passages(one: Prepared, two: Prepared) -> list[Passage]:
    return passages(
        one.runs, two.shingles, two.firsts, size=one.size, least=_LEAST_PASSAGE * one.per_word
    )


def _words(shared: list[Passage], one: Prepared) -> int:
    return sum(each.length for each in shared) // one.per_word


def _reuse(shared: list[Passage], one: Prepared, found: Evidence) -> str:
    if not shared:
        return f"{found.contained:.0%} of the shorter text is in the longer, in small pieces"
    return f"{len(shared)} passages of together {_words(shared, one)} words are in both"
