"""A whole corpus at once, without a database: the same stories as placing one article at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dedup.features import features
from dedup.memory import MemoryIndex
from dedup.place import place
from dedup.records import Document, Relation, Story
from dedup.reports import Report, reports
from dedup.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Clustering:
    """Stories (of one member too), relations, and reports as tuples of document ids."""

    stories: list[Story]
    relations: list[Relation]
    reported: list[Report] = field(default_factory=list)

    @property
    def reports(self) -> list[tuple[int, ...]]:
        """The members of each report."""
        return [report.members for report in self.reported]


def cluster(documents: Iterable[Document], scheme: Scheme) -> Clustering:
    """The stories of these documents. Ids must be distinct."""
    index = MemoryIndex(scheme)
    held = []
    for document in documents:
        place(index, document, features(document, scheme))
        held.append(document)
    found = index.stories
    reported = reports(held, found)
    relations = index.relations([document.id for document in held])
    return Clustering(found, [*relations, *reported.relations], reported.reports)
