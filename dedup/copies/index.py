"""Protocols of the index that placing an article needs.

`dedup.copies.memory_index.MemoryIndex` keeps the index in dictionaries, `storage` keeps it in
tables. Both follow the same rules, so `nkwire cluster` and a database find the same stories. All
calls for one article must happen in one transaction without other writers, because
`dedup.copies.placement` reads first and then writes what follows from it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import Protocol

from dedup.records import Decision, Document, Features, Member, Relation, Story
from dedup.signature.scheme import Scheme


class Graph(Protocol):
    """Documents with their relations, decisions and stories."""

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        """Returns the documents with these ids; unknown ids are left out."""

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        """Returns the documents with these ids without their texts; unknown ids are left out."""

    def replace_relations(self, document_id: int, relations: Iterable[Relation]) -> None:
        """Replaces all relations of this document."""

    def relations(self, ids: Collection[int]) -> Sequence[Relation]:
        """Returns all relations with at least one of these ids."""

    def amend_relations(self, changed: Iterable[Relation], dropped: Iterable[Relation]) -> None:
        """Replaces the relations of single pairs, and removes others."""

    def has_large_story(self, ids: Collection[int], limit: int) -> bool:
        """Returns whether the story of any of these documents has more members than `limit`."""

    def decisions(self, ids: Collection[int]) -> Sequence[Decision]:
        """Returns all decisions with at least one of these ids."""

    def lead_of(self, document_id: int) -> int | None:
        """Returns the lead document of the story of this document; None if it has no story."""

    def join_story(self, document_id: int, peer: int, lead: int) -> None:
        """Moves a document into the story of `peer` and makes `lead` the story's lead document.

        This is the fast path for a further duplicate. Its cost does not grow with the size of the
        story.
        """

    def assign_stories(self, stories: Sequence[Story]) -> None:
        """Assigns documents to these stories; a document alone is a story of one member.

        Story ids are stable. The ids of the members' former stories are passed on, oldest first:
        each to the story with its lead document, else to the one with most of its members. Ids that
        are left over become redirects.
        """


class Index(Graph, Protocol):
    """A graph whose documents can be found by band, fingerprint and text hash."""

    scheme: Scheme
    keeps_spans: bool
    """Whether stored relations say where the shared passages are; else they are computed again."""

    def candidates(self, document_id: int, features: Features) -> Sequence[int]:
        """Returns ids of other documents that may have the same text, best first.

        A document is a hit for every band and every fingerprint that it shares with `features`. It
        is a candidate if it shares a band or at least `Scheme.min_fingerprints` fingerprints.

        A key (band or fingerprint) is *hot* if more than `Scheme.hot_key` other documents hold it.
        Of its holders, only the first `Scheme.hot_sample` (lowest ids) are hits. So an index may
        stop storing postings of a key beyond `hot_key + 1`, which bounds disk space and look-up
        time.

        Of the documents with the same non-empty text hash, only the first `Scheme.prints` (lowest
        ids) are returned, next to each other. Duplicates of the queried text come first. The other
        texts follow by number of hits, most first, then by lowest id; there are at most
        `Scheme.max_candidates` of them. `rank_candidates` in this module implements this order.

        Raises `dedup.signature.scheme.SchemeMismatch` if the features have another scheme.
        """

    def put(self, document: Document, features: Features) -> None:
        """Inserts a document and its features; replaces them if the id is known."""

    def remove(self, document_id: int) -> None:
        """Removes a document with its features, relations and story membership; decisions stay."""


def rank_candidates(
    hits: Mapping[int, tuple[int, bytes]], text_hash: bytes, scheme: Scheme
) -> list[int]:
    """Returns candidates in order. `hits`: document -> number of hits and text hash."""
    groups: dict[bytes | int, list[int]] = {}  # those of one text, by its hash if it is long enough
    for document in sorted(hits):
        groups.setdefault(hits[document][1] or document, []).append(document)
    duplicates = groups.pop(text_hash, []) if text_hash else []
    ranked = nsmallest(
        scheme.max_candidates,
        (
            (-max(hits[each][0] for each in group[: scheme.prints]), group[0], group)
            if len(group) > 1
            else (-hits[group[0]][0], group[0], group)
            for group in groups.values()
        ),
    )
    return [
        *duplicates[: scheme.prints],
        *(document for *_, group in ranked for document in group[: scheme.prints]),
    ]
