"""The work of clustering a corpus, as functions of rows. They know no engine.

An engine only moves rows from one step to the next: a loop in one process, a pool of processes, a
cluster of machines. All engines give the same stories, relations and reports.

1. `sign`: a document -> its features and whether it may carry a report.
2. `find_pairs`: the holders of each key -> pairs of a later and an earlier document. The engine
   groups the holders by key (twice: bands, fingerprints) and sums the hits of each pair.
3. `choose_candidates`: the pairs of a document -> the earlier documents that it is compared with.
4. `compare`: a document and its candidates -> relations.
5. `settle`: a connected component -> its stories and final relations. The engine finds the
   components of merging relations and must-links.
6. `choose_head`, `describe_carrier`, `link_reports`: stories -> reports.

Documents have ids that ascend in the order of the corpus, so "earlier" means a lower id.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dedup.attribution.citation import CarrierGrade, grade_carrier
from dedup.copies.compare import have_same_words, make_identical_relation
from dedup.copies.index import rank_candidates
from dedup.copies.memory_index import MemoryGraph
from dedup.copies.page_template import is_like_without_merging
from dedup.copies.placement import (
    MAX_RECOMPUTED_MEMBERS,
    compare_with_candidates,
    join_duplicate,
    recompute_stories,
    update_stories,
)
from dedup.lead import seniority_key
from dedup.records import Decision, Document, Features, Member, Relation, Story
from dedup.reports.carriers import may_carry_report
from dedup.reports.cues import extract_cues
from dedup.reports.reports import CarrierStory, ReportSet, choose_carrier, iter_report_sets
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme

Numbers = NDArray[np.int64]
LoadDocuments = Callable[[Collection[int]], Mapping[int, Document]]

is_witness = is_like_without_merging
"""Whether a relation between two components may reveal a page template: `settle` of both needs it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What is known of a document from its text alone.

    `grade`: how surely it carries a report, None if it is not compared for reports.
    """

    features: Features
    grade: CarrierGrade | None


def sign(document: Document, scheme: Scheme, *, with_grade: bool = True) -> Signed:
    """Returns the features of a document and, `with_grade`, whether it may carry a report."""
    grade = grade_carrier(document) if with_grade else None
    is_carrier = grade is not None and may_carry_report(grade)
    return Signed(compute_features(document, scheme), grade if is_carrier else None)


def find_pairs(
    keys: Numbers,
    holders: NDArray[np.signedinteger],
    asks: NDArray[np.bool_],
    scheme: Scheme,
    max_pairs: int = 1 << 21,
) -> Iterator[tuple[NDArray[np.signedinteger], NDArray[np.signedinteger]]]:
    """Yields pairs (later holder, earlier holder) of each key: one hit each, in bounded batches.

    `keys`, `holders`: int[n], sorted by key, then by holder; all holders of a key must be here.
    `asks`: bool[n], whether the holder looks for candidates. One that does not may still be an
    earlier holder: `ask_for_candidates` tells which do. Of the earlier holders of a hot key, only the
    first `Scheme.hot_sample` count. Each batch has about `max_pairs` pairs.
    """
    is_first = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    positions = np.arange(len(keys))
    earlier_counts = positions - np.maximum.accumulate(np.where(is_first, positions, 0))
    rows = np.flatnonzero((earlier_counts > 0) & asks)
    earlier_counts = earlier_counts[rows]
    is_hot = earlier_counts > scheme.hot_key
    asked_counts = np.where(is_hot, scheme.hot_sample, earlier_counts)
    cumulative = np.cumsum(asked_counts)
    next_row = 0
    while next_row < len(rows):
        limit = cumulative[next_row] - asked_counts[next_row] + max_pairs
        end = max(next_row + 1, int(np.searchsorted(cumulative, limit)))
        batch, counts = rows[next_row:end], asked_counts[next_row:end]
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        firsts = np.repeat(batch - earlier_counts[next_row:end], counts)
        yield np.repeat(holders[batch], counts), holders[firsts + offsets]
        next_row = end


def ask_for_candidates(
    prints_before: Numbers, first_prints: Numbers, decided: Collection[int], scheme: Scheme
) -> NDArray[np.bool_]:
    """Returns which documents ask the holders of their keys, bool[n].

    `prints_before`: int64[n], the number of earlier documents with the same non-empty text hash.
    `first_prints`: int64[n], the first of them, or the document itself. `decided`: documents that
    persons decided about. A document with `Scheme.prints` earlier prints adds no information: it is
    only compared with those.
    """
    is_decided = np.isin(first_prints, np.fromiter(decided, np.int64, len(decided)))
    asks: NDArray[np.bool_] = (prints_before < scheme.prints) | is_decided
    return asks


def are_candidates(band_hits: Numbers, hits: Numbers, scheme: Scheme) -> NDArray[np.bool_]:
    """Returns which pairs are candidates, bool[n].

    `band_hits`, `hits`: int64[n], the shared bands, and the shared bands and fingerprints.
    """
    return (band_hits > 0) | (hits >= scheme.min_fingerprints)


def choose_candidates(
    text_hash: bytes,
    similar: Mapping[int, tuple[int, bytes]],
    prints: Iterable[int],
    scheme: Scheme,
) -> list[int]:
    """Returns the earlier documents that a document is compared with, best first.

    `similar`: candidates by `are_candidates` -> number of hits and text hash. `prints`: the first
    `Scheme.prints` earlier documents with the same non-empty text hash.
    """
    duplicates = dict.fromkeys(prints, (0, text_hash))
    return rank_candidates(duplicates | dict(similar), text_hash, scheme)


def is_surplus(
    text_hash: bytes,
    candidates: Sequence[int],
    hash_of: Callable[[int], bytes],
    decided: Collection[int],
    scheme: Scheme,
) -> bool:
    """Returns whether enough earlier documents with the same text were compared already.

    `candidates`: the result of `choose_candidates`. `hash_of`: returns the text hash of one.
    """
    first = candidates[: scheme.prints]
    return (
        bool(text_hash)
        and len(first) == scheme.prints
        and first[0] not in decided
        and all(hash_of(each) == text_hash for each in first)
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """The relations of a document to earlier ones.

    `is_surplus`: whether it is a further print of a text and has this one relation only.
    """

    relations: list[Relation]
    is_surplus: bool = False


def compare(
    document: Document, candidates: Sequence[Document], *, is_surplus: bool, with_spans: bool
) -> Compared:
    """Compares a document with its candidates, which must come best first.

    `is_surplus`: the result of `is_surplus`; equal hashes prove nothing, so the words are compared.
    `with_spans`: whether relations say where the shared passages are.
    """
    if is_surplus and candidates and have_same_words(document, candidates[0]):
        return Compared([make_identical_relation(document, candidates[0])], is_surplus=True)
    return Compared(compare_with_candidates(document, candidates, with_spans=with_spans))


@dataclass(frozen=True, slots=True)
class Component:
    """Documents that merging relations and must-links connect, in the order of their ids.

    `relations`: those between its members, in the order in which they were found. `witnesses`: its
    relations to documents `outside` that `is_witness`. `decisions`: all about its members.
    `surplus_ids`: members that are `Compared.is_surplus`.
    """

    members: Sequence[Member]
    relations: Sequence[Relation]
    witnesses: Sequence[Relation] = ()
    outside: Sequence[Member] = ()
    decisions: Collection[Decision] = ()
    surplus_ids: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """The stories of a component (also those of one member) and its final relations."""

    stories: list[Story] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)


def settle(component: Component, load_documents: LoadDocuments) -> Settled:
    """Returns the stories and final relations of a component.

    `load_documents`: loads documents of the component and its witnesses with their texts, to find
    page templates. A component above `MAX_RECOMPUTED_MEMBERS` is placed one document at a time.
    """
    if len(component.members) == 1 and not component.relations:
        only = component.members[0].id
        return Settled([Story((only,), only)])
    graph = MemoryGraph(all_decisions=list(component.decisions), load_documents=load_documents)
    for member in component.outside:
        graph.add_member(member)
    if len(component.members) > MAX_RECOMPUTED_MEMBERS:
        _place_one_by_one(graph, component)
    else:
        for member in component.members:
            graph.add_member(member)
        graph.add_relations([*component.relations, *component.witnesses])
        recompute_stories(graph, [member.id for member in component.members])
    ids = {member.id for member in component.members}
    final = [edge for edge in graph.relations(ids) if {edge.a, edge.b} <= ids]
    return Settled(graph.stories, final)


def _place_one_by_one(graph: MemoryGraph, component: Component) -> None:
    relations_by_id: dict[int, list[Relation]] = {}
    for edge in (*component.relations, *component.witnesses):
        relations_by_id.setdefault(edge.b, []).append(edge)
    for member in component.members:
        relations = relations_by_id.get(member.id, [])
        graph.add_member(member)
        graph.add_relations(relations)
        if member.id in component.surplus_ids:
            join_duplicate(graph, member.id, relations[0])
        else:
            update_stories(graph, member.id, (), relations)


def choose_head(story: Story, carriers: Mapping[int, Document]) -> Document | None:
    """Returns the document that stands for a story among reports; None if it carries none.

    `carriers`: the documents with a `Signed.grade`, by id; their texts may be left out.
    """
    carrying = [carriers[i] for i in story.members if i in carriers]
    return choose_carrier(carrying) if carrying else None


def describe_carrier(
    story: Story, head: Document, grade: CarrierGrade, lead: Document
) -> CarrierStory:
    """Returns what is compared of a story that carries a report.

    `head`: that of `choose_head`, with its text; `grade`: its grade. `lead`: the lead document of
    the story; its text may be left out.
    """
    return CarrierStory(extract_cues(head, grade), story, seniority_key(lead))


def link_reports(carriers: Iterable[CarrierStory]) -> Iterator[ReportSet]:
    """Yields the reports of a corpus part by part.

    `carriers`: those of all stories, sorted by `dedup.reports.days.chronological_key` of their heads. A report lasts
    some days, so all must pass through one process in this order.
    """
    return iter_report_sets(carriers)
