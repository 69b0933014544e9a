"""Clusters a whole corpus without a database; the stories equal those of placing each article."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dedup.attribution.citation import CarrierGrade, grade_carrier
from dedup.bulk.bulk_clustering import BulkClustering
from dedup.bulk.flat_rows import DOCUMENTS
from dedup.bulk.spill import DiskStore
from dedup.lead import seniority_key
from dedup.records import Decision, Document, Relation, Story
from dedup.reports.carriers import may_carry_report
from dedup.reports.cues import extract_cues
from dedup.reports.days import chronological_key
from dedup.reports.reports import CarrierStory, Report, choose_carrier, iter_report_sets
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from dedup.temporary_folder import temporary_folder


@dataclass(frozen=True, slots=True)
class Clustering:
    """Stories (also those of one member), relations, and reports (also those of one story)."""

    stories: list[Story]
    relations: list[Relation]
    report_records: list[Report] = field(default_factory=list)

    @property
    def report_members(self) -> list[tuple[int, ...]]:
        """The ids of the members of each report."""
        return [report.members for report in self.report_records]


@dataclass(frozen=True, slots=True)
class _StoredDocuments:
    """Reads documents from a `DiskStore` (implements `DocumentSource`)."""

    store: DiskStore[Document]

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        return self.store.get(sorted(ids))

    documents_without_text = documents


def cluster_documents(
    documents: Iterable[Document],
    scheme: Scheme,
    decisions: Iterable[Decision] = (),
    *,
    relations: bool = True,
    reports: bool = True,
) -> Clustering:
    """Returns the stories and reports of these documents, in whatever order they come.

    The stories equal those of placing the documents one at a time in the order of their ids. Texts
    and intermediate data are kept in a temporary folder. `relations`: whether to return the
    relations too; each takes about 1 kB of memory. `reports`: whether to find the reports. Raises ValueError if two documents have the same
    id, OSError if the disk is full.
    """
    stories: list[Story] = []
    edges: list[Relation] = []
    with (
        temporary_folder() as folder,
        DiskStore(folder / "texts", DOCUMENTS) as store,
    ):
        for document in documents:
            store.put(document.id, document)
        (folder / "bulk").mkdir()
        bulk = BulkClustering(_StoredDocuments(store), scheme, folder / "bulk", decisions)
        uids: dict[int, str] = {}
        carriers: dict[int, Document] = {}
        grades: dict[int, CarrierGrade] = {}
        for number in store.numbers:
            document = store.get([number])[number]
            bulk.add(number, compute_features(document, scheme))
            uids[number] = document.uid
            if reports and may_carry_report(grade := grade_carrier(document)):
                carriers[number], grades[number] = replace(document, text=""), grade
        for part in bulk.iter_parts():
            stories += part.stories
            edges += part.relations if relations else ()
        stories.sort(key=lambda story: uids[story.lead])
        report_records: list[Report] = []
        for report_set in iter_report_sets(_iter_carrier_stories(stories, carriers, grades, store)):
            report_records += report_set.reports
            edges += report_set.relations if relations else ()
    return Clustering(stories, edges, report_records)


def _iter_carrier_stories(
    stories: Sequence[Story],
    carriers: Mapping[int, Document],
    grades: Mapping[int, CarrierGrade],
    store: DiskStore[Document],
) -> Iterator[CarrierStory]:
    """Yields the stories that carry a report, in the order of `chronological_key`."""
    heads = [
        (choose_carrier(carriers[i] for i in story.members if i in carriers), story)
        for story in stories
        if not carriers.keys().isdisjoint(story.members)
    ]
    heads.sort(key=lambda pair: chronological_key(pair[0]))
    for head, story in heads:
        documents = store.get({head.id, story.lead})
        yield CarrierStory(
            extract_cues(documents[head.id], grades[head.id]),
            story,
            seniority_key(documents[story.lead]),
        )
