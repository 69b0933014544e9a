"""A whole corpus at once, without a database: the same stories as placing one article at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dedup.bulk import candidates
from dedup.compare import identical
from dedup.features import features_many
from dedup.memory import MemoryIndex
from dedup.place import BULK, component_of, place, recompute, relate
from dedup.records import Document, Features, Relation, Story
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


def cluster(documents: Iterable[Document], scheme: Scheme) -> Clustering:
    """The stories and reports of these documents, whatever their order.

    The same stories as placing them one at a time by their ids. Raises ValueError if two documents
    have the same id. Texts are held in memory, and some 1.5 kB a document besides.
    """
    held = sorted(documents, key=lambda document: document.id)
    if len({document.id for document in held}) < len(held):
        raise ValueError("two documents have the same id")
    found = list(features_many(held, scheme))
    index = related(held, found, scheme)
    _settle(index, held, found)
    ids = [document.id for document in held]
    reported = reports(held, index.stories)
    return Clustering(index.stories, [*index.relations(ids), *reported.relations], reported.reports)


def related(
    documents: Sequence[Document], found: Sequence[Features], scheme: Scheme
) -> MemoryIndex:
    """An index that holds documents and how they are related, but no stories yet."""
    index = MemoryIndex(scheme)
    for document, features, near in zip(documents, found, candidates(found, scheme), strict=True):
        index.hold(document, features)
        crowd = near[: scheme.prints]
        if len(crowd) == scheme.prints and all(
            features.text_hash and found[other].text_hash == features.text_hash for other in crowd
        ):
            index.relate(document.id, [identical(document, documents[crowd[0]])])
            continue
        index.relate(document.id, relate(document, (documents[other] for other in near)))
    return index


def _settle(index: MemoryIndex, documents: Sequence[Document], found: Sequence[Features]) -> None:
    by_id = {document.id: at for at, document in enumerate(documents)}
    waiting = dict.fromkeys(by_id)
    while waiting:
        component = component_of(index, next(iter(waiting)))
        for document_id in component:
            del waiting[document_id]
        if len(component) > BULK:
            _replay(index, [(documents[by_id[i]], found[by_id[i]]) for i in sorted(component)])
        else:
            recompute(index, component)


def _replay(index: MemoryIndex, pairs: Sequence[tuple[Document, Features]]) -> None:
    """Place one at a time what is too large to be worked out at once."""
    alone = MemoryIndex(index.scheme)
    for document, features in pairs:
        place(alone, document, features)
    for document, _ in pairs:
        index.relate(document.id, _merged(index, alone, document.id).values())
    index.assign(alone.stories)


def _merged(
    index: MemoryIndex, alone: MemoryIndex, document_id: int
) -> Mapping[tuple[int, int], Relation]:
    outside = {(edge.a, edge.b): edge for edge in index.relations([document_id])}
    return outside | {(edge.a, edge.b): edge for edge in alone.relations([document_id])}
