"""The stories of a whole corpus at once: the same as placing its documents one at a time by their ids,
in memory that hardly grows with it.

Candidates come from sorted keys instead of an index, texts are read when they are compared, relations
are set aside, and then each component is worked out by itself. A component that placing would not work
out anew for each newcomer, since it is too large, is placed one document at a time from what is known.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dedup.bulk.forest import Forest
from dedup.bulk.postings import Postings
from dedup.bulk.spill import Pile
from dedup.copies.compare import identical
from dedup.copies.memory import MemoryGraph
from dedup.copies.place import BULK, join_twin, recompute, relate, settle
from dedup.records import Decision, Document, Features, Member, Relation, Story, Verb
from dedup.signature.scheme import Scheme

_TEXTS = 1_000
"""Texts that are held at a time."""

_MEMBERS = 10_000
"""Documents whose relations are held at a time, but for larger components."""


class Source(Protocol):
    """Where the documents are."""

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        """The documents of these ids; unknown ids are left out."""

    def heads(self, ids: Collection[int]) -> Mapping[int, Document]:
        """The same, but their words may be left out."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the answer: stories, of one member too, and relations that are final."""

    stories: Sequence[Story]
    relations: Sequence[Relation]


class Bulk:
    """Documents are added with their features, then all is worked out, once.

    `folder` is an empty one of this object's own, for what is set aside: some 3 kB a document.
    """

    def __init__(
        self, source: Source, scheme: Scheme, folder: Path, decisions: Iterable[Decision] = ()
    ) -> None:
        self._source = source
        self._scheme = scheme
        self._postings = Postings(scheme, folder)
        self._related: Pile[Relation] = Pile(folder, "related")
        self._sorted: Pile[Relation] = Pile(folder, "sorted")
        self._ids = array("q")
        self._forest = Forest()
        self._crowd: set[int] = set()
        self._decided: dict[int, list[Decision]] = {}
        for decision in decisions:
            for end in {decision.a, decision.b}:
                self._decided.setdefault(end, []).append(decision)

    def add(self, document_id: int, features: Features) -> None:
        """Add a document. Raises ValueError unless ids ascend, OSError if there is no room."""
        if self._ids and document_id <= self._ids[-1]:
            raise ValueError(f"document {document_id} came after {self._ids[-1]}")
        self._forest.grow()
        self._ids.append(document_id)
        self._postings.add(features)

    def work_out(self, progress: Callable[[int], None] = lambda done: None) -> Iterator[Part]:
        """All stories and relations. `progress` is told up to which document all were compared.

        Raises OSError if there is no room for what is set aside.
        """
        self._compare(progress)
        for decision in {d for some in self._decided.values() for d in some}:
            if decision.verb is Verb.MUST_LINK:
                self._connect(decision.a, decision.b)
        roots = self._forest.roots()
        sizes = np.bincount(roots, minlength=len(roots))
        buckets = np.cumsum(sizes) // _MEMBERS
        yield from self._sort(roots, buckets)
        order = np.argsort(roots, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(buckets[roots[order]])) + 1):
            if len(places):
                yield self._settled(places, roots, int(buckets[roots[places[0]]]))

    def _compare(self, progress: Callable[[int], None]) -> None:
        """Relate all documents to their candidates."""
        decided = [at for at in map(self._place, self._decided) if at is not None]
        for high, found in self._postings.candidates(decided):
            crowd = {late for late, near in found.items() if self._is_crowded(late, near, decided)}
            for late in crowd:
                ids = [self._ids[late], self._ids[found[late][0]]]
                heads = self._source.heads(ids)
                if len(heads) == len(ids):
                    self._crowd.add(ids[0])
                    self._keep([identical(heads[ids[0]], heads[ids[1]])])
            # Neighbours have candidates in common, whose texts are then still at hand.
            rest = sorted((min(near), late) for late, near in found.items() if late not in crowd)
            for some in _groups([late for _, late in rest], found):
                texts = self._source.documents(
                    {self._ids[i] for i in some} | self._near(some, found)
                )
                for late in some:
                    if self._ids[late] in texts:
                        near = (self._ids[each] for each in found[late])
                        documents = (texts[each] for each in near if each in texts)
                        self._keep(relate(texts[self._ids[late]], documents))
            progress(high)

    def _near(self, some: Iterable[int], found: Mapping[int, Sequence[int]]) -> set[int]:
        return {self._ids[each] for late in some for each in found[late]}

    def _is_crowded(self, late: int, near: Sequence[int], decided: Sequence[int]) -> bool:
        """Whether a document is one more print of a text of which enough were compared."""
        prints, text = near[: self._scheme.prints], self._postings.text_hash(late)
        return (
            bool(text)
            and len(prints) == self._scheme.prints
            and prints[0] not in decided
            and all(self._postings.text_hash(each) == text for each in prints)
        )

    def _keep(self, relations: Sequence[Relation]) -> None:
        self._related.add(0, relations)
        for relation in relations:
            if relation.merges:
                self._connect(relation.a, relation.b)

    def _connect(self, a: int, b: int) -> None:
        one, two = self._place(a), self._place(b)
        if one is not None and two is not None:
            self._forest.connect(one, two)

    def _place(self, document_id: int) -> int | None:
        at = bisect_left(self._ids, document_id)
        return at if at < len(self._ids) and self._ids[at] == document_id else None

    def _sort(self, roots: NDArray[np.int64], buckets: NDArray[np.int64]) -> Iterator[Part]:
        """Set relations within components aside by bucket; those between components are final."""
        final: list[Relation] = []
        for relation in self._related.read(0):
            a, b = (int(roots[bisect_left(self._ids, end)]) for end in (relation.a, relation.b))
            if a == b:
                self._sorted.add(int(buckets[a]), [relation])
                continue
            final.append(relation)
            if len(final) >= _MEMBERS:
                yield Part((), final)
                final = []
        self._related.drop(0)
        yield Part((), final)

    def _settled(self, places: NDArray[np.int64], roots: NDArray[np.int64], bucket: int) -> Part:
        """The stories of these documents, which are whole components."""
        members: dict[int, list[int]] = {}
        for place in places.tolist():
            members.setdefault(int(roots[place]), []).append(place)
        edges: dict[int, list[Relation]] = {}
        for relation in self._sorted.read(bucket):
            edges.setdefault(int(roots[bisect_left(self._ids, relation.a)]), []).append(relation)
        self._sorted.drop(bucket)
        several = [self._ids[i] for some in members.values() if len(some) > 1 for i in some]
        heads = self._source.heads(several)
        stories: list[Story] = []
        relations: list[Relation] = []
        for root, some in members.items():
            if len(some) == 1:
                stories.append(Story((self._ids[root],), self._ids[root]))
                continue
            known = [
                Member.of(heads[self._ids[i]], self._postings.text_hash(i))
                for i in some
                if self._ids[i] in heads
            ]
            graph = self._worked_out(known, edges.get(root, []))
            stories += graph.stories
            relations += graph.relations([member.id for member in known])
        return Part(stories, relations)

    def _worked_out(self, members: Sequence[Member], edges: Sequence[Relation]) -> MemoryGraph:
        """A component with its stories."""
        decided = {d for member in members for d in self._decided.get(member.id, ())}
        graph = MemoryGraph(decided=list(decided), texts=self._source.documents)
        if len(members) > BULK:
            self._place_each(graph, members, edges)
            return graph
        for member in members:
            graph.know(member)
        graph.connect(edges)
        recompute(graph, [member.id for member in members])
        return graph

    def _place_each(
        self, graph: MemoryGraph, members: Sequence[Member], edges: Sequence[Relation]
    ) -> None:
        """Place the documents of a large component one at a time."""
        earlier: dict[int, list[Relation]] = {}
        for edge in edges:
            earlier.setdefault(edge.b, []).append(edge)
        for member in members:
            relations = earlier.get(member.id, [])
            graph.know(member)
            graph.connect(relations)
            if member.id in self._crowd:
                join_twin(graph, member.id, relations[0])
            else:
                settle(graph, member.id, (), relations)


def _groups(
    documents: Iterable[int], candidates: Mapping[int, Sequence[int]]
) -> Iterator[list[int]]:
    """The documents in turn, as many at a time as texts may be held."""
    some: list[int] = []
    held: set[int] = set()
    for document in documents:
        some.append(document)
        held |= {document, *candidates[document]}
        if len(held) >= _TEXTS:
            yield some
            some, held = [], set()
    if some:
        yield some
