"""What deduplication knows of articles, and what it says of them. Plain values only."""

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

    `uid` is the same for the same article in every database (outlet and key or canonical URL); all
    ties are broken on it, so that results do not depend on the order of arrival. `rank`: how near the
    outlet stands to the source (0 the agency itself, 1 a wire, 9 anyone else).
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
    """What is asked of a stored document when stories are made: everything but its words.

    `text_hash` is `Features.text_hash`: documents that share a non-empty one are one text.
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
        """A document without its words."""
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
    """What is stored of a text so that it can be found again.

    `signature`: uint32[num_perm]; `bands`: int64[b] (empty: never a candidate); `fingerprints`:
    int64[k] winnowed shingle hashes. `text_hash`: 16 bytes of the normalised text, b"" if too short.
    """

    scheme: str
    text_hash: bytes
    shingles: int
    signature: NDArray[np.uint32]
    bands: NDArray[np.int64]
    fingerprints: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Span:
    """A passage that two articles share: character offsets in the text of each, end exclusive."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A labelled edge between two articles, `a` < `b`. `merges` says that it makes them one story.

    `containment_ab` is the share of a's shingles that b has. `source` is the id of the article that
    was there first, 0 if that is not known. `spans` are the shared passages, longest first; an index
    need not keep them, `dedup.copies.compare.compare_documents` finds them again.
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
    """A set of articles that are one text republished, with the member that stands for it."""

    members: tuple[int, ...]
    lead: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """The words that say whom an article cites. `start`, `end`: character offsets in `field`."""

    agency: str  # "kcna", "rodong", "yonhap", ...
    kind: str  # "verb", "title-tag", "dateline", "photo-credit", "byline"
    field: str  # "title" or "text"
    start: int
    end: int
    words: str
