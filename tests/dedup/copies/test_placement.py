from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.bulk.cluster import cluster_documents
from dedup.copies.memory_index import MemoryIndex
from dedup.copies.placement import place_document, recompute_stories, remove_document
from dedup.records import Decision, DecisionVerb, Document, RelationKind
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme, SchemeMismatch

Make = Callable[..., Document]
Placed = Callable[[Iterable[Document]], MemoryIndex]
Partition = Callable[[MemoryIndex], frozenset[frozenset[str]]]


@pytest.fixture
def corpus(
    make: Make, english: tuple[str, ...], korean: tuple[str, ...], prose: Callable[[int, int], str]
) -> list[Document]:
    """Two stories in several versions, with copies, cuts, prints of one text, and strangers."""
    made = [
        make(english, outlet="agency", rank=1),
        make([*english, "One more sentence that only this paper has."]),
        make(english[:6]),
        make(english[2:9]),
        make(english),
        make(english[:7]),
        make([*english[:11], prose(2, 30)]),
        make(korean),
        make([each.replace("었다.", "었습니다.") for each in korean]),
        make(korean[:5]),
        make(korean),
        make([*english, prose(3, 260)]),
        make([prose(4, 120), *english[4:7]]),
        make("Too short to be told from others."),
        make(""),
    ]
    return made + [make(prose(seed, 250)) for seed in range(10, 16)]


def test_copies_come_together_and_strangers_stay_alone(
    corpus: list[Document], placed: Placed, partition: Partition
) -> None:
    found = {frozenset(int(uid[3:]) for uid in story) for story in partition(placed(corpus))}
    assert frozenset({1, 2, 3, 4, 5, 6, 7, 12}) in found
    assert frozenset({8, 9, 10, 11}) in found
    assert {frozenset({number}) for number in range(13, 22)} <= found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_any_order_of_arrival_tells_the_same_stories(
    seed: int,
    request: pytest.FixtureRequest,
) -> None:
    corpus: list[Document] = request.getfixturevalue("corpus")
    placed: Placed = request.getfixturevalue("placed")
    partition: Partition = request.getfixturevalue("partition")
    shuffled = Random(seed).sample(corpus, len(corpus))
    renumbered = [replace(each, id=number) for number, each in enumerate(shuffled, start=1)]
    assert partition(placed(renumbered)) == partition(placed(corpus))


def test_a_batch_tells_the_same_stories_as_one_at_a_time(
    corpus: list[Document], placed: Placed, scheme: Scheme
) -> None:
    one_by_one, batch = placed(corpus), cluster_documents(corpus, scheme)
    assert batch.stories == one_by_one.stories
    ids = [document.id for document in corpus]
    ours = {(edge.a, edge.b): edge for edge in batch.relations}
    theirs = {(edge.a, edge.b): edge for edge in one_by_one.relations(ids)}
    assert ours == theirs


def test_the_lead_is_told_whatever_came_first(corpus: list[Document], placed: Placed) -> None:
    index = placed(reversed(corpus))
    leads = {story.lead for story in index.stories if len(story.members) > 1}
    assert leads == {1, 8}


def test_placing_again_changes_nothing(
    corpus: list[Document], placed: Placed, scheme: Scheme
) -> None:
    index = placed(corpus)
    before = index.stories
    for document in corpus:
        place_document(index, document, compute_features(document, scheme))
        assert index.stories == before


def test_a_new_version_moves_to_where_it_belongs(
    corpus: list[Document], placed: Placed, scheme: Scheme, korean: tuple[str, ...]
) -> None:
    index = placed(corpus)
    changed = replace(corpus[1], text=" ".join(korean))
    place_document(index, changed, compute_features(changed, scheme))
    later = [changed if each.id == changed.id else each for each in corpus]
    assert index.stories == placed(later).stories


@pytest.mark.parametrize("gone", [1, 3, 5, 8, 12, 13])
def test_taking_an_article_out_leaves_the_stories_of_the_rest(
    gone: int, corpus: list[Document], placed: Placed
) -> None:
    index = placed(corpus)
    remove_document(index, gone)
    assert index.stories == placed(each for each in corpus if each.id != gone).stories


def test_the_first_print_of_a_text_bequeaths_its_relations(
    make: Make,
    placed: Placed,
    scheme: Scheme,
    english: tuple[str, ...],
    prose: Callable[[int, int], str],
) -> None:
    first, second, cut = make(english), make(english), make(english[:6])
    index = placed([first, second, cut])
    changed = replace(first, text=prose(1, 300))
    place_document(index, changed, compute_features(changed, scheme))
    assert {story.members for story in index.stories} == {(1,), (2, 3)}


def test_a_thousand_prints_of_one_text_cost_one_comparison_each(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    index = MemoryIndex(scheme=scheme)
    prints = [make(english) for _ in range(1000)]
    found = compute_features(prints[0], scheme)
    placings = [place_document(index, each, found) for each in prints]
    assert [story.members for story in index.stories] == [tuple(range(1, 1001))]
    assert all(len(each.relations) == 1 for each in placings[scheme.prints :])
    assert all(each.candidate_count <= scheme.prints for each in placings)


def test_a_print_of_another_day_speaks_for_itself(
    make: Make, placed: Placed, partition: Partition, english: tuple[str, ...]
) -> None:
    cut = [make(english[:7], days=90), make(english[:7], days=0), make(english, days=0)]
    index = placed(cut)
    assert index.stories[0].members == (1, 2, 3)
    for order in ([2, 0, 1], [1, 2, 0], [2, 1, 0]):
        assert partition(placed(cut[at] for at in order)) == partition(index)


def test_decisions_outlive_whatever_is_worked_out_again(
    corpus: list[Document], placed: Placed, scheme: Scheme
) -> None:
    index = placed(corpus)
    index.all_decisions = [
        Decision(1, 8, DecisionVerb.MUST_LINK),
        Decision(1, 3, DecisionVerb.CANNOT_LINK),
    ]
    recompute_stories(index, {1, 3, 8})
    for document in corpus:
        place_document(index, document, compute_features(document, scheme))
    story = next(each for each in index.stories if 1 in each.members)
    assert 8 in story.members
    assert 3 not in story.members
    index.all_decisions = []
    recompute_stories(index, range(1, 22))
    assert index.stories == placed(corpus).stories


def test_excerpts_are_related_and_not_merged(corpus: list[Document], placed: Placed) -> None:
    index = placed(corpus)
    kinds = {edge.kind for edge in index.relations([13])}
    assert kinds == {RelationKind.EXCERPT}


def test_features_of_another_scheme_are_refused(make: Make, english: tuple[str, ...]) -> None:
    document = make(english)
    index = MemoryIndex(scheme=Scheme(seed=1))
    with pytest.raises(SchemeMismatch, match="recluster"):
        place_document(index, document, compute_features(document, Scheme(seed=2)))


def test_a_batch_refuses_two_documents_with_one_id(make: Make, scheme: Scheme) -> None:
    with pytest.raises(ValueError, match="given before"):
        cluster_documents([make("a"), replace(make("b"), id=1)], scheme)
