"""The index in memory, for components of a large corpus and for tests.

It also serves as the reference implementation of `dedup.copies.index`.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from dedup.copies.index import rank_candidates
from dedup.records import Decision, Document, Features, Member, Relation, Story
from dedup.signature.scheme import Scheme, SchemeMismatch


@dataclass(slots=True)
class MemoryGraph:
    """`dedup.copies.index.Graph` in memory.

    `all_decisions`: the decisions of people; may be set. `load_documents`: loads documents by id,
    because the graph need not store them.
    """

    all_decisions: list[Decision] = field(default_factory=list)
    load_documents: Callable[[Collection[int]], Mapping[int, Document]] | None = None
    _members_by_id: dict[int, Member] = field(default_factory=dict)
    _story_of: dict[int, int] = field(default_factory=dict)
    _members: dict[int, set[int]] = field(default_factory=dict)
    _leads: dict[int, int] = field(default_factory=dict)
    _last_story_number: int = 0
    _edges: dict[int, dict[int, Relation]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def stories(self) -> list[Story]:
        """All stories, sorted by the uid of their lead documents."""
        found = [
            Story(tuple(sorted(members)), self._leads[number])
            for number, members in self._members.items()
            if members
        ]
        return sorted(found, key=lambda story: self._members_by_id[story.lead].uid)

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        """Returns the documents that `load_documents` finds."""
        return self.load_documents(ids) if self.load_documents else {}

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        """Implements `Graph.members`."""
        return {i: self._members_by_id[i] for i in ids if i in self._members_by_id}

    def add_member(self, member: Member) -> None:
        """Adds a document that has no relations yet."""
        self._members_by_id[member.id] = member

    def add_relations(self, relations: Iterable[Relation]) -> None:
        """Adds relations to the existing ones."""
        for relation in relations:
            self._edges[relation.a][relation.b] = relation
            self._edges[relation.b][relation.a] = relation

    def replace_relations(self, document_id: int, relations: Iterable[Relation]) -> None:
        """Implements `Graph.replace_relations`."""
        for other in self._edges.pop(document_id, {}):
            del self._edges[other][document_id]
        self.add_relations(relations)

    def relations(self, ids: Collection[int]) -> Sequence[Relation]:
        """Implements `Graph.relations`."""
        edge_by_pair = {
            (edge.a, edge.b): edge
            for i in ids
            if i in self._edges
            for edge in self._edges[i].values()
        }
        return list(edge_by_pair.values())

    def amend_relations(self, changed: Iterable[Relation], dropped: Iterable[Relation]) -> None:
        """Implements `Graph.amend_relations`."""
        for relation in dropped:
            self._edges[relation.a].pop(relation.b, None)
            self._edges[relation.b].pop(relation.a, None)
        self.add_relations(changed)

    def has_large_story(self, ids: Collection[int], limit: int) -> bool:
        """Implements `Graph.has_large_story`."""
        numbers = {self._story_of[i] for i in ids if i in self._story_of}
        return any(len(self._members[number]) > limit for number in numbers)

    def decisions(self, ids: Collection[int]) -> Sequence[Decision]:
        """Implements `Graph.decisions`."""
        return [d for d in self.all_decisions if d.a in ids or d.b in ids]

    def lead_of(self, document_id: int) -> int | None:
        """Implements `Graph.lead_of`."""
        number = self._story_of.get(document_id)
        return None if number is None else self._leads[number]

    def join_story(self, document_id: int, peer: int, lead: int) -> None:
        """Implements `Graph.join_story`."""
        if peer not in self._story_of:
            self.assign_stories([Story((peer,), peer)])
        self._remove_from_story(document_id)
        number = self._story_of[peer]
        self._add_to_story(document_id, number)
        self._leads[number] = lead

    def assign_stories(self, stories: Sequence[Story]) -> None:
        """Implements `Graph.assign_stories`, without stable ids."""
        for story in stories:
            self._last_story_number += 1
            for document_id in story.members:
                self._remove_from_story(document_id)
                self._add_to_story(document_id, self._last_story_number)
            self._leads[self._last_story_number] = story.lead

    def _add_to_story(self, document_id: int, number: int) -> None:
        self._story_of[document_id] = number
        self._members.setdefault(number, set()).add(document_id)

    def _remove_from_story(self, document_id: int) -> None:
        number = self._story_of.pop(document_id, None)
        if number is None:
            return
        self._members[number].discard(document_id)
        if not self._members[number]:
            del self._members[number], self._leads[number]


@dataclass(slots=True)
class MemoryIndex(MemoryGraph):
    """`dedup.copies.index.Index` in memory."""

    scheme: Scheme = field(kw_only=True)
    keeps_spans: bool = True
    _documents: dict[int, Document] = field(default_factory=dict)
    _features: dict[int, Features] = field(default_factory=dict)
    _ids_by_text_hash: dict[bytes, list[int]] = field(default_factory=dict)
    _bands: dict[int, list[int]] = field(default_factory=dict)
    _fingerprints: dict[int, list[int]] = field(default_factory=dict)

    def candidates(self, document_id: int, features: Features) -> Sequence[int]:
        """Implements `Index.candidates`."""
        self._check(features)
        band_hits = self._hits(self._bands, features.bands.tolist(), document_id)
        fingerprint_hits = self._hits(
            self._fingerprints, features.fingerprints.tolist(), document_id
        )
        hits = {
            i: band_hits.get(i, 0) + fingerprint_hits.get(i, 0)
            for i in band_hits.keys() | fingerprint_hits.keys()
        }
        min_fingerprints = self.scheme.min_fingerprints
        candidate_hits = {
            i: hits[i] for i in hits if i in band_hits or fingerprint_hits[i] >= min_fingerprints
        }
        if features.text_hash:
            duplicates = (
                i for i in self._ids_by_text_hash.get(features.text_hash, ()) if i != document_id
            )
            candidate_hits |= {i: hits.get(i, 0) for i in islice(duplicates, self.scheme.prints)}
        ranking_input = {
            i: (number, self._features[i].text_hash) for i, number in candidate_hits.items()
        }
        return rank_candidates(ranking_input, features.text_hash, self.scheme)

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        """Returns the stored documents with these ids; unknown ids are left out."""
        return {i: self._documents[i] for i in ids if i in self._documents}

    def put(self, document: Document, features: Features) -> None:
        """Implements `Index.put`."""
        self._check(features)
        self._remove_postings(document.id)
        self._documents[document.id] = document
        self._features[document.id] = features
        self.add_member(Member.from_document(document, features.text_hash))
        for holders_by_key, keys in self._postings(features):
            for key in keys:
                insort(holders_by_key.setdefault(key, []), document.id)
        if features.text_hash:
            insort(self._ids_by_text_hash.setdefault(features.text_hash, []), document.id)

    def remove(self, document_id: int) -> None:
        """Implements `Index.remove`."""
        self._remove_postings(document_id)
        self.replace_relations(document_id, ())
        self._documents.pop(document_id, None)
        self._features.pop(document_id, None)
        self._members_by_id.pop(document_id, None)
        self._remove_from_story(document_id)

    def _hits(
        self, holders_by_key: dict[int, list[int]], keys: Iterable[int], document_id: int
    ) -> dict[int, int]:
        hits: dict[int, int] = {}
        for key in keys:
            holders = holders_by_key.get(key)
            if holders is None:
                continue
            # The document itself may be among the holders; it does not count.
            is_hot = len(holders) - _contains_id(holders, document_id) > self.scheme.hot_key
            others = (i for i in holders if i != document_id)
            for i in islice(others, self.scheme.hot_sample if is_hot else None):
                hits[i] = hits.get(i, 0) + 1
        return hits

    def _postings(
        self, features: Features
    ) -> tuple[tuple[dict[int, list[int]], list[int]], tuple[dict[int, list[int]], list[int]]]:
        return (
            (self._bands, features.bands.tolist()),
            (self._fingerprints, features.fingerprints.tolist()),
        )

    def _remove_postings(self, document_id: int) -> None:
        features = self._features.get(document_id)
        if features is None:
            return
        for holders_by_key, keys in self._postings(features):
            for key in keys:
                holders_by_key[key].remove(document_id)
        if features.text_hash:
            self._ids_by_text_hash[features.text_hash].remove(document_id)

    def _check(self, features: Features) -> None:
        if features.scheme != self.scheme.name:
            raise SchemeMismatch(
                f"these features were made with scheme {features.scheme}, the index holds"
                f" {self.scheme.name}: make them anew with `nkwire recluster`"
            )


def _contains_id(holders: Sequence[int], document_id: int) -> bool:
    position = bisect_left(holders, document_id)
    return position < len(holders) and holders[position] == document_id
