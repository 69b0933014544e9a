"""Two texts, compared exactly and in both directions: how much of each is in the other, where, and
what that makes them. Estimates only choose who is compared; nothing merges on an estimate.
"""

import secrets
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup import headline
from dedup.features import MIN_SHINGLES, SHINGLE, shingle_hashes
from dedup.normalise import Normal, Script, normalise
from dedup.passages import Passage, covered, passages, to_span
from dedup.records import Document, Relation, RelationKind
from dedup.verdict import Evidence, judge

# Nothing hashed with it is kept, so nobody can build texts whose shingles collide.
_KEY = secrets.randbits(63)
_PER_WORD = {Script.WORDS: 1, Script.SYLLABLES: 3}
_LEAST_PASSAGE = 12
_LEAST_REUSE = 20
"""Words: shorter shared passages are phrases, fewer shared words no reuse."""
_MOST_SPANS = 20


@dataclass(frozen=True)
class Prepared:
    """A text made ready to be compared with many. `shingles`: distinct, sorted; `runs`: in order."""

    normal: Normal
    runs: NDArray[np.uint64]
    shingles: NDArray[np.uint64]

    @property
    def comparable(self) -> bool:
        return len(self.shingles) >= MIN_SHINGLES

    @property
    def words(self) -> float:
        return self.normal.units / _PER_WORD[self.normal.script]


def prepare(document: Document) -> Prepared:
    """The document's text ready to be compared; the last thousand texts are remembered."""
    return _prepare(document.text, document.title)


@lru_cache(maxsize=1024)
def _prepare(text: str, title: str) -> Prepared:
    normal = normalise(text, title)
    runs = shingle_hashes(normal, SHINGLE[normal.script], _KEY)
    return Prepared(normal, runs, np.unique(runs))


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
        return Relation(
            *(a.id, b.id, RelationKind.IDENTICAL, True, 1.0, 1.0, 1.0, "the same words"),
            source=earlier(a, b),
        )
    found = measure(a, b)
    verdict = judge(found)
    size = SHINGLE[one.normal.script]
    shared = passages(one.runs, two.runs, size, _LEAST_PASSAGE * _PER_WORD[one.normal.script])
    if verdict is None and not _is_reuse(shared, one):
        return None
    return Relation(
        a=a.id,
        b=b.id,
        kind=verdict.kind if verdict else RelationKind.EXCERPT,
        merges=verdict is not None,
        jaccard=found.jaccard,
        containment_ab=found.ab,
        containment_ba=found.ba,
        reason=verdict.reason if verdict else _reuse(shared, one),
        source=earlier(a, b),
        spans=tuple(to_span(each, one.normal, two.normal) for each in shared[:_MOST_SPANS]),
    )


def comparable(one: Prepared, two: Prepared) -> bool:
    """Whether two texts are long enough and of one script."""
    return one.comparable and two.comparable and one.normal.script is two.normal.script


def measure(a: Document, b: Document) -> Evidence:
    """All that counts about two comparable texts."""
    one, two = prepare(a), prepare(b)
    size = SHINGLE[one.normal.script]
    shared = np.intersect1d(one.shingles, two.shingles, assume_unique=True)
    return Evidence(
        jaccard=len(shared) / (len(one.shingles) + len(two.shingles) - len(shared)),
        ab=len(shared) / len(one.shingles),
        ba=len(shared) / len(two.shingles),
        covered_a=covered(np.isin(one.runs, shared), size),
        covered_b=covered(np.isin(two.runs, shared), size),
        words_a=one.words,
        words_b=two.words,
        days=_days(a, b),
        same_outlet=bool(a.outlet) and a.outlet == b.outlet,
        headline=headline.similarity(a.title, b.title),
    )


def earlier(a: Document, b: Document) -> int:
    """The id of the one that is nearer the source: by rank, else by time; 0 if nothing tells."""
    if a.rank != b.rank and min(a.rank, b.rank) <= 1:
        return a.id if a.rank < b.rank else b.id
    for one, two in (
        (a.published_at, b.published_at),
        (a.first_seen_at, b.first_seen_at),
    ):
        if one and two and one != two:
            return a.id if one < two else b.id
    return 0


def _days(a: Document, b: Document) -> float | None:
    one, two = a.published_at or a.first_seen_at, b.published_at or b.first_seen_at
    return abs((one - two).total_seconds()) / 86400 if one and two else None


def _words(shared: list[Passage], one: Prepared) -> int:
    return sum(each.length for each in shared) // _PER_WORD[one.normal.script]


def _is_reuse(shared: list[Passage], one: Prepared) -> bool:
    return _words(shared, one) >= _LEAST_REUSE


def _reuse(shared: list[Passage], one: Prepared) -> str:
    return f"{len(shared)} passages of together {_words(shared, one)} words are in both"
