"""The index that placing an article needs, stated as a Protocol.

`dedup.memory.MemoryIndex` keeps it in dictionaries; `storage` keeps it in tables. Both obey the same
rules, so `nkwire cluster` and a database tell the same stories.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from dedup.records import Decision, Document, Features, Relation, Story


class Index(Protocol):
    """Documents with their features and edges, found again by band, fingerprint and text hash."""

    def candidates(self, document_id: int, features: Features) -> Sequence[int]:
        """Ids of other documents that share the text hash, a band, or enough fingerprints.

        Bands and fingerprints held by more documents than `dedup.scheme` allows are passed over.
        """

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        """The documents of these ids; unknown ids are left out."""

    def put(self, document: Document, features: Features) -> None:
        """Insert or replace a document's features."""

    def relate(self, document_id: int, relations: Iterable[Relation]) -> None:
        """Replace all relations that touch this document."""

    def relations(self, ids: Collection[int]) -> Sequence[Relation]:
        """All relations of which either end is one of these ids."""

    def decisions(self, ids: Collection[int]) -> Sequence[Decision]:
        """All decisions of which either end is one of these ids."""

    def peers(self, ids: Collection[int]) -> Sequence[int]:
        """All members of the stories that these ids are in now."""

    def assign(self, stories: Sequence[Story]) -> None:
        """Make these the stories of their members; ids of stories stay stable (the oldest survives)."""
