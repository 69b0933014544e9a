"""Computes stories from the relations of a set of articles. The result depends on the set only.

Connected components of merging relations are split around their medoid, so that a chain of similar
texts cannot join two stories. People's decisions take precedence.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import fsum

from dedup.copies.pair_classifier import MIN_COPY_JACCARD
from dedup.lead import choose_lead
from dedup.records import Decision, DecisionVerb, Member, Relation, Story

_MAX_UNRELATED_SIMILARITY = 0.1
"""A text is a round-up if two of its parts are less similar to each other than this."""

_PART_CONTAINMENT = 0.6
"""B is a part of A if more than this share of B is in A, and less than this share of A is in B."""

MIN_MEDOID_SIMILARITY = 0.4
"""Least similarity to the story's medoid that keeps an article in the story."""


def relation_similarity(relation: Relation) -> float:
    """Returns the similarity of two articles, 0 to 1: the larger of the two containments.

    So a cut copy is as similar as its remaining part.
    """
    return max(relation.containment_ab, relation.containment_ba)


def compute_stories(
    ids: Collection[int],
    relations: Iterable[Relation],
    decisions: Iterable[Decision],
    members: Mapping[int, Member],
) -> list[Story]:
    """Returns the stories of these documents, sorted by the uid of their lead documents.

    Each document is in exactly one story. Documents with the same text (unless two of them have a
    cannot-link) and documents with a must-link form one unit. A round-up is a unit whose parts are
    unrelated to each other; it does not merge with them.

    Each component of units is split at its medoid, the unit with the largest sum of similarities
    (ties: text hash, then uid). Units with a similarity of at least `MIN_MEDOID_SIMILARITY` to the
    medoid stay; the rest is split again. A cannot-link splits a story in two; each member goes to
    the unit that it is more similar to and has no cannot-link with. A must-link overrides a
    cannot-link.
    """
    decision_list = list(decisions)
    graph = _Graph.build(ids, relations, decision_list, members)
    cannot_links = graph.cannot_link_pairs(decision_list)
    parts = [
        part for component in graph.components(graph.units) for part in _split(graph, component)
    ]
    parts = [piece for part in parts for piece in _apply_split_decisions(graph, part, cannot_links)]
    stories = [_story(graph, part, members) for part in parts]
    return sorted(stories, key=lambda story: members[story.lead].uid)


def connected_documents(
    documents: Collection[int],
    edges: Mapping[tuple[int, int], Relation],
    decisions: Iterable[Decision],
) -> set[int]:
    """Returns one of these documents and all others that merging relations connect with it."""
    neighbours: dict[int, set[int]] = {}
    links = [ends for ends, edge in edges.items() if edge.merges]
    links += [(each.a, each.b) for each in decisions if each.verb is DecisionVerb.MUST_LINK]
    for a, b in links:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    found: set[int] = set()
    frontier = {min(documents)}
    while frontier:
        found |= frontier
        frontier = {
            other for each in frontier for other in neighbours.get(each, ()) if other in documents
        } - found
    return found


@dataclass(frozen=True, slots=True)
class _Edge:
    """The relation between two units, seen from the first.

    `containments`: the share of the first that the second has, then the reverse.
    """

    merges: bool
    jaccard: float
    containments: tuple[float, float]

    @property
    def similarity(self) -> float:
        return max(self.containments)


_NO_EDGE = _Edge(False, 0.0, (0.0, 0.0))


