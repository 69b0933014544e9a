"""The index that placing an article needs, stated as a Protocol.

`dedup.copies.memory_index.MemoryIndex` keeps it in dictionaries; `storage` keeps it in tables. Both obey the same
rules, so `nkwire cluster` and a database tell the same stories. All calls for one article happen in
one transaction that no other writer is inside of (`dedup.copies.placement` reads, then writes what follows from
what it read).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from dedup.records import Decision, Document, Features, Member, Relation, Story
from dedup.signature.scheme import Scheme


class Graph(Protocol):
    """Documents with the relations, decisions and stories that they are in."""

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        """The documents of these ids; unknown ids are left out."""

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        """The documents of these ids without their words; unknown ids are left out."""

    def replace_relations(self, document_id: int, relations: Iterable[Relation]) -> None:
        """Replace all relations that touch this document."""

    def relations(self, ids: Collection[int]) -> Sequence[Relation]:
        """All relations of which either end is one of these ids."""

    def decisions(self, ids: Collection[int]) -> Sequence[Decision]:
        """All decisions of which either end is one of these ids."""

    def lead_of(self, document_id: int) -> int | None:
        """The lead document of the story that this document is in, None if it is in none."""

    def join_story(self, document_id: int, peer: int, lead: int) -> None:
        """Put a document into the story of `peer`, whose lead document is now `lead`.

        The short way for one more print of a text that is already there: costs the same however many
        members the story has.
        """

    def assign_stories(self, stories: Sequence[Story]) -> None:
        """Make these the stories of their members; a document alone is a story of one.

        Ids of stories stay stable: of the stories that the members come from, the oldest id goes to
        the story with its lead document, else to the one with most of its members; ids that are left
        over become redirects.
        """


class Index(Graph, Protocol):
    """Documents with their features too, found again by band, fingerprint and text hash."""

    scheme: Scheme

    def candidates(self, document_id: int, features: Features) -> Sequence[int]:
        """Ids of other documents that may hold the same words, best first.

        A document is a hit for every band and every fingerprint it shares with `features`, and
        counts if it shares a band or at least `Scheme.min_fingerprints` fingerprints.

        A key (band or fingerprint) that more than `Scheme.hot_key` other documents hold is *hot*: of
        its holders only the first `Scheme.hot_sample` (lowest id) are hits. So an index may stop
        storing postings of a key beyond `hot_key + 1`, which bounds disk and look-up alike.

        Of the documents that share a non-empty text hash only the first `Scheme.prints` (lowest id)
        are given, next to each other. The prints of the text asked about come first, then the other
        texts by number of hits, most first, then by lowest id; at most `Scheme.max_candidates`
        texts besides one's own. `rank_candidates` in this module puts hits into this order.

        Features of another scheme never match: raises `dedup.signature.scheme.SchemeMismatch`.
        """

    def put(self, document: Document, features: Features) -> None:
        """Insert a document's features, or replace them if the id is known."""

    def remove(self, document_id: int) -> None:
        """Forget features, relations and story membership of a document. Its decisions stay."""


def rank_candidates(
    hits: Mapping[int, tuple[int, bytes]], text_hash: bytes, scheme: Scheme
) -> list[int]:
    """The order of candidates. `hits`: document -> number of hits and text hash."""
    texts: dict[bytes, list[int]] = {}
    for document in sorted(hits):
        texts.setdefault(hits[document][1] or document.to_bytes(8), []).append(document)
    own = texts.pop(text_hash, []) if text_hash else []
    others = sorted(
        (prints[: scheme.prints] for prints in texts.values()),
        key=lambda prints: (-max(hits[document][0] for document in prints), prints[0]),
    )
    return [
        *own[: scheme.prints],
        *(document for prints in others[: scheme.max_candidates] for document in prints),
    ]
