"""Input and output records of deduplication. Plain values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class RelationKind(StrEnum):
    """The labels of an edge between two articles, strongest first."""

    IDENTICAL = "identical"
    COPY = "copy"
    EDITED = "edited"
    EXCERPT = "excerpt"
    DERIVED = "derived"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class Document:
    """One article as deduplication sees it.

    `uid` identifies the article in every database (outlet and key, or canonical URL). All ties are
    broken by it, so results do not depend on the order of arrival. `rank`: how close the outlet is
    to the origin of the text (0 the agency itself, 1 a wire, 9 any other outlet). Times are
    timezone-aware.
    """

    id: int
    uid: str
    title: str
    text: str
    language: str = ""
    outlet: str = ""
    published_at: datetime | None = None
    first_seen_at: datetime | None = None
    rank: int = 9


@dataclass(frozen=True, slots=True)
class Member:
    """A document without title and text: what is needed to build stories.

    `text_hash` is `Features.text_hash`: documents that share a non-empty one have the same text.
    """

    id: int
    uid: str
    text_hash: bytes
    outlet: str = ""
    rank: int = 9
    published_at: datetime | None = None
    first_seen_at: datetime | None = None

    @classmethod
    def from_document(cls, document: Document, text_hash: bytes) -> "Member":
        """Returns the member record of a document."""
        return cls(
            id=document.id,
            uid=document.uid,
            text_hash=text_hash,
            outlet=document.outlet,
            rank=document.rank,
            published_at=document.published_at,
            first_seen_at=document.first_seen_at,
        )


@dataclass(frozen=True, slots=True)
class Features:
    """What is stored of a text so that copies of it can be found.

    `scheme`: `Scheme.name`. `text_hash`: 16 bytes, the hash of the normalised text, b"" if the text
    is too short. `shingles`: the number of distinct shingles. `signature`: uint32[permutations],
    the MinHash signature. `bands`: int64[bands], empty if the text is too short. `fingerprints`:
    int64[k], the winnowed shingle hashes.
    """

    scheme: str
    text_hash: bytes
    shingles: int
    signature: NDArray[np.uint32]
    bands: NDArray[np.int64]
    fingerprints: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Span:
    """A passage that two articles share: character offsets in each text, end exclusive."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A labelled edge between two articles, `a` < `b`. `merges`: whether it makes them one story.

    `containment_ab` is the share of the shingles of `a` that `b` has, 0 to 1. `source` is the id of
    the article that came first, 0 if unknown. `spans` are the shared passages, longest first. An
    index need not store them: `dedup.copies.compare.compare_documents` computes them again.
    """

    a: int
    b: int
    kind: RelationKind
    merges: bool
    jaccard: float
    containment_ab: float
    containment_ba: float
    reason: str
    source: int = 0
    spans: tuple[Span, ...] = ()


class DecisionVerb(StrEnum):
    """What a person decided about two articles."""

    MUST_LINK = "must-link"
    CANNOT_LINK = "cannot-link"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's must-link or cannot-link between two articles; it outlives every re-clustering."""

    a: int
    b: int
    verb: DecisionVerb


@dataclass(frozen=True, slots=True)
class Story:
    """A set of articles that are one text republished, and the id of its lead document."""

    members: tuple[int, ...]
    lead: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """The words that say whom an article cites.

    `start` and `end` are character offsets in `field`, end exclusive; `words` is the text between
    them.
    """

    agency: str  # "kcna", "rodong", "yonhap", ...
    kind: str  # "verb", "title-tag", "dateline", "photo-credit", "byline"
    field: str  # "title" or "text"
    start: int
    end: int
    words: str
