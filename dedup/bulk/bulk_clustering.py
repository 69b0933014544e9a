"""Computes the stories of a whole corpus in memory that hardly grows with the corpus.

The stories equal those of placing the documents one at a time in the order of their ids. Candidates
come from sorted keys instead of an index. Texts are read when they are compared, relations are
spilled, and then each component is computed separately. A component above `MAX_RECOMPUTED_MEMBERS`
is placed one document at a time from its stored relations, because placing would not recompute it
either.

The rules are in `dedup.bulk.steps`.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dedup.bulk import steps
from dedup.bulk.flat_rows import RELATIONS
from dedup.bulk.postings import Postings
from dedup.bulk.spill import ObjectSpill
from dedup.bulk.task_pool import TaskPool, ThisProcess
from dedup.bulk.union_find import UnionFind
from dedup.records import Decision, DecisionVerb, Document, Features, Member, Relation, Story
from dedup.signature.scheme import Scheme

_MAX_HELD_TEXTS = 1_000
"""Texts that are held in memory at a time."""

_MAX_HELD_MEMBERS = 10_000
"""Documents whose relations are held in memory at a time; a larger component is held whole."""


class DocumentSource(Protocol):
    """Loads documents by id."""

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        """Returns the documents with these ids; unknown ids are left out."""

    def documents_without_text(self, ids: Collection[int]) -> Mapping[int, Document]:
        """Returns the same documents; their texts may be left out."""

    def reference(self, ids: Collection[int]) -> Callable[[], Mapping[int, Document]]:
        """Returns a function that does the same as `documents` in any process of the pool."""


@dataclass(frozen=True, slots=True)
class _Questions:
    """Documents to compare. `load`: returns their texts and those of their candidates.

    `documents`: id, the ids of its candidates, best first, and `steps.is_surplus`.
    """

    load: Callable[[], Mapping[int, Document]]
    documents: list[tuple[int, list[int], bool]]
    with_spans: bool


def _compare_batch(questions: _Questions) -> list[tuple[int, steps.Compared]]:
    """Returns what was found of each document that is still there."""
    texts = questions.load()
    return [
        (
            document_id,
            steps.compare(
                texts[document_id],
                [texts[each] for each in candidates if each in texts],
                is_surplus=is_surplus,
                with_spans=questions.with_spans,
            ),
        )
        for document_id, candidates, is_surplus in questions.documents
        if document_id in texts
    ]


@dataclass(frozen=True, slots=True)
class ClusteringPart:
    """A part of the result: stories (also those of one member) and final relations."""

    stories: Sequence[Story]
    relations: Sequence[Relation]


class BulkClustering:
    """Clusters a corpus: call `add` for each document, then `iter_parts` once.

    `folder` must be empty and used by nothing else; it holds the spilled data, about 3 kB per
    document. `decisions`: read by `iter_parts`. `with_spans`: whether relations say where the shared
    passages are. `pool`: compares the documents.
    """

    def __init__(
        self,
        source: DocumentSource,
        scheme: Scheme,
        folder: Path,
        decisions: Iterable[Decision] = (),
        *,
        with_spans: bool = True,
        pool: TaskPool | None = None,
    ) -> None:
        self._source = source
        self._pool = pool or ThisProcess()
        self._with_spans = with_spans
        self._scheme = scheme
        self._postings = Postings(scheme, folder)
        self._all_relations: ObjectSpill[Relation] = ObjectSpill(folder, "related", RELATIONS)
        self._relations_by_bucket: ObjectSpill[Relation] = ObjectSpill(folder, "sorted", RELATIONS)
        self._witnesses_by_bucket: ObjectSpill[Relation] = ObjectSpill(
            folder, "witnesses", RELATIONS
        )
        self._ids = array("q")
        self._union_find = UnionFind()
        self._surplus_ids: set[int] = set()
        self._decisions = decisions
        self._decisions_by_id: dict[int, list[Decision]] = {}

    def add(self, document_id: int, features: Features) -> None:
        """Adds a document. Raises ValueError unless ids ascend, OSError if the disk is full."""
        if self._ids and document_id <= self._ids[-1]:
            raise ValueError(f"document {document_id} came after {self._ids[-1]}")
        self._union_find.add()
        self._ids.append(document_id)
        self._postings.add(features)

    def iter_parts(
        self, progress: Callable[[int], None] = lambda done: None
    ) -> Iterator[ClusteringPart]:
        """Yields all stories and relations, part by part.

        `progress` is called with the number of documents that are compared so far. Raises OSError
        if the disk is full.
        """
        for decision in self._decisions:
            for end in {decision.a, decision.b}:
                self._decisions_by_id.setdefault(end, []).append(decision)
        self._compare_candidates(progress)
        for decision in {d for decisions in self._decisions_by_id.values() for d in decisions}:
            if decision.verb is DecisionVerb.MUST_LINK:
                self._connect(decision.a, decision.b)
        roots = self._union_find.find_all()
        sizes = np.bincount(roots, minlength=len(roots))
        buckets = np.cumsum(sizes) // _MAX_HELD_MEMBERS
        yield from self._bucket_relations(roots, buckets)
        order = np.argsort(roots, kind="stable")
        for numbers in np.split(order, np.flatnonzero(np.diff(buckets[roots[order]])) + 1):
            if len(numbers):
                yield self._build_part(numbers, roots, int(buckets[roots[numbers[0]]]))

    def _compare_candidates(self, progress: Callable[[int], None]) -> None:
        """Compares all documents with their candidates and stores the relations."""
        for compared_batch in self._pool.map(_compare_batch, self._iter_questions(progress)):
            for document_id, compared in compared_batch:
                self._store_relations(compared.relations)
                if compared.is_surplus:
                    self._surplus_ids.add(document_id)

    def _iter_questions(self, progress: Callable[[int], None]) -> Iterator[_Questions]:
        """Yields batches of documents that have candidates."""
        decided_numbers = {
            position
            for position in map(self._position_of, self._decisions_by_id)
            if position is not None
        }
        hash_of = self._postings.text_hash
        for end, candidates in self._postings.iter_candidates(decided_numbers):
            surplus = {
                number
                for number, earlier in candidates.items()
                if steps.is_surplus(
                    hash_of(number), earlier, hash_of, decided_numbers, self._scheme
                )
            }
            # Documents with common candidates share a batch, so that fewer texts are read.
            order = sorted(
                candidates,
                key=lambda number: (
                    number not in surplus,
                    0 if number in surplus else min(candidates[number]),
                    number,
                ),
            )
            for batch in _iter_text_batches(order, candidates):
                yield self._ask(batch, candidates, surplus)
            progress(end)

    def _ask(
        self,
        batch: Sequence[int],
        candidates: Mapping[int, Sequence[int]],
        surplus: Collection[int],
    ) -> _Questions:
        documents = [
            (self._ids[number], [self._ids[each] for each in candidates[number]], number in surplus)
            for number in batch
        ]
        needed = sorted({end for each, others, _ in documents for end in (each, *others)})
        in_this_process = partial(self._source.documents, needed)
        return _Questions(
            load=in_this_process if self._pool.jobs == 1 else self._source.reference(needed),
            documents=documents,
            with_spans=self._with_spans,
        )

    def _store_relations(self, relations: Sequence[Relation]) -> None:
        self._all_relations.add(0, relations)
        for relation in relations:
            if relation.merges:
                self._connect(relation.a, relation.b)

    def _connect(self, a: int, b: int) -> None:
        number_a, number_b = self._position_of(a), self._position_of(b)
        if number_a is not None and number_b is not None:
            self._union_find.union(number_a, number_b)

    def _position_of(self, document_id: int) -> int | None:
        position = bisect_left(self._ids, document_id)
        return (
            position if position < len(self._ids) and self._ids[position] == document_id else None
        )

    def _bucket_relations(
        self, roots: NDArray[np.int64], buckets: NDArray[np.int64]
    ) -> Iterator[ClusteringPart]:
        """Spills relations within components by bucket; yields the others, which are final."""
        final: list[Relation] = []
        for relation in self._all_relations.read(0):
            a, b = (int(roots[bisect_left(self._ids, end)]) for end in (relation.a, relation.b))
            if a == b:
                self._relations_by_bucket.add(int(buckets[a]), [relation])
                continue
            if steps.is_witness(relation):
                for bucket in {int(buckets[a]), int(buckets[b])}:
                    self._witnesses_by_bucket.add(bucket, [relation])
            final.append(relation)
            if len(final) >= _MAX_HELD_MEMBERS:
                yield ClusteringPart((), final)
                final = []
        self._all_relations.drop(0)
        yield ClusteringPart((), final)

    def _build_part(
        self, numbers: NDArray[np.int64], roots: NDArray[np.int64], bucket: int
    ) -> ClusteringPart:
        """Returns the stories and relations of these documents, which form whole components."""
        numbers_by_root: dict[int, list[int]] = {}
        for number in numbers.tolist():
            numbers_by_root.setdefault(int(roots[number]), []).append(number)
        relations_by_root: dict[int, list[Relation]] = {}
        for relation in self._relations_by_bucket.read(bucket):
            relations_by_root.setdefault(int(roots[bisect_left(self._ids, relation.a)]), []).append(
                relation
            )
        self._relations_by_bucket.drop(bucket)
        witnesses_by_root: dict[int, list[Relation]] = {}
        for relation in self._witnesses_by_bucket.read(bucket):
            for end in (relation.a, relation.b):
                root = int(roots[bisect_left(self._ids, end)])
                if len(numbers_by_root.get(root, ())) > 1:
                    witnesses_by_root.setdefault(root, []).append(relation)
        self._witnesses_by_bucket.drop(bucket)
        clustered_ids = [
            self._ids[i]
            for component in numbers_by_root.values()
            if len(component) > 1
            for i in component
        ]
        witness_ids = {
            end
            for edges in witnesses_by_root.values()
            for edge in edges
            for end in (edge.a, edge.b)
        }
        documents = self._source.documents_without_text({*clustered_ids, *witness_ids})
        stories: list[Story] = []
        relations: list[Relation] = []
        for root, component in numbers_by_root.items():
            if len(component) == 1:
                stories.append(Story((self._ids[root],), self._ids[root]))
                continue
            component_members = [
                Member.from_document(documents[self._ids[i]], self._postings.text_hash(i))
                for i in component
                if self._ids[i] in documents
            ]
            witnesses = witnesses_by_root.get(root, [])
            ids = {member.id for member in component_members}
            outside = {end for edge in witnesses for end in (edge.a, edge.b)} - ids
            settled = steps.settle(
                steps.Component(
                    component_members,
                    relations_by_root.get(root, []),
                    witnesses,
                    [Member.from_document(documents[i], b"") for i in outside if i in documents],
                    {each for i in ids for each in self._decisions_by_id.get(i, ())},
                    self._surplus_ids,
                ),
                self._source.documents,
            )
            stories += settled.stories
            relations += settled.relations
        return ClusteringPart(stories, relations)


def _iter_text_batches(
    documents: Iterable[int], candidates: Mapping[int, Sequence[int]]
) -> Iterator[list[int]]:
    """Yields batches of documents that need about `_MAX_HELD_TEXTS` texts with their candidates."""
    batch: list[int] = []
    needed: set[int] = set()
    for document in documents:
        batch.append(document)
        needed |= {document, *candidates[document]}
        if len(needed) >= _MAX_HELD_TEXTS:
            yield batch
            batch, needed = [], set()
    if batch:
        yield batch
