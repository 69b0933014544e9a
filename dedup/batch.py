"""A whole corpus at once, without a database: the same stories as placing one article at a time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from dedup.bulk import Bulk
from dedup.features import features_many
from dedup.records import Decision, Document, Relation, Story
from dedup.reports import Report, reports
from dedup.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Clustering:
    """Stories (of one member too), relations, and the reports that several or single ones carry."""

    stories: list[Story]
    relations: list[Relation]
    reported: list[Report] = field(default_factory=list)

    @property
    def reports(self) -> list[tuple[int, ...]]:
        """The members of each report."""
        return [report.members for report in self.reported]


@dataclass(frozen=True, slots=True)
class _Held:
    """Documents in memory, as a source."""

    held: Mapping[int, Document]

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        return {i: self.held[i] for i in ids if i in self.held}

    heads = documents


def cluster(
    documents: Iterable[Document], scheme: Scheme, decisions: Iterable[Decision] = ()
) -> Clustering:
    """The stories and reports of these documents, whatever their order.

    The same stories as placing them one at a time by their ids. Raises ValueError if two documents
    have the same id. Texts are held in memory, and some 1.5 kB a document besides.
    """
    held = sorted(documents, key=lambda document: document.id)
    if len({document.id for document in held}) < len(held):
        raise ValueError("two documents have the same id")
    source = _Held({document.id: document for document in held})
    stories: list[Story] = []
    relations: list[Relation] = []
    with TemporaryDirectory(prefix="nkwire-") as folder:
        bulk = Bulk(source, scheme, Path(folder), decisions)
        for document, found in zip(held, features_many(held, scheme), strict=True):
            bulk.add(document.id, found)
        for part in bulk.work_out():
            stories += part.stories
            relations += part.relations
    stories.sort(key=lambda story: source.held[story.lead].uid)
    reported = reports(held, stories)
    return Clustering(stories, [*relations, *reported.relations], reported.reports)
