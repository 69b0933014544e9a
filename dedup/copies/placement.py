"""Places one article: finds candidates, compares them, and updates relations and stories.

Runs inside the caller's transaction. The same article can be placed repeatedly.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dedup.copies.compare import (
    compare_documents,
    have_same_words,
    make_identical_relation,
    prepare,
)
from dedup.copies.index import Graph, Index
from dedup.copies.page_template import (
    choose_kept,
    demote_template_edges,
    find_templates,
    find_witnesses,
    repeated_pages,
)
from dedup.copies.pair_classifier import MIN_COPY_JACCARD
from dedup.copies.stories import compute_stories, connected_documents, relation_similarity
from dedup.lead import choose_lead
from dedup.records import (
    Decision,
    DecisionVerb,
    Document,
    Features,
    Member,
    Relation,
    RelationKind,
    Story,
)

MAX_COPIES_COMPARED = 8
"""No more candidates are compared after this many distinct near-verbatim copies. Their similarities
imply those to the rest of the story, because Jaccard distance is a metric.
"""

MAX_RECOMPUTED_MEMBERS = 100
"""A component with more members is not recomputed for each new article."""
_MIN_LARGE_COMPONENT_SIMILARITY = 0.7


@dataclass(frozen=True, slots=True)
class Placed:
    """The result of placing an article."""

    document_id: int
    candidate_count: int
    relations: tuple[Relation, ...]
    stories: tuple[Story, ...] = ()  # the stories that were recomputed
    duplicate_of: int | None = None  # the article with the same text whose story it joined
    is_component_too_large: bool = False  # its component is too large to be recomputed


def place_document(index: Index, document: Document, features: Features) -> Placed:
    """Places a document, new or with a new text, into its story.

    Raises SchemeMismatch if the features have another scheme than the index.
    """
    former_neighbours = _prepare_replacement(index, document.id, features.text_hash)
    candidate_ids = index.candidates(document.id, features)
    duplicate = (
        None
        if former_neighbours
        else _find_surplus_duplicate(index, document, candidate_ids, features)
    )
    if duplicate is not None:
        relations: tuple[Relation, ...] = (make_identical_relation(document, duplicate),)
    else:
        candidates = index.documents(candidate_ids)
        compared = compare_with_candidates(
            document,
            (candidates[i] for i in candidate_ids if i in candidates),
            with_spans=index.keeps_spans,
        )
        relation_by_pair = {
            (edge.a, edge.b): edge for edge in _identical_relations(index, document.id, features)
        }
        relations = tuple(
            (relation_by_pair | {(edge.a, edge.b): edge for edge in compared}).values()
        )
    index.put(document, features)
    index.replace_relations(document.id, relations)
    if duplicate is not None:
        return join_duplicate(index, document.id, relations[0], len(candidate_ids))
    return update_stories(index, document.id, former_neighbours, relations, len(candidate_ids))


def compare_with_candidates(
    document: Document, candidates: Iterable[Document], *, with_spans: bool
) -> list[Relation]:
    """Returns the relations of a document to its candidates, which must come best first.

    `with_spans`: whether they say where the shared passages are. Stops after `MAX_COPIES_COMPARED` distinct near-verbatim copies.
    """
    relations: list[Relation] = []
    copies: set[bytes] = set()
    for candidate in candidates:
        comparison_key = prepare(candidate).normal.comparison_key
        if len(copies) >= MAX_COPIES_COMPARED and comparison_key not in copies:
            break
        relation = compare_documents(document, candidate, with_spans=with_spans)
        if relation is not None:
            relations.append(relation)
            if relation.merges and relation.jaccard >= MIN_COPY_JACCARD:
                copies.add(comparison_key)
    return relations


def remove_document(index: Index, document_id: int) -> tuple[Story, ...]:
    """Removes a document; returns the stories that this changed."""
    former_neighbours = _prepare_replacement(index, document_id, b"")
    index.remove(document_id)
    return recompute_stories(index, former_neighbours - {document_id})


def detach_document(index: Graph, document_id: int) -> set[int]:
    """Removes all relations of a document, as if its text were gone.

    Returns the ids of the documents that merging relations connected with it.
    """
    edges = index.relations([document_id])
    _transfer_relations(index, document_id, edges)
    index.replace_relations(document_id, ())
    return {_other(edge, document_id) for edge in edges if edge.merges}


def recompute_stories(index: Graph, ids: Collection[int]) -> tuple[Story, ...]:
    """Recomputes the stories of these documents, for example after a decision; returns them."""
    assigned: list[Story] = []
    waiting = set(ids)
    while waiting:
        component, edges = _component(index, waiting.pop(), limit=None)
        waiting -= component
        assigned.extend(_settle(index, component, edges))
    index.assign_stories(assigned)
    return tuple(assigned)


def preview_stories(
    index: Graph, ids: Collection[int], decisions: Collection[Decision]
) -> tuple[Story, ...]:
    """Returns the stories of these documents as further decisions would make them.

    A decision replaces an earlier one on the same pair. Nothing is stored.
    """
    replaced = {(each.a, each.b) for each in decisions}
    stories: list[Story] = []
    waiting = set(ids)
    while waiting:
        component, edges = _component(index, waiting.pop(), limit=None)
        waiting -= component
        kept = [each for each in index.decisions(component) if (each.a, each.b) not in replaced]
        members = index.members(component)
        stories += compute_stories(members.keys(), edges.values(), [*kept, *decisions], members)
    return tuple(stories)


def update_stories(
    index: Graph,
    document_id: int,
    former_neighbours: Collection[int],
    relations: Sequence[Relation],
    candidate_count: int = 0,
) -> Placed:
    """Updates the stories after the relations of a document were stored.

    `former_neighbours`: documents that were connected with it before.
    """
    assigned: list[Story] = []
    waiting = {document_id, *former_neighbours}
    peers = {_other(edge, document_id) for edge in relations if edge.merges}
    if peers and index.has_large_story(peers, MAX_RECOMPUTED_MEMBERS):
        _join_large_component(index, document_id, relations)
        return Placed(document_id, candidate_count, tuple(relations), is_component_too_large=True)
    while waiting:
        component, edges = _component(index, waiting.pop(), limit=MAX_RECOMPUTED_MEMBERS)
        waiting -= component
        if len(component) > MAX_RECOMPUTED_MEMBERS and document_id in component:
            _join_large_component(index, document_id, relations)
            return Placed(
                document_id, candidate_count, tuple(relations), is_component_too_large=True
            )
        assigned.extend(_settle(index, component, edges))
    index.assign_stories(assigned)
    return Placed(document_id, candidate_count, tuple(relations), tuple(assigned))


def join_duplicate(
    index: Graph, document_id: int, relation: Relation, candidate_count: int = 0
) -> Placed:
    """Adds a further duplicate of a text to the story of the document in `relation`.

    `relation` must be the document's only relation. If there is a decision about the document, its
    stories are recomputed instead.
    """
    duplicate = _other(relation, document_id)
    if index.decisions([document_id]):
        return update_stories(index, document_id, (), [relation], candidate_count)
    leads = [index.lead_of(duplicate) or duplicate, document_id]
    index.join_story(document_id, duplicate, choose_lead(index.members(leads).values()).id)
    return Placed(document_id, candidate_count, (relation,), duplicate_of=duplicate)


def _settle(
    index: Graph, component: set[int], edges: dict[tuple[int, int], Relation]
) -> list[Story]:
    """Returns the stories of a component, after the relations that rest on a template are demoted."""
    demoted = _find_template_edges(index, component, edges)
    if not demoted:
        return _stories(index, component, edges)
    kept = choose_kept(edges.values(), demoted)
    index.amend_relations(kept, [edge for edge in demoted if edge not in kept])
    known = edges | {(edge.a, edge.b): edge for edge in demoted}
    stories: list[Story] = []
    waiting = set(component)
    while waiting:
        part = connected_documents(waiting, known, index.decisions(component))
        waiting -= part
        if len(part) == 1:
            stories.append(Story(tuple(part), *part))
            continue
        stories += _settle(
            index, part, {ends: edge for ends, edge in known.items() if part & {*ends}}
        )
    return stories


def _find_template_edges(
    index: Graph, component: set[int], edges: Mapping[tuple[int, int], Relation]
) -> list[Relation]:
    """Returns the merging relations that rest on a page template, demoted."""
    if not any(edge.merges and edge.kind is not RelationKind.IDENTICAL for edge in edges.values()):
        return []
    witnesses = find_witnesses(component, edges.values())
    outlets = {i: member.outlet for i, member in index.members(component | witnesses).items()}
    repeated = repeated_pages(outlets, component)
    templates = find_templates(index.documents(repeated).values()) if repeated else []
    pages = index.documents(component).values() if templates else ()
    demoted = [
        edge
        for template in templates
        for edge in demote_template_edges(pages, template, set(outlets.values()), edges.values())
    ]
    return list({(edge.a, edge.b): edge for edge in reversed(demoted)}.values())


def _prepare_replacement(index: Index, document_id: int, text_hash: bytes) -> set[int]:
    """Prepares the replacement of a document's text; returns its former neighbours and itself.

    The first document of several duplicates holds the relations. If it changes its text, they pass
    to the next duplicate. Returns an empty set for an unknown document.
    """
    member = index.members([document_id]).get(document_id)
    if member is None:
        return set()
    edges = index.relations([document_id])
    neighbours = {other for edge in edges if edge.merges for other in (edge.a, edge.b)}
    if member.text_hash and member.text_hash != text_hash:
        _transfer_relations(index, document_id, edges)
    return neighbours | {document_id}


def _transfer_relations(index: Graph, document_id: int, edges: Sequence[Relation]) -> None:
    """Passes the relations of a document that no longer has this text to the next duplicate."""
    duplicates = sorted(
        _other(edge, document_id) for edge in edges if edge.kind is RelationKind.IDENTICAL
    )
    if not duplicates:
        return
    heir = duplicates[0]
    heir_relations = {_other(edge, heir): edge for edge in index.relations([heir])}
    heir_relations.pop(document_id, None)
    was_compared = bool(heir_relations)
    for edge in edges:
        other = _other(edge, document_id)
        if other != heir and (edge.kind is RelationKind.IDENTICAL or not was_compared):
            heir_relations.setdefault(other, _transferred_relation(edge, document_id, heir))
    index.replace_relations(heir, heir_relations.values())


def _transferred_relation(edge: Relation, old: int, new: int) -> Relation:
    """Returns the relation with its end `old` replaced by the duplicate `new`."""
    source = new if edge.source == old else edge.source
    if (edge.a == old) == (new < _other(edge, old)):
        ends = (new, edge.b) if edge.a == old else (edge.a, new)
        return replace(edge, a=ends[0], b=ends[1], source=source, spans=())
    other = _other(edge, old)
    smaller_id, larger_id = sorted((new, other))
    return replace(
        edge,
        a=smaller_id,
        b=larger_id,
        containment_ab=edge.containment_ba,
        containment_ba=edge.containment_ab,
        source=source,
        spans=(),
    )


def _identical_relations(index: Index, document_id: int, features: Features) -> list[Relation]:
    """Returns the document's relations to its duplicates, if its text has not changed."""
    member = index.members([document_id]).get(document_id)
    if member is None or not member.text_hash or member.text_hash != features.text_hash:
        return []
    edges = index.relations([document_id])
    return [edge for edge in edges if edge.kind is RelationKind.IDENTICAL]


