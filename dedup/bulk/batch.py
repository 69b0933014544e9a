"""A whole corpus at once, without a database: the same stories as placing one article at a time."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dedup.bulk.bulk import Bulk
from dedup.bulk.spill import Shelf
from dedup.lead import seniority
from dedup.records import Decision, Document, Relation, Story
from dedup.reports.cues import carries_report, cues
from dedup.reports.reports import Head, Report, group, order
from dedup.signature.features import features
from dedup.signature.scheme import Scheme


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
class _Texts:
    """Documents on a shelf, as a source."""

    shelf: Shelf[Document]

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        return self.shelf.get(sorted(ids))

    heads = documents


def cluster(
    documents: Iterable[Document],
    scheme: Scheme,
    decisions: Iterable[Decision] = (),
    *,
    relations: bool = True,
) -> Clustering:
    """The stories and reports of these documents, whatever their order.

    The same stories as placing them one at a time by their ids. Texts and what is made of them lie
    in the temporary folder; `relations`: hold these in memory too, some 1 kB each. Raises ValueError
    if two documents have the same id, OSError if there is no room.
    """
    stories: list[Story] = []
    edges: list[Relation] = []
    with (
        TemporaryDirectory(prefix="nkwire-") as folder,
        Shelf[Document](Path(folder) / "texts") as shelf,
    ):
        for document in documents:
            shelf.put(document.id, document)
        (Path(folder) / "bulk").mkdir()
        bulk = Bulk(_Texts(shelf), scheme, Path(folder) / "bulk", decisions)
        uids: dict[int, str] = {}
        carriers: dict[int, Document] = {}
        for number in shelf.numbers:
            document = shelf.get([number])[number]
            bulk.add(number, features(document, scheme))
            uids[number] = document.uid
            if carries_report(document):
                carriers[number] = replace(document, text="")
        for part in bulk.work_out():
            stories += part.stories
            edges += part.relations if relations else ()
        stories.sort(key=lambda story: uids[story.lead])
        reported: list[Report] = []
        for told in group(_heads(stories, carriers, shelf)):
            reported += told.reports
            edges += told.relations if relations else ()
    return Clustering(stories, edges, reported)


def _heads(
    stories: Sequence[Story], carriers: Mapping[int, Document], shelf: Shelf[Document]
) -> Iterator[Head]:
    """The stories that carry a report, in order."""
    heads = [
        (min((carriers[i] for i in story.members if i in carriers), key=seniority), story)
        for story in stories
        if not carriers.keys().isdisjoint(story.members)
    ]
    heads.sort(key=lambda pair: order(pair[0]))
    for head, story in heads:
        texts = shelf.get({head.id, story.lead})
        yield Head(cues(texts[head.id]), story, seniority(texts[story.lead]))
