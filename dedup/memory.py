"""The index kept in dictionaries: for one run over a file, for tests, and as the plain statement of
what an index must answer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dedup.records import Decision, Document, Features, Member, Relation, Story
from dedup.scheme import Scheme, SchemeMismatch


@dataclass(slots=True)
class MemoryIndex:
    """`dedup.index.Index` in memory. `stories_of` maps a document to its story."""

    scheme: Scheme
    stories_of: dict[int, Story] = field(default_factory=dict)
    decided: list[Decision] = field(default_factory=list)
    _documents: dict[int, Document] = field(default_factory=dict)
    _features: dict[int, Features] = field(default_factory=dict)
    _texts: dict[bytes, list[int]] = field(default_factory=dict)
    _bands: dict[int, list[int]] = field(default_factory=dict)
    _fingerprints: dict[int, list[int]] = field(default_factory=dict)
    _edges: dict[int, dict[int, Relation]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def stories(self) -> list[Story]:
        """All stories, each once, by their lead's uid."""
        distinct = {story.lead: story for story in self.stories_of.values()}
        return sorted(distinct.values(), key=lambda story: self._documents[story.lead].uid)

    def candidates(self, document_id: int, features: Features) -> Sequence[int]:
        self._check(features)
        bands = self._hits(self._bands, features.bands.tolist(), document_id)
        prints = self._hits(self._fingerprints, features.fingerprints.tolist(), document_id)
        hits = {i: bands.get(i, 0) + prints.get(i, 0) for i in bands.keys() | prints.keys()}
        least = self.scheme.min_fingerprints
        worthy = [i for i in hits if i in bands or prints[i] >= least]
        if features.text_hash:
            worthy += [i for i in self._texts.get(features.text_hash, ()) if i != document_id]
        firsts: dict[bytes, int] = {}
        for i in sorted(set(worthy)):
            firsts.setdefault(self._features[i].text_hash or i.to_bytes(8), i)
        same = features.text_hash

        def order(i: int) -> tuple[bool, int, int]:
            return self._features[i].text_hash != same, -hits.get(i, 0), i

        return sorted(firsts.values(), key=order)[: self.scheme.max_candidates]

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        return {i: self._documents[i] for i in ids if i in self._documents}

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        return {i: self._member(i) for i in ids if i in self._documents}

    def put(self, document: Document, features: Features) -> None:
        self._check(features)
        self._forget(document.id)
        self.hold(document, features)
        for table, keys in self._postings(features):
            for key in keys:
                table.setdefault(key, []).append(document.id)
        if features.text_hash:
            self._texts.setdefault(features.text_hash, []).append(document.id)

    def hold(self, document: Document, features: Features) -> None:
        """Keep a document without making it findable, for one whose candidates are known."""
        self._documents[document.id] = document
        self._features[document.id] = features

    def remove(self, document_id: int) -> None:
        self._forget(document_id)
        self.relate(document_id, ())
        self._documents.pop(document_id, None)
        self._features.pop(document_id, None)
        story = self.stories_of.pop(document_id, None)
        rest = tuple(i for i in story.members if i != document_id) if story else ()
        for i in rest:
            self.stories_of[i] = Story(rest, min(rest))

    def relate(self, document_id: int, relations: Iterable[Relation]) -> None:
        for other in self._edges.pop(document_id, {}):
            del self._edges[other][document_id]
        for relation in relations:
            self._edges[relation.a][relation.b] = relation
            self._edges[relation.b][relation.a] = relation

    def relations(self, ids: Collection[int]) -> Sequence[Relation]:
        found = {
            (edge.a, edge.b): edge
            for i in ids
            if i in self._edges
            for edge in self._edges[i].values()
        }
        return list(found.values())

    def decisions(self, ids: Collection[int]) -> Sequence[Decision]:
        return [d for d in self.decided if d.a in ids or d.b in ids]

    def lead(self, document_id: int) -> int | None:
        story = self.stories_of.get(document_id)
        return story.lead if story else None

    def join(self, document_id: int, peer: int, lead: int) -> None:
        members = self.stories_of[peer].members if peer in self.stories_of else (peer,)
        self.assign([Story(tuple(sorted({*members, document_id})), lead)])

    def assign(self, stories: Sequence[Story]) -> None:
        for story in stories:
            for i in story.members:
                self.stories_of[i] = story

    def _member(self, document_id: int) -> Member:
        document = self._documents[document_id]
        return Member(
            id=document.id,
            uid=document.uid,
            text_hash=self._features[document_id].text_hash,
            outlet=document.outlet,
            rank=document.rank,
            published_at=document.published_at,
            first_seen_at=document.first_seen_at,
        )

    def _hits(
        self, table: dict[int, list[int]], keys: Iterable[int], document_id: int
    ) -> dict[int, int]:
        hits: dict[int, int] = {}
        for key in keys:
            holders = table.get(key)
            if holders is None:
                continue
            others = [i for i in holders if i != document_id]
            if len(others) > self.scheme.hot_key:
                others = sorted(others)[: self.scheme.hot_sample]
            for i in others:
                hits[i] = hits.get(i, 0) + 1
        return hits

    def _postings(
        self, features: Features
    ) -> tuple[tuple[dict[int, list[int]], list[int]], tuple[dict[int, list[int]], list[int]]]:
        return (
            (self._bands, features.bands.tolist()),
            (self._fingerprints, features.fingerprints.tolist()),
        )

    def _forget(self, document_id: int) -> None:
        features = self._features.get(document_id)
        if features is None:
            return
        for table, keys in self._postings(features):
            for key in keys:
                table[key].remove(document_id)
        if features.text_hash:
            self._texts[features.text_hash].remove(document_id)

    def _check(self, features: Features) -> None:
        if features.scheme != self.scheme.name:
            raise SchemeMismatch(
                f"these features were made with scheme {features.scheme}, the index holds"
                f" {self.scheme.name}: make them anew with `nkwire recluster`"
            )