@dataclass(slots=True)
class _Graph:
    """Units (documents that always stay together) and the edges between them."""

    unit_of: dict[int, int]
    units: dict[int, list[int]]
    sort_keys: dict[int, tuple[bytes, str]]
    edges: dict[int, dict[int, _Edge]]

    @classmethod
    def build(
        cls,
        ids: Collection[int],
        relations: Iterable[Relation],
        decisions: Sequence[Decision],
        members: Mapping[int, Member],
    ) -> "_Graph":
        unit_of = _units(ids, decisions, members)
        units: dict[int, list[int]] = defaultdict(list)
        for document, unit in unit_of.items():
            units[unit].append(document)
        keys = {
            unit: min((members[i].text_hash or b"\xff" * 17, members[i].uid) for i in documents)
            for unit, documents in units.items()
        }
        graph = cls(unit_of, dict(units), keys, {unit: {} for unit in units})
        for relation in relations:
            graph.add(relation)
        for unit in [unit for unit in graph.units if graph.is_round_up(unit)]:
            graph.detach_parts(unit)
        return graph

    def add(self, relation: Relation) -> None:
        a, b = self.unit_of.get(relation.a), self.unit_of.get(relation.b)
        if a is None or b is None or a == b:
            return
        ab, ba, jaccard = relation.containment_ab, relation.containment_ba, relation.jaccard
        edge = _Edge(relation.merges, jaccard, (ab, ba))
        reverse_edge = _Edge(relation.merges, jaccard, (ba, ab))
        if b in self.edges[a]:
            edge, reverse_edge = (
                _stronger_edge(edge, self.edges[a][b]),
                _stronger_edge(reverse_edge, self.edges[b][a]),
            )
        self.edges[a][b], self.edges[b][a] = edge, reverse_edge

    def merging(self, unit: int) -> list[int]:
        return [other for other, edge in self.edges[unit].items() if edge.merges]

    def parts(self, unit: int) -> list[int]:
        """Returns the units that merge with this one because it contains them, not they it."""
        return [
            other
            for other, edge in self.edges[unit].items()
            if edge.merges
            and edge.jaccard < MIN_COPY_JACCARD
            and edge.containments[0] < _PART_CONTAINMENT < edge.containments[1]
        ]

    def is_round_up(self, unit: int) -> bool:
        """Returns whether a unit contains two units that are unrelated to each other."""
        return any(
            self.edges[first].get(second, _NO_EDGE).similarity < _MAX_UNRELATED_SIMILARITY
            for first, second in combinations(self.parts(unit), 2)
        )

    def detach_parts(self, unit: int) -> None:
        """Makes the edges between a round-up and its parts non-merging."""
        for other in self.parts(unit):
            self.edges[unit][other] = replace(self.edges[unit][other], merges=False)
            self.edges[other][unit] = replace(self.edges[other][unit], merges=False)

    def components(self, units: Iterable[int]) -> list[set[int]]:
        """Returns the components of these units that merging edges connect."""
        unvisited, found = set(units), []
        while unvisited:
            start = unvisited.pop()
            component, frontier = {start}, [start]
            while frontier:
                neighbours = unvisited.intersection(self.merging(frontier.pop()))
                unvisited -= neighbours
                component |= neighbours
                frontier.extend(neighbours)
            found.append(component)
        return found

    def medoid(self, component: set[int]) -> int:
        """Returns the unit with the largest sum of similarities to its component."""

        def rank(unit: int) -> tuple[float, tuple[bytes, str]]:
            edges = self.edges[unit].items()
            similarity_sum = fsum(
                edge.similarity for other, edge in edges if edge.merges and other in component
            )
            return -similarity_sum, self.sort_keys[unit]

        return min(component, key=rank)

    def is_near_medoid(self, unit: int, medoid: int) -> bool:
        """Returns whether a unit's similarity to the medoid is at least `MIN_MEDOID_SIMILARITY`.

        Otherwise a lower bound through a third unit can prove it, because Jaccard distance is a
        metric (Kosub 2019).
        """
        if self.edges[unit].get(medoid, _NO_EDGE).similarity >= MIN_MEDOID_SIMILARITY:
            return True
        medoid_edges = self.edges[medoid]
        return any(
            edge.jaccard + medoid_edges[third].jaccard - 1 >= MIN_MEDOID_SIMILARITY
            for third, edge in self.edges[unit].items()
            if third in medoid_edges
        )

    def is_nearer_to_first(self, unit: int, first: int, second: int) -> bool:
        """Returns whether a unit is at least as similar to `first` as to `second`."""
        edges = self.edges[unit]
        return edges.get(first, _NO_EDGE).similarity >= edges.get(second, _NO_EDGE).similarity

    def cannot_link_pairs(self, decisions: Iterable[Decision]) -> list[tuple[int, int]]:
        """Returns the pairs of units with a cannot-link; the set alone determines their order."""
        pairs = {
            tuple(sorted((self.unit_of[d.a], self.unit_of[d.b]), key=self.sort_keys.__getitem__))
            for d in decisions
            if d.verb is DecisionVerb.CANNOT_LINK and d.a in self.unit_of and d.b in self.unit_of
        }
        ordered = sorted(pairs, key=lambda pair: (self.sort_keys[pair[0]], self.sort_keys[pair[1]]))
        return [(a, b) for a, b in ordered if a != b]


