"""Reports day by day: what came before stays, and the order of arrival changes nothing."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime

import pytest

from dedup.records import Document
from dedup.reports.cues import Cues, extract_cues
from dedup.reports.days import (
    OPEN_DAYS,
    chronological_key,
    iter_days,
    place_day,
    report_day,
)

Make = Callable[..., Document]

KILN = (
    "The new tunnel kiln of the Ryongsan Tile Factory was lit on Sunday, KCNA said.",
    "Kim Jong Un lit a tunnel kiln at the Ryongsan Tile Factory, KCNA reported.",
    "At the Ryongsan Tile Factory a tunnel kiln was lit by Kim Jong Un, state media said.",
)
FERRY = (
    "A ferry between Nampho and the island of Sokdo sails again, KCNA said.",
    "KCNA reported that the Nampho ferry to Sokdo island sails again after a winter.",
    "The island of Sokdo has its ferry from Nampho again, North Korean state media said.",
)
ORCHARD = (
    "The orchard of Kwail harvests pears three weeks early this autumn, KCNA said.",
    "Pears of the Kwail orchard are harvested three weeks early, KCNA reported.",
    "Three weeks early, the Kwail orchard harvests its pears, state media said.",
)
REPORTS = (KILN, FERRY, ORCHARD)

Uids = frozenset[frozenset[str]]


@pytest.fixture
def cue(make: Make) -> Callable[..., Cues]:
    """The cues of an invented article, in English unless stated."""

    def extract(text: str, *, days: float | None = 0.0, title: str = "") -> Cues:
        heading = title or " ".join(text.split()[:9])
        return extract_cues(make(text, title=heading, days=days, language="en"))

    return extract


def uids(groups: Sequence[Sequence[Cues]]) -> Uids:
    return frozenset(frozenset(each.uid for each in group) for group in groups)


def test_a_day_is_a_day_in_pyongyang() -> None:
    assert report_day(datetime(2026, 3, 1, 14, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert report_day(datetime(2026, 3, 1, 15, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_articles_are_compared_by_time_then_rank_then_name(make: Make) -> None:
    late, undated = make("late", days=1), make("undated", days=None)
    early, own = make("early"), make("own", rank=0)
    order = sorted([undated, late, early, own], key=chronological_key)
    assert order == [own, early, late, undated]


def test_the_articles_of_a_day_become_reports(cue: Callable[..., Cues]) -> None:
    arrivals = [cue(text, days=0.01 * n) for n, text in enumerate((*KILN, *FERRY))]
    groups = place_day([], arrivals)
    assert uids(groups) == uids([arrivals[:3], arrivals[3:]])


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_arrivals_members_and_reports_changes_nothing(
    seed: int, cue: Callable[..., Cues]
) -> None:
    yesterday = [[cue(KILN[0]), cue(KILN[1])], [cue(FERRY[0])]]
    arrivals = [
        cue(text, days=0.7) for text in (KILN[2], FERRY[1], FERRY[2], ORCHARD[0], ORCHARD[1])
    ]
    expected = uids(place_day(yesterday, arrivals))
    shuffler = random.Random(seed)
    shuffler.shuffle(arrivals)
    mixed = [shuffler.sample(group, len(group)) for group in yesterday]
    shuffler.shuffle(mixed)
    assert uids(place_day(mixed, arrivals)) == expected
    assert len(expected) == 3


def test_two_reports_of_an_earlier_day_never_become_one(cue: Callable[..., Cues]) -> None:
    parted = [[cue(KILN[0])], [cue(KILN[1])]]
    bridges = [cue(each, days=0.7) for each in (*KILN, *KILN)]
    groups = place_day(parted, bridges)
    assert groups[0][0] is parted[0][0]
    assert groups[1][0] is parted[1][0]
    assert not {each.uid for each in groups[0]} & {each.uid for each in groups[1]}
    assert sum(map(len, groups)) == 8


def test_a_given_report_keeps_its_position_and_its_members(cue: Callable[..., Cues]) -> None:
    given = [[cue(FERRY[0], days=0.1)], [cue(ORCHARD[0], days=0.05)], [cue(KILN[0])]]
    groups = place_day(given, [cue(KILN[1], days=0.8), cue("A bell was cast, KCNA said.")])
    assert [group[0] for group in groups[:3]] == [group[0] for group in given]
    assert [len(group) for group in groups] == [1, 1, 2, 1]


def test_a_day_without_articles_changes_nothing(cue: Callable[..., Cues]) -> None:
    given = [[cue(FERRY[0])], [cue(KILN[0])]]
    assert place_day(given, []) == given
    assert place_day([], []) == []


def test_a_report_grows_on_the_open_days_after_its_last_article(cue: Callable[..., Cues]) -> None:
    articles = [cue(KILN[0]), cue(KILN[1], days=2), cue(KILN[2], days=4)]
    assert uids(collect(articles)) == uids([articles])
    assert OPEN_DAYS == 3
    late = cue(KILN[1], days=OPEN_DAYS + 1)
    assert uids(collect([articles[0], late])) == uids([[articles[0]], [late]])


def test_members_of_long_ago_stay_in_a_report_that_still_grows(cue: Callable[..., Cues]) -> None:
    articles = [cue(KILN[day % 3], days=day) for day in range(8)]
    [report] = collect(articles)
    assert report == articles


def collect(articles: Sequence[Cues]) -> list[list[Cues]]:
    return [group for groups in iter_days(articles) for group in groups]


def place_in_sequence(articles: Sequence[Cues]) -> list[list[Cues]]:
    """Places each day with the members of the open days only, as an incremental caller does."""
    reports: list[list[Cues]] = []
    days = sorted({report_day(each.published_at) for each in articles if each.published_at})
    for day in days:
        arrivals = [e for e in articles if e.published_at and report_day(e.published_at) == day]
        recent = [
            (number, members)
            for number, report in enumerate(reports)
            if (members := [e for e in report if age(e, day) <= OPEN_DAYS])
        ]
        groups = place_day([members for _, members in recent], arrivals)
        for (number, members), group in zip(recent, groups, strict=False):
            reports[number] += [each for each in group if each not in members]
        reports += groups[len(recent) :]
    return reports


def age(article: Cues, day: date) -> int:
    assert article.published_at
    return (day - report_day(article.published_at)).days


def draw_articles(seed: int, cue: Callable[..., Cues]) -> Iterator[Cues]:
    """Articles of three reports over ten days, several of them at each other's borders."""
    chosen = random.Random(seed)
    for _ in range(25):
        yield cue(chosen.choice(chosen.choice(REPORTS)), days=chosen.uniform(0, 10))


