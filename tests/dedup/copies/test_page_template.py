"""Frames that many articles share, and reports that many printed, are told apart. Answers D4."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest

from dedup.bulk.cluster import cluster_documents
from dedup.copies.memory_index import MemoryIndex
from dedup.records import Document
from dedup.signature.scheme import Scheme

Make = Callable[..., Document]
Place = Callable[[Iterable[Document]], MemoryIndex]
Prose = Callable[[int, int], str]

pytestmark = pytest.mark.threats("D4")


def renumbered(pages: Sequence[Document], seed: int) -> list[Document]:
    """The pages in another order of arrival."""
    shuffled = random.Random(seed).sample(pages, len(pages))
    return [replace(page, id=number) for number, page in enumerate(shuffled, start=1)]


def sizes(stories: Iterable[Sequence[int]]) -> list[int]:
    return sorted(map(len, stories))


HEADLINES: dict[str, Callable[[Prose, int], str]] = {
    "unlike": lambda prose, number: prose(500 + number, 6),
    "numbered": lambda _, number: f"Article number {number} about the harbour office",
    "one for all": lambda *_: "The Daily Lantern",
    "none": lambda *_: "",
    "of one form": lambda prose, number: f"Harbour office {prose(500 + number, 2)} says the master",
}


@pytest.fixture
def framed(make: Make, prose: Prose) -> Callable[..., list[Document]]:
    """Twenty pages of each outlet in one frame of 600 words, each with a text of its own."""

    def pages(
        headline: Callable[[Prose, int], str],
        *,
        outlets: int = 3,
        count: int = 36,
        own: int = 100,
        days: float | None = 0.2,
        place: str = "head",
        changing: int = 0,
    ) -> list[Document]:
        found = []
        for number in range(count):
            words = prose(6, 600).split()
            chosen = random.Random(number)
            for _ in range(changing):
                words[chosen.randrange(len(words))] = f"{chosen.randrange(100)}"
            text = prose(100 + number, own)
            cut = {"head": len(words), "tail": 0, "middle": 300}[place]
            found.append(
                make(
                    " ".join([*words[:cut], text, *words[cut:]]),
                    title=headline(prose, number),
                    outlet=f"framed {number % outlets}",
                    days=None if days is None else number * days,
                )
            )
        return found

    return pages


def check_apart(pages: Sequence[Document], placed: Place, scheme: Scheme, seed: int = 1) -> None:
    arrived = renumbered(pages, seed)
    assert sizes(s.members for s in placed(arrived).stories) == [1] * len(pages)
    batch = cluster_documents(arrived, scheme, reports=False)
    assert sizes(s.members for s in batch.stories) == [1] * len(pages)


@pytest.mark.parametrize("headline", HEADLINES)
@pytest.mark.parametrize("days", [0.0, 0.2, None], ids=["one day", "a week", "undated"])
def test_a_frame_of_several_outlets_joins_nothing_whatever_its_headlines(
    headline: str,
    days: float | None,
    framed: Callable[..., list[Document]],
    placed: Place,
    scheme: Scheme,
) -> None:
    check_apart(framed(HEADLINES[headline], days=days), placed, scheme)


@pytest.mark.parametrize("outlets", [1, 2, 6, 10])
def test_a_frame_is_told_over_any_number_of_outlets(
    outlets: int, framed: Callable[..., list[Document]], placed: Place, scheme: Scheme
) -> None:
    for headline in ("numbered", "unlike"):
        pages = framed(HEADLINES[headline], outlets=outlets, count=40)
        check_apart(pages, placed, scheme)


@pytest.mark.parametrize("place", ["head", "middle", "tail"])
def test_a_frame_with_dates_and_counters_is_told_wherever_it_stands(
    place: str, framed: Callable[..., list[Document]], placed: Place, scheme: Scheme
) -> None:
    check_apart(framed(HEADLINES["numbered"], place=place, changing=6), placed, scheme)


@pytest.mark.parametrize("own", [30, 50, 150])
def test_the_length_of_what_is_in_a_frame_does_not_matter(
    own: int, framed: Callable[..., list[Document]], placed: Place, scheme: Scheme
) -> None:
    check_apart(framed(HEADLINES["unlike"], own=own), placed, scheme)


@pytest.mark.slow
def test_a_frame_of_ten_outlets_with_twenty_pages_each_is_told(
    framed: Callable[..., list[Document]], placed: Place, scheme: Scheme
) -> None:
    for seed in range(3):
        pages = framed(HEADLINES["numbered"], outlets=10, count=200, days=0.05)
        stories = sizes(s.members for s in placed(renumbered(pages, seed)).stories)
        # Placed in any order, some of the first pages can stay together until `recluster`.
        assert max(stories) <= 4
        assert len(stories) >= 195


def test_two_frames_are_told_side_by_side(
    framed: Callable[..., list[Document]], prose: Prose, placed: Place, scheme: Scheme
) -> None:
    first = framed(HEADLINES["numbered"])
    second = [
        replace(each, text=f"{prose(61, 600)} {prose(4000 + each.id, 100)}")
        for each in framed(HEADLINES["numbered"])
    ]
    check_apart([*first, *second], placed, scheme)


def test_pages_with_nothing_but_the_frame_do_not_join_the_others(
    framed: Callable[..., list[Document]],
    make: Make,
    prose: Prose,
    placed: Place,
    scheme: Scheme,
) -> None:
    pages = framed(HEADLINES["unlike"])
    empty = [
        make(f"{prose(6, 600)} {prose(9000 + n, 8)}", title="Sorry", outlet=f"framed {n}")
        for n in range(3)
    ]
    for stories in (
        placed(arrived := renumbered([*pages, *empty], 2)).stories,
        cluster_documents(arrived, scheme, reports=False).stories,
    ):
        assert sizes(story.members for story in stories) == [1] * len(pages) + [3]


@pytest.mark.parametrize("own_words", [0, 30])
def test_outlets_that_share_a_frame_and_print_one_report_have_one_story_of_it(
    own_words: int,
    framed: Callable[..., list[Document]],
    make: Make,
    prose: Prose,
    placed: Place,
    scheme: Scheme,
) -> None:
    pages = framed(HEADLINES["unlike"], outlets=10, count=40)
    copies = [
        make(
            f"{prose(6, 600)} {prose(7, 150)} {prose(8000 + n, own_words) if own_words else ''}",
            title="Tower opens at Lantern Bay",
            outlet=f"framed {n}",
            days=2,
        )
        for n in range(10)
    ]
    arrived = renumbered([*pages, *copies], 3)
    for stories in (
        placed(arrived).stories,
        cluster_documents(arrived, scheme, reports=False).stories,
    ):
        assert sizes(story.members for story in stories) == [1] * len(pages) + [10]


@pytest.mark.parametrize("additions", [0, 30, 60])
def test_a_report_that_twelve_outlets_print_stays_one_story(
    additions: int, make: Make, prose: Prose, placed: Place, scheme: Scheme
) -> None:
    pages = [
        make(
            f"{prose(7, 600)} {prose(100 + n, additions) if additions else ''}",
            title=f"Tower opens at Lantern Bay {prose(900 + n, 2)}",
            outlet=f"paper {n // 2}",
            days=n / 12,
        )
        for n in range(24)
    ]
    arrived = renumbered(pages, 4)
    assert len(placed(arrived).stories) == 1
    assert len(cluster_documents(arrived, scheme, reports=False).stories) == 1


@pytest.mark.threats("D4", "D6")
@pytest.mark.parametrize("flooders", [1, 3])
@pytest.mark.parametrize("is_first", [True, False], ids=["flood first", "report first"])
def test_who_prints_a_report_in_many_other_texts_does_not_part_its_copies(
    flooders: int,
    is_first: bool,
    make: Make,
    prose: Prose,
    placed: Place,
    scheme: Scheme,
) -> None:
    report = prose(7, 400)
    honest = [
        make(report, title="Tower opens", outlet="agency", rank=0),
        *(
            make(
                f"{report} {prose(100 + n, 60)}",
                title=f"Tower opens at Lantern Bay {prose(900 + n, 2)}",
                outlet=f"paper {n}",
                days=0.1,
            )
            for n in range(6)
        ),
    ]
    flood = [
        make(
            f"{report} {prose(5100 + n, 100)}",
            title=prose(2900 + n, 6),
            outlet=f"flooder {n % flooders}",
            days=0.2,
        )
        for n in range(24)
    ]
    ordered = [*flood, *honest] if is_first else [*honest, *flood]
    arrived = [replace(page, id=number) for number, page in enumerate(ordered, start=1)]
    honest_uids = {each.uid for each in honest}
    ids = {page.id for page in arrived if page.uid in honest_uids}
    for stories in (
        placed(arrived).stories,
        cluster_documents(arrived, scheme, reports=False).stories,
    ):
        assert sum(not ids.isdisjoint(story.members) for story in stories) == 1


def test_a_formula_that_every_day_s_report_repeats_joins_no_days(
    make: Make, prose: Prose, placed: Place, scheme: Scheme
) -> None:
    formula = prose(6, 260)
    pages = [
        make(
            f"{formula} {prose(100 + day, 110)}",
            title="The master sends greetings to the crews",
            outlet=outlet,
            days=day,
        )
        for day in range(8)
        for outlet in ("agency", "paper")
    ]
    copies_of_days = [replace(page, text=pages[2 * (n // 2)].text) for n, page in enumerate(pages)]
    arrived = renumbered(copies_of_days, 5)
    assert sizes(s.members for s in placed(arrived).stories) == [2] * 8
    batch = cluster_documents(arrived, scheme, reports=False)
    assert sizes(s.members for s in batch.stories) == [2] * 8


def test_a_statement_quoted_at_length_joins_only_those_that_print_it(
    make: Make, prose: Prose, placed: Place, scheme: Scheme
) -> None:
    statement = prose(7, 250)
    copies = [make(statement, title="Statement of the office", outlet=f"wire {n}") for n in "ab"]
    quoting = [
        make(
            f"{prose(300 + n, 300)} {statement} {prose(400 + n, 100)}",
            title=prose(500 + n, 6),
            outlet=f"paper {n % 4}",
        )
        for n in range(12)
    ]
    arrived = renumbered([*copies, *quoting], 6)
    stories = [set(story.members) for story in placed(arrived).stories]
    uids = {each.uid for each in copies}
    ids = {page.id for page in arrived if page.uid in uids}
    assert any(ids <= story for story in stories)