def _units(
    ids: Collection[int], decisions: Sequence[Decision], members: Mapping[int, Member]
) -> dict[int, int]:
    """Returns, for each document, the lowest id of its unit."""
    parent = {document: document for document in ids}

    def root(document: int) -> int:
        while parent[document] != document:
            parent[document] = parent[parent[document]]
            document = parent[document]
        return document

    def join(a: int, b: int) -> None:
        smaller, larger = sorted((root(a), root(b)))
        parent[larger] = smaller

    separated: dict[int, set[int]] = defaultdict(set)
    for decision in decisions:
        if decision.verb is DecisionVerb.CANNOT_LINK:
            separated[decision.a].add(decision.b)
            separated[decision.b].add(decision.a)
    groups_by_text: dict[bytes, list[list[int]]] = defaultdict(list)
    # Documents with decisions come last and by uid, so that the set alone decides.
    for document in sorted(ids, key=lambda i: (i in separated, members[i].uid)):
        text_hash = members[document].text_hash
        if text_hash:
            join(document, _group_of(document, groups_by_text[text_hash], separated[document]))
    for decision in decisions:
        if (
            decision.verb is DecisionVerb.MUST_LINK
            and decision.a in parent
            and decision.b in parent
        ):
            join(decision.a, decision.b)
    return {document: root(document) for document in ids}


def _group_of(document: int, groups: list[list[int]], separated: set[int]) -> int:
    """Adds a document to the first group without a cannot-link; returns the group's first one."""
    group = next((each for each in groups if separated.isdisjoint(each)), None)
    if group is None:
        groups.append(group := [])
    group.append(document)
    return group[0]


def _split(graph: _Graph, component: set[int]) -> Iterable[set[int]]:
    """Yields the parts of a component: those near its medoid, then the same for the rest."""
    waiting = [component]
    while waiting:
        part = waiting.pop()
        medoid = graph.medoid(part)
        near_medoid = {
            unit for unit in part if unit == medoid or graph.is_near_medoid(unit, medoid)
        }
        yield near_medoid
        waiting.extend(graph.components(part - near_medoid))


def _apply_split_decisions(
    graph: _Graph, part: set[int], cannot_links: Sequence[tuple[int, int]]
) -> Iterable[set[int]]:
    """Yields the pieces of a part, split until no piece holds two units with a cannot-link."""
    conflict = next(((a, b) for a, b in cannot_links if a in part and b in part), None)
    if conflict is None:
        yield part
        return
    a, b = conflict
    not_with = {end: _others(end, cannot_links) for end in conflict}

    def goes_with_first(unit: int) -> bool:
        if unit in conflict or (unit in not_with[a]) == (unit in not_with[b]):
            return unit == a or (unit != b and graph.is_nearer_to_first(unit, a, b))
        return unit in not_with[b]

    nearer_to_a = {unit for unit in part if goes_with_first(unit)}
    for half in (nearer_to_a, part - nearer_to_a):
        for piece in graph.components(half):
            yield from _apply_split_decisions(graph, piece, cannot_links)


def _others(unit: int, cannot_links: Sequence[tuple[int, int]]) -> set[int]:
    """Returns the units with a cannot-link to this one."""
    return {end for pair in cannot_links if unit in pair for end in pair if end != unit}


def _story(graph: _Graph, part: Iterable[int], members: Mapping[int, Member]) -> Story:
    documents = [document for unit in part for document in graph.units[unit]]
    return Story(tuple(sorted(documents)), choose_lead(members[i] for i in documents).id)


def _stronger_edge(first: _Edge, second: _Edge) -> _Edge:
    """Returns an edge with the larger value of each measure."""
    containments = (
        max(first.containments[0], second.containments[0]),
        max(first.containments[1], second.containments[1]),
    )
    return _Edge(first.merges or second.merges, max(first.jaccard, second.jaccard), containments)
