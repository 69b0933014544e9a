"""A whole corpus at once, without a database: the same stories as placing one article at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dedup.features import features
from dedup.memory import MemoryIndex
from dedup.place import place
from dedup.records import Document, Relation, Story
from dedup.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Clustering:
    """Stories (of one member too), relations, and reports as tuples of document ids."""

    stories: list[Story]
    relations: list[Relation]
    reports: list[tuple[int, ...]] = field(default_factory=list)


def cluster(documents: Iterable[Document], scheme: Scheme) -> Clustering:
    """The stories of these documents. Ids must be distinct."""
    index = MemoryIndex(scheme)
    ids = []
    for document in documents:
        place(index, document, features(document, scheme))
        ids.append(document.id)
    return Clustering(index.stories, list(index.relations(ids)))
