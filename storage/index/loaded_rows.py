"""Remembers what a transaction read of the dedup index, so that no row is read twice.

The placement lock keeps other writers away, and `storage.index.sql_index.SqlIndex` records its own
changes here. So what is remembered equals what the tables hold. Pages of a flood have the same few
neighbours, whose rows would be read again for each of them.
"""

from collections.abc import Collection, Iterable

from dedup.records import Document, Member, Relation
from dedup.text.normalise import MAX_CACHED_CHARS

_MAX_DOCUMENTS = 256
_MAX_MEMBERS = _MAX_RELATED = 4_000
"""Bounds the memory: texts, rows without texts, and articles with their relations."""


class LoadedRows:
    """The documents, members and relations that a transaction has read, by article id."""

    def __init__(self) -> None:
        self.documents: dict[int, Document] = {}
        self.members: dict[int, Member] = {}
        self.relations: dict[int, dict[int, Relation]] = {}

    def clear(self) -> None:
        """Forgets everything, as after a savepoint was rolled back."""
        self.documents, self.members, self.relations = {}, {}, {}

    def forget_article(self, article_id: int) -> None:
        """Forgets the text and the times of an article that is placed anew or removed."""
        self.documents.pop(article_id, None)
        self.members.pop(article_id, None)

    def add_documents(self, documents: Iterable[Document]) -> None:
        """Remembers documents of an ordinary length; the oldest ones go."""
        for document in documents:
            if len(document.text) <= MAX_CACHED_CHARS:
                self.documents[document.id] = document
        while len(self.documents) > _MAX_DOCUMENTS:
            del self.documents[next(iter(self.documents))]

    def add_members(self, members: Iterable[Member]) -> None:
        """Remembers members; if they are too many, all others go."""
        if len(self.members) > _MAX_MEMBERS:
            self.members.clear()
        self.members.update((each.id, each) for each in members)

    def add_relations(self, ids: Collection[int], relations: Iterable[Relation]) -> None:
        """Remembers that these are all relations of these articles."""
        if len(self.relations) > _MAX_RELATED:
            self.relations.clear()
        for article_id in ids:
            self.relations[article_id] = {}
        for edge in relations:
            self.put_relation(edge)

    def put_relation(self, edge: Relation) -> None:
        """Records a stored relation with those of its ends that are remembered."""
        for end, other in ((edge.a, edge.b), (edge.b, edge.a)):
            if end in self.relations:
                self.relations[end][other] = edge

    def drop_relation(self, a: int, b: int) -> None:
        """Records that the relation of two articles is gone."""
        for end, other in ((a, b), (b, a)):
            self.relations.get(end, {}).pop(other, None)

    def drop_relations(self, article_id: int, *, is_new: bool) -> None:
        """Records that an article has no relations any more. `is_new`: it never had any."""
        if article_id in self.relations:
            holders = [
                self.relations[each]
                for each in self.relations[article_id].keys() & self.relations.keys()
            ]
        else:
            holders = [] if is_new else list(self.relations.values())
        for edges in holders:
            edges.pop(article_id, None)
        self.relations[article_id] = {}
