"""Placing one article: candidates, exact comparison, relations, and the stories that this changes.

Runs inside the caller's transaction; the same article may be placed again and again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dedup.copies.compare import compare, identical, prepare
from dedup.copies.index import Graph, Index
from dedup.copies.stories import likeness, stories
from dedup.copies.template import crowded, framed
from dedup.copies.verdict import COPY
from dedup.lead import lead
from dedup.records import Document, Features, Member, Relation, RelationKind, Story, Verb

ENOUGH = 8
"""Near-verbatim copies after which no more candidates are compared: likeness to any other member of
their story follows from theirs, for Jaccard distance is a metric."""

BULK = 100
"""A component with more members is not worked out anew for each article that comes to it."""
_BULK_LIKENESS = 0.7


@dataclass(frozen=True, slots=True)
class Placed:
    """What placing an article found and changed."""

    document_id: int
    candidates: int
    relations: tuple[Relation, ...]
    stories: tuple[Story, ...] = ()  # the stories that were assigned anew
    twin: int | None = None  # the article with the same words whose story it joined
    bulk: bool = False  # its component is too large to be worked out anew


def place(index: Index, document: Document, features: Features) -> Placed:
    """Put a document, new or with a new text, into its story.

    Raises SchemeMismatch if the features are of another scheme than the index.
    """
    before = _leave(index, document.id, features.text_hash)
    found = index.candidates(document.id, features)
    twin = None if before else _crowded_twin(index, found, features)
    if twin is not None:
        relations: tuple[Relation, ...] = (identical(document, twin),)
    else:
        others = index.documents(found)
        compared = relate(document, (others[i] for i in found if i in others))
        held = {(edge.a, edge.b): edge for edge in _twins(index, document.id, features)}
        relations = tuple((held | {(edge.a, edge.b): edge for edge in compared}).values())
    index.put(document, features)
    index.relate(document.id, relations)
    if twin is not None:
        return join_twin(index, document.id, relations[0], len(found))
    return settle(index, document.id, before, relations, len(found))


def relate(document: Document, candidates: Iterable[Document]) -> list[Relation]:
    """What a document is to its candidates, which come best first."""
    relations: list[Relation] = []
    copies: set[bytes] = set()
    for candidate in candidates:
        text = prepare(candidate).normal.joined
        if len(copies) >= ENOUGH and text not in copies:
            break
        relation = compare(document, candidate)
        if relation is not None:
            relations.append(relation)
            if relation.merges and relation.jaccard >= COPY:
                copies.add(text)
    return relations


def remove(index: Index, document_id: int) -> tuple[Story, ...]:
    """Take a document out; returns the stories that this changed."""
    before = _leave(index, document_id, b"")
    index.remove(document_id)
    return recompute(index, before - {document_id})


def estrange(index: Graph, document_id: int) -> set[int]:
    """Take all relations from a document, as if its text were gone; returns who was connected."""
    edges = index.relations([document_id])
    _bequeath(index, document_id, edges)
    index.relate(document_id, ())
    return {_other(edge, document_id) for edge in edges if edge.merges}


def recompute(index: Graph, ids: Collection[int]) -> tuple[Story, ...]:
    """Work out the stories of these documents anew, as after a decision about two of them."""
    assigned: list[Story] = []
    waiting = set(ids)
    while waiting:
        component, edges = _component(index, waiting.pop(), limit=None)
        waiting -= component
        if _drop_frames(index, component, edges):
            waiting |= component
            continue
        assigned.extend(_stories(index, component, edges))
    index.assign(assigned)
    return tuple(assigned)


def settle(
    index: Graph,
    document_id: int,
    before: Collection[int],
    relations: Sequence[Relation],
    found: int = 0,
) -> Placed:
    """The stories that a document changes which is related already. `before`: with whom it was."""
    assigned: list[Story] = []
    waiting = {document_id, *before}
    while waiting:
        component, edges = _component(index, waiting.pop(), limit=BULK)
        waiting -= component
        if len(component) > BULK and document_id in component:
            _join_bulk(index, document_id, relations)
            return Placed(document_id, found, tuple(relations), bulk=True)
        if _drop_frames(index, component, edges):
            waiting |= component
            continue
        assigned.extend(_stories(index, component, edges))
    index.assign(assigned)
    return Placed(document_id, found, tuple(relations), tuple(assigned))


def join_twin(index: Graph, document_id: int, relation: Relation, found: int = 0) -> Placed:
    """Put one more print of a text, related to nothing but the first, into the story of that."""
    twin = _other(relation, document_id)
    if index.decisions([document_id]):
        return settle(index, document_id, (), [relation], found)
    leads = [index.lead(twin) or twin, document_id]
    index.join(document_id, twin, lead(index.members(leads).values()).id)
    return Placed(document_id, found, (relation,), twin=twin)


def _drop_frames(
    index: Graph, component: set[int], edges: Mapping[tuple[int, int], Relation]
) -> bool:
    """Undo merging edges that rest on a template of one outlet; whether there were any."""
    outlets = {i: member.outlet for i, member in index.members(component).items()}
    fallen: dict[tuple[int, int], Relation] = {}
    for pages in crowded(outlets, component):
        documents = index.documents(pages).values()
        fallen |= {(edge.a, edge.b): edge for edge in framed(list(documents), edges.values())}
    for document_id in {edge.a for edge in fallen.values()}:
        held = index.relations([document_id])
        index.relate(document_id, [fallen.get((edge.a, edge.b), edge) for edge in held])
    return bool(fallen)


def _leave(index: Index, document_id: int, text_hash: bytes) -> set[int]:
    """The documents that a known document was connected with, ready to be without it.

    Of several prints of one text the first carries the relations: they pass to the next one.
    """
    known = index.members([document_id]).get(document_id)
    if known is None:
        return set()
    edges = index.relations([document_id])
    near = {other for edge in edges if edge.merges for other in (edge.a, edge.b)}
    if known.text_hash and known.text_hash != text_hash:
        _bequeath(index, document_id, edges)
    return near | {document_id}


def _bequeath(index: Graph, document_id: int, edges: Sequence[Relation]) -> None:
    """Pass on to the next print of a text what hung on a document that no longer prints it."""
    twins = sorted(
        _other(edge, document_id) for edge in edges if edge.kind is RelationKind.IDENTICAL
    )
    if not twins:
        return
    heir = twins[0]
    kept = {_other(edge, heir): edge for edge in index.relations([heir])}
    kept.pop(document_id, None)
    was_compared = bool(kept)
    for edge in edges:
        other = _other(edge, document_id)
        if other != heir and (edge.kind is RelationKind.IDENTICAL or not was_compared):
            kept.setdefault(other, _moved(edge, document_id, heir))
    index.relate(heir, kept.values())


def _moved(edge: Relation, old: int, new: int) -> Relation:
    """The relation as that of another print of the same words."""
    source = new if edge.source == old else edge.source
    if (edge.a == old) == (new < _other(edge, old)):
        ends = (new, edge.b) if edge.a == old else (edge.a, new)
        return replace(edge, a=ends[0], b=ends[1], source=source, spans=())
    other = _other(edge, old)
    low, high = sorted((new, other))
    return replace(
        edge,
        a=low,
        b=high,
        containment_ab=edge.containment_ba,
        containment_ba=edge.containment_ab,
        source=source,
        spans=(),
    )


def _twins(index: Index, document_id: int, features: Features) -> list[Relation]:
    """The relations that a document has with other prints of its text, if that has not changed."""
    known = index.members([document_id]).get(document_id)
    if known is None or not known.text_hash or known.text_hash != features.text_hash:
        return []
    edges = index.relations([document_id])
    return [edge for edge in edges if edge.kind is RelationKind.IDENTICAL]


def _crowded_twin(index: Index, found: Sequence[int], features: Features) -> Member | None:
    """The first print of the very same text if there are so many that one more tells nothing new."""
    prints = index.scheme.prints
    if not features.text_hash or len(found) < prints:
        return None
    twins = list(index.members(found[:prints]).values())
    if any(each.text_hash != features.text_hash for each in twins):
        return None
    first = min(twins, key=lambda each: each.id)
    return None if index.decisions([first.id]) else first


def _join_bulk(index: Graph, document_id: int, relations: Sequence[Relation]) -> None:
    """Join the story of the nearest member of a very large component, if it is near enough."""
    near = [r for r in relations if r.merges and likeness(r) >= _BULK_LIKENESS]
    if not near:
        index.assign([Story((document_id,), document_id)])
        return
    best = min(near, key=lambda r: (-likeness(r), _other(r, document_id)))
    peer = _other(best, document_id)
    leads = [index.lead(peer) or peer, document_id]
    index.join(document_id, peer, lead(index.members(leads).values()).id)


def _component(
    index: Graph, start: int, limit: int | None
) -> tuple[set[int], dict[tuple[int, int], Relation]]:
    """Everyone connected with a document by merging relations and must-links, and their edges."""
    component, frontier = {start}, {start}
    edges: dict[tuple[int, int], Relation] = {}
    while frontier and (limit is None or len(component) <= limit):
        near: set[int] = set()
        for edge in index.relations(frontier):
            edges[edge.a, edge.b] = edge
            if edge.merges:
                near |= {edge.a, edge.b}
        for decision in index.decisions(frontier):
            if decision.verb is Verb.MUST_LINK:
                near |= {decision.a, decision.b}
        frontier = index.members(near - component).keys() - component
        component |= frontier
    return component, edges


def _stories(
    index: Graph, component: set[int], edges: dict[tuple[int, int], Relation]
) -> list[Story]:
    members = index.members(component)
    return stories(members.keys(), edges.values(), index.decisions(component), members)


def _other(relation: Relation, document_id: int) -> int:
    return relation.b if relation.a == document_id else relation.a
