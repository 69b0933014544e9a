"""Two texts, compared exactly and in both directions: how much of each is in the other, and what
that makes them. Estimates only choose who is compared; nothing merges on an estimate.
"""

import secrets
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.features import MIN_SHINGLES, shingle_hashes
from dedup.normalise import Normal, Script, normalise
from dedup.records import Document, Relation, RelationKind

_SHINGLE = {Script.WORDS: 3, Script.SYLLABLES: 5}
# Nothing hashed with it is kept, so nobody can build texts whose shingles collide.
_KEY = secrets.randbits(63)


@dataclass(frozen=True)
class Prepared:
    """A document made ready to be compared with many."""

    normal: Normal
    shingles: NDArray[np.uint64]  # distinct, sorted

    @property
    def comparable(self) -> bool:
        return len(self.shingles) >= MIN_SHINGLES


@lru_cache(maxsize=1024)
def _prepare(text: str, title: str) -> Prepared:
    normal = normalise(text, title)
    return Prepared(normal, np.unique(shingle_hashes(normal, _SHINGLE[normal.script], _KEY)))


def prepare(document: Document) -> Prepared:
    """The document's words and shingles; remembered for the last thousand texts."""
    return _prepare(document.text, document.title)


def compare(a: Document, b: Document) -> Relation | None:
    """What the texts of two documents are to each other; None if they share nothing that counts.

    The answer is the same for (a, b) and (b, a): its `a` is the lower id.
    """
    if a.id > b.id:
        a, b = b, a
    one, two = prepare(a), prepare(b)
    if not (one.comparable and two.comparable) or one.normal.script is not two.normal.script:
        return None
    if one.normal.joined == two.normal.joined:
        return Relation(a.id, b.id, RelationKind.IDENTICAL, True, 1.0, 1.0, 1.0, "the same words")
    shared = len(np.intersect1d(one.shingles, two.shingles, assume_unique=True))
    jaccard = shared / (len(one.shingles) + len(two.shingles) - shared)
    ab, ba = shared / len(one.shingles), shared / len(two.shingles)
    verdict = _judge(jaccard, ab, ba)
    if verdict is None:
        return None
    kind, merges, reason = verdict
    return Relation(a.id, b.id, kind, merges, jaccard, ab, ba, reason)


def _judge(jaccard: float, ab: float, ba: float) -> tuple[RelationKind, bool, str] | None:
    contained = max(ab, ba)
    if jaccard >= 0.7:
        return RelationKind.COPY, True, f"{jaccard:.0%} of all shingles are in both"
    if jaccard >= 0.15 and contained >= 0.6:
        return RelationKind.EDITED, True, f"{contained:.0%} of the shorter is in the longer"
    if contained >= 0.1:
        return RelationKind.EXCERPT, False, f"{contained:.0%} of the shorter is in the longer"
    return None