@pytest.mark.parametrize("seed", range(6))
def test_a_stream_equals_placing_one_day_after_the_other(
    seed: int, cue: Callable[..., Cues]
) -> None:
    articles = sorted(draw_articles(seed, cue), key=chronological_key)
    assert uids(collect(articles)) == uids(place_in_sequence(articles))
    assert sorted(each.uid for group in collect(articles) for each in group) == sorted(
        each.uid for each in articles
    )


def test_later_days_never_change_which_earlier_articles_are_together(
    cue: Callable[..., Cues],
) -> None:
    articles = sorted(draw_articles(99, cue), key=chronological_key)
    for cut in range(1, len(articles)):
        ends_a_day = report_day(published(articles[cut])) != report_day(
            published(articles[cut - 1])
        )
        if ends_a_day:
            early = {each.uid for each in articles[:cut]}
            whole = {group & early for group in uids(collect(articles))} - {frozenset()}
            assert uids(collect(articles[:cut])) == whole


def published(article: Cues) -> datetime:
    assert article.published_at
    return article.published_at


def test_groups_are_yielded_as_soon_as_they_are_finished(cue: Callable[..., Cues]) -> None:
    taken: list[str] = []

    def stream() -> Iterator[Cues]:
        for article in (cue(KILN[0]), cue(FERRY[0], days=20), cue(ORCHARD[0], days=40)):
            taken.append(article.uid)
            yield article

    days = iter_days(stream())
    first = next(groups for groups in days if groups)
    assert uids(first) == frozenset({frozenset({"uid00001"})})
    assert len(taken) == 2


def test_undated_articles_are_alone(cue: Callable[..., Cues]) -> None:
    dated, undated = cue(KILN[0]), [cue(KILN[1], days=None), cue(KILN[1], days=None)]
    assert uids(collect([dated, *undated])) == uids([[dated], [undated[0]], [undated[1]]])
    assert uids(collect(undated)) == uids([[each] for each in undated])
    assert collect([]) == []
