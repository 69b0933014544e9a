"""Clusters a whole corpus without a database; the stories equal those of placing each article."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dedup.attribution.citation import CarrierGrade
from dedup.bulk import steps
from dedup.bulk.bulk_clustering import BulkClustering
from dedup.bulk.flat_rows import DOCUMENTS
from dedup.bulk.spill import DiskStore
from dedup.bulk.task_pool import TaskPool, ThisProcess
from dedup.records import Decision, Document, Features, Relation, Story
from dedup.reports.days import chronological_key
from dedup.reports.reports import CarrierStory, Report
from dedup.signature.scheme import Scheme
from dedup.temporary_folder import temporary_folder

_STORIES_PER_BATCH = 200
"""Stories whose cues are extracted together."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """Stories (also those of one member), relations in the order of their ids, and reports (also
    those of one story).
    """

    stories: list[Story]
    relations: list[Relation]
    report_records: list[Report] = field(default_factory=list)

    @property
    def report_members(self) -> list[tuple[int, ...]]:
        """The ids of the members of each report."""
        return [report.members for report in self.report_records]


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document on its way from who signs it to `cluster_signed`.

    `row`: the document in `flat_rows.DOCUMENTS`. `carrier`: the document without its text and its
    grade, None if it carries no report.
    """

    id: int
    uid: str
    row: bytes
    features: Features
    carrier: tuple[Document, CarrierGrade] | None


def sign_document(
    document: Document,
    scheme: Scheme,
    *,
    reports: bool = True,
    detect_language: Callable[[], str] | None = None,
) -> SignedDocument:
    """Returns a document with its features.

    `reports`: whether to look for what it reports. `detect_language`: returns the language of a
    document that states none; called only if the reports need it.
    """
    signed = steps.sign(document, scheme, with_grade=reports)
    carrier = None
    if signed.grade is not None:
        if detect_language and not document.language:
            document = replace(document, language=detect_language())
        carrier = replace(document, text=""), signed.grade
    # No other step needs the signature, so it does not travel.
    features = replace(signed.features, signature=signed.features.signature[:0])
    return SignedDocument(document.id, document.uid, DOCUMENTS.encode(document), features, carrier)


@dataclass(frozen=True, slots=True)
class _StoredDocuments:
    """Reads documents from a `DiskStore` (implements `DocumentSource`)."""

    store: DiskStore[Document]

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        return self.store.get(sorted(ids))

    documents_without_text = documents

    def reference(self, ids: Collection[int]) -> Callable[[], Mapping[int, Document]]:
        return self.store.reference(sorted(ids))


def cluster_documents(
    documents: Iterable[Document],
    scheme: Scheme,
    decisions: Iterable[Decision] = (),
    *,
    relations: bool = True,
    reports: bool = True,
) -> Clustering:
    """Returns the stories and reports of these documents, in whatever order they come.

    Holds the documents in memory; `cluster_signed` does not, and has the same arguments.
    """
    signed = (
        sign_document(each, scheme, reports=reports)
        for each in sorted(documents, key=lambda each: each.id)
    )
    return cluster_signed(signed, scheme, decisions, relations=relations)


def cluster_signed(
    documents: Iterable[SignedDocument],
    scheme: Scheme,
    decisions: Iterable[Decision] = (),
    *,
    relations: bool = True,
    pool: TaskPool | None = None,
    progress: Callable[[int], None] = lambda compared: None,
) -> Clustering:
    """Returns the stories and reports of these documents, which come in the order of their ids.

    The stories equal those of placing the documents one at a time. Texts and intermediate data are
    kept in a temporary folder. `relations`: whether to return the relations too; each takes about 1
    kB of memory. `pool`: compares the documents. `progress`: called with the number of documents
    that are compared so far. Raises ValueError if two documents have the same id or come in another
    order, TaskProcessEnded if a worker was killed, OSError if the disk is full.
    """
    pool = pool or ThisProcess()
    stories: list[Story] = []
    edges: list[Relation] = []
    with (
        temporary_folder() as folder,
        DiskStore(folder / "texts", DOCUMENTS) as store,
    ):
        (folder / "bulk").mkdir()
        source = _StoredDocuments(store)
        bulk = BulkClustering(
            source, scheme, folder / "bulk", decisions, with_spans=relations, pool=pool
        )
        uids: dict[int, str] = {}
        carriers: dict[int, Document] = {}
        grades: dict[int, CarrierGrade] = {}
        for document in documents:
            store.put_row(document.id, document.row)
            bulk.add(document.id, document.features)
            uids[document.id] = document.uid
            if document.carrier is not None:
                carriers[document.id], grades[document.id] = document.carrier
        for part in bulk.iter_parts(progress):
            stories += part.stories
            edges += part.relations if relations else ()
        stories.sort(key=lambda story: uids[story.lead])
        described = pool.map(_describe_batch, _iter_heads(stories, carriers, grades, store))
        report_records: list[Report] = []
        for report_set in steps.link_reports(each for batch in described for each in batch):
            report_records += report_set.reports
            edges += report_set.relations if relations else ()
    edges.sort(key=lambda edge: (edge.a, edge.b, edge.kind))
    return Clustering(stories, edges, report_records)


@dataclass(frozen=True, slots=True)
class _Heads:
    """Stories that carry a report. `load`: returns the documents that stand for them.

    `stories`: the story, the id of its `steps.choose_head`, and the grade of that.
    """

    load: Callable[[], Mapping[int, Document]]
    stories: list[tuple[Story, int, CarrierGrade]]


def _describe_batch(heads: _Heads) -> list[CarrierStory]:
    documents = heads.load()
    return [
        steps.describe_carrier(story, documents[head], grade, documents[story.lead])
        for story, head, grade in heads.stories
    ]


def _iter_heads(
    stories: Sequence[Story],
    carriers: Mapping[int, Document],
    grades: Mapping[int, CarrierGrade],
    store: DiskStore[Document],
) -> Iterator[_Heads]:
    """Yields the stories that carry a report, in the order of `chronological_key`."""
    heads = [
        (head, story)
        for story in stories
        if (head := steps.choose_head(story, carriers)) is not None
    ]
    heads.sort(key=lambda pair: chronological_key(pair[0]))
    for start in range(0, len(heads), _STORIES_PER_BATCH):
        batch = heads[start : start + _STORIES_PER_BATCH]
        needed = sorted({end for head, story in batch for end in (head.id, story.lead)})
        yield _Heads(
            store.reference(needed), [(story, head.id, grades[head.id]) for head, story in batch]
        )
