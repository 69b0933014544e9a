"""Texts made to fool deduplication. Each test names the threat it answers: D1 to D7."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
from datasketch import MinHash

from dedup.bulk.cluster import cluster_documents
from dedup.copies.compare import compare_documents
from dedup.copies.memory_index import MemoryIndex
from dedup.copies.placement import (
    MAX_COPIES_COMPARED,
    MAX_RECOMPUTED_MEMBERS,
    place_document,
    recompute_stories,
)
from dedup.records import Decision, DecisionVerb, Document, RelationKind
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from dedup.text.shingles import mix

Make = Callable[..., Document]
Place = Callable[[Iterable[Document]], MemoryIndex]
Prose = Callable[[int, int], str]


def story_of(index: MemoryIndex, document: Document) -> frozenset[int]:
    return next(frozenset(s.members) for s in index.stories if document.id in s.members)


@pytest.mark.threats("D1")
@pytest.mark.parametrize("orders", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_d1_a_chain_of_81_pages_does_not_join_two_stories(
    orders: int, make: Make, placed: Place, prose: Prose
) -> None:
    one, two = prose(1, 480).split(), prose(2, 480).split()
    steps = [[*one[6 * step :], *two[: 6 * step]] for step in range(81)]
    pages = [make(" ".join(words)) for words in steps]
    for seed in range(orders):  # orders of arrival
        index = placed(random.Random(seed).sample(pages, len(pages)))
        assert pages[80].id not in story_of(index, pages[0])


@pytest.mark.threats("D2")
def test_d2_who_does_not_know_the_seed_cannot_forge_a_likeness(
    make: Make, prose: Prose, scheme: Scheme
) -> None:
    public = MinHash(128, seed=1, hashfunc=int, scheme="affine32")
    words = np.arange(200_000, dtype=np.uint64)
    a, b = public.permutations
    hashed = mix(words).astype(np.uint32)
    # For each public permutation the word that comes out least: a page of them owns the signature.
    least = {int(words[np.argmin(hashed * a[k] + b[k])]) for k in range(128)}
    ground = " ".join(f"zq{word}" for word in sorted(least))
    one = make(f"{prose(1, 700)} {ground}")
    two = make(f"{prose(2, 700)} {ground}")
    relation = compare_documents(one, two)
    assert relation is None or not relation.merges
    signatures = [compute_features(each, scheme).signature for each in (one, two)]
    assert np.count_nonzero(signatures[0] == signatures[1]) < 64


@pytest.mark.threats("D2")
def test_d2_a_copy_cannot_hide_behind_gibberish(make: Make, placed: Place, prose: Prose) -> None:
    copied = prose(3, 600)
    gibberish = " ".join(f"xv{number * 7919}" for number in range(120))
    one, two = make(copied), make(f"{copied} {gibberish}")
    assert two.id in story_of(placed([one, two]), one)


@pytest.mark.threats("D3")
@pytest.mark.parametrize("pages", [MAX_RECOMPUTED_MEMBERS + 50])
def test_d3_a_flood_of_like_pages_costs_each_a_few_comparisons(
    pages: int, make: Make, scheme: Scheme, prose: Prose
) -> None:
    body = prose(4, 150)
    index = MemoryIndex(scheme=scheme)
    flood = [make(f"{body} {prose(1000 + number, 30)}") for number in range(pages)]
    placings = [place_document(index, each, compute_features(each, scheme)) for each in flood]
    honest = make(prose(5, 200))
    assert max(each.candidate_count for each in placings) <= scheme.max_candidates
    assert max(len(each.relations) for each in placings) <= MAX_COPIES_COMPARED
    assert placings[-1].is_component_too_large
    assert place_document(index, honest, compute_features(honest, scheme)).candidate_count == 0
    assert story_of(index, honest) == {honest.id}


@pytest.mark.threats("D4")
def test_d4_a_hundred_pages_in_one_outlet_s_frame_stay_apart(
    make: Make, placed: Place, prose: Prose
) -> None:
    frame = prose(6, 600)
    pages = [
        make(f"{frame} {prose(100 + number, 100)}", title=prose(500 + number, 6), outlet="framed")
        for number in range(100)
    ]
    assert all(len(story.members) == 1 for story in placed(pages).stories)
    backwards = placed(reversed(pages))
    assert all(len(story.members) == 1 for story in backwards.stories)


@pytest.mark.threats("D4")
@pytest.mark.parametrize("outlets", [2, 3, 12])
@pytest.mark.parametrize("seed", range(3))
def test_pages_of_outlets_that_share_a_frame_stay_apart(
    outlets: int, seed: int, make: Make, placed: Place, scheme: Scheme, prose: Prose
) -> None:
    frame = prose(6, 600)
    pages = [
        make(
            f"{frame} {prose(100 + number, 100)}",
            title=prose(500 + number, 6),
            outlet=f"framed {number % outlets}",
        )
        for number in range(60)
    ]
    shuffled = random.Random(seed).sample(pages, len(pages))
    renumbered = [replace(page, id=number) for number, page in enumerate(shuffled, start=1)]
    assert all(len(story.members) == 1 for story in placed(renumbered).stories)
    batch = cluster_documents(renumbered, scheme)
    assert all(len(story.members) == 1 for story in batch.stories)


@pytest.mark.threats("D4")
def test_a_report_that_outlets_print_with_their_own_additions_stays_one_story(
    make: Make, placed: Place, english: tuple[str, ...], prose: Prose
) -> None:
    report = " ".join(english * 2)
    pages = [
        make(
            f"{report} {prose(100 + number, 60)}",
            title=f"Tower opens at Lantern Bay, {prose(900 + number, 2)}",
            outlet=f"paper {number // 2}",
        )
        for number in range(12)
    ]
    assert len(placed(pages).stories) == 1


@pytest.mark.threats("D4")
def test_d4_copies_within_a_frame_are_still_found(make: Make, placed: Place, prose: Prose) -> None:
    frame, copied = prose(6, 300), prose(7, 200)
    pages = [
        make(f"{frame} {prose(100 + number, 200)}", title=prose(500 + number, 6), outlet="framed")
        for number in range(10)
    ]
    pages += [make(f"{frame} {copied}", title=prose(600 + n, 6), outlet="framed") for n in range(2)]
    assert story_of(placed(pages), pages[-1]) == {pages[-1].id, pages[-2].id}


@pytest.mark.threats("D4")
def test_d4_two_hundred_paywall_stubs_are_two_hundred_stories(
    make: Make, placed: Place, prose: Prose
) -> None:
    common = "to read this article in full please subscribe or sign in with your account " * 2
    stubs = [make(f"{prose(200 + number, 6)} {common}"[:200]) for number in range(200)]
    assert all(len(story.members) == 1 for story in placed(stubs).stories)


@pytest.mark.threats("D5")
def test_d5_a_digest_of_twenty_articles_merges_none_and_names_all(
    make: Make, placed: Place, prose: Prose
) -> None:
    articles = [make(prose(300 + number, 200)) for number in range(20)]
    digest = make("\n\n".join(each.text for each in articles))
    index = placed([*articles, digest])
    assert all(len(story.members) == 1 for story in index.stories)
    links = [edge for edge in index.relations([digest.id]) if edge.kind is RelationKind.EXCERPT]
    assert len(links) == 20


@pytest.mark.threats("D5")
@pytest.mark.parametrize("parts", [2, 3, 5])
def test_d5_a_page_of_a_few_articles_does_not_join_them(
    parts: int, make: Make, placed: Place, prose: Prose
) -> None:
    articles = [make(prose(300 + number, 250)) for number in range(parts)]
    page = make("\n\n".join(each.text for each in articles))
    for order in ([*articles, page], [page, *articles]):
        assert all(len(story.members) == 1 for story in placed(order).stories)


@pytest.mark.threats("D6")
def test_d6_what_a_person_decided_is_kept_by_every_recomputation(
    make: Make, placed: Place, prose: Prose
) -> None:
    copies = [make([prose(8, 250), prose(700 + number, 10)]) for number in range(6)]
    strangers = [make(prose(800 + number, 250)) for number in range(6)]
    index = placed([*copies, *strangers])
    index.all_decisions = [
        *(Decision(copies[0].id, each.id, DecisionVerb.CANNOT_LINK) for each in copies[1:4]),
        *(Decision(strangers[0].id, each.id, DecisionVerb.MUST_LINK) for each in strangers[1:4]),
    ]
    for _ in range(2):
        recompute_stories(index, [each.id for each in (*copies, *strangers)])
        assert story_of(index, strangers[0]) == {each.id for each in strangers[:4]}
        for each in copies[1:4]:
            assert each.id not in story_of(index, copies[0])


@pytest.mark.threats("D7")
def test_d7_collisions_of_short_hashes_make_no_likeness(
    make: Make, prose: Prose, scheme: Scheme
) -> None:
    one, two = make(prose(9, 3000)), make(prose(10, 3000))
    low = [np.unique(compute_features(each, scheme).fingerprints & 0x7FF) for each in (one, two)]
    assert len(np.intersect1d(low[0], low[1])) > 50
    relation = compare_documents(one, two)
    assert relation is None or relation.jaccard < 0.02


@pytest.mark.threats("D3")
@pytest.mark.parametrize(
    "text",
    [
        "\x00" * 5000,
        "\ud800" * 3000,
        "가" * 300_000,
        "a" * 300_000,
        "ab " * 100_000,
        "\n" * 100_000,
    ],
    ids=["nul", "surrogate", "one syllable", "one word", "two words", "empty lines"],
)
def test_texts_that_are_no_text_match_nothing(text: str, make: Make, placed: Place) -> None:
    assert all(len(s.members) == 1 for s in placed([make(text), make(text), make(text)]).stories)