def _find_surplus_duplicate(
    index: Index, document: Document, candidate_ids: Sequence[int], features: Features
) -> Member | None:
    """Returns the first document with the same text if the text has enough duplicates, else None.

    After `Scheme.prints` duplicates, one more adds no information.
    """
    max_duplicates = index.scheme.prints
    if not features.text_hash or len(candidate_ids) < max_duplicates:
        return None
    duplicates = list(index.members(candidate_ids[:max_duplicates]).values())
    if any(each.text_hash != features.text_hash for each in duplicates):
        return None
    first = min(duplicates, key=lambda each: each.id)
    if index.decisions([first.id]):
        return None
    text = index.documents([first.id]).get(first.id)
    return first if text and have_same_words(text, document) else None


def _join_large_component(index: Graph, document_id: int, relations: Sequence[Relation]) -> None:
    """Adds a document to the story of its nearest neighbour in a very large component.

    If no neighbour is near enough, the document becomes a story of its own.
    """
    near_relations = [
        relation
        for relation in relations
        if relation.merges and relation_similarity(relation) >= _MIN_LARGE_COMPONENT_SIMILARITY
    ]
    if not near_relations:
        index.assign_stories([Story((document_id,), document_id)])
        return
    best = min(
        near_relations,
        key=lambda relation: (-relation_similarity(relation), _other(relation, document_id)),
    )
    peer = _other(best, document_id)
    leads = [index.lead_of(peer) or peer, document_id]
    index.join_story(document_id, peer, choose_lead(index.members(leads).values()).id)


def _component(
    index: Graph, start: int, limit: int | None
) -> tuple[set[int], dict[tuple[int, int], Relation]]:
    """Returns all documents connected by merging relations and must-links, and their relations."""
    component, frontier = {start}, {start}
    edges: dict[tuple[int, int], Relation] = {}
    while frontier and (limit is None or len(component) <= limit):
        neighbours: set[int] = set()
        for edge in index.relations(frontier):
            edges[edge.a, edge.b] = edge
            if edge.merges:
                neighbours |= {edge.a, edge.b}
        for decision in index.decisions(frontier):
            if decision.verb is DecisionVerb.MUST_LINK:
                neighbours |= {decision.a, decision.b}
        frontier = index.members(neighbours - component).keys() - component
        component |= frontier
    return component, edges


def _stories(
    index: Graph, component: set[int], edges: dict[tuple[int, int], Relation]
) -> list[Story]:
    members = index.members(component)
    return compute_stories(members.keys(), edges.values(), index.decisions(component), members)


def _other(relation: Relation, document_id: int) -> int:
    return relation.b if relation.a == document_id else relation.a
