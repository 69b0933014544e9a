"""Delays read from the kept rows are those of the loaded reports."""

from datetime import timedelta
from itertools import product

import pytest

from storage import Database
from storage.records import Article, TimePrecision
from storage.reports.carriage import load_carriage
from storage.reports.delays import compute_delay
from storage.reports.latency import compute_latencies, load_delays, load_latencies
from storage.reports.working_out import work_out
from tests.storage.invented_reports import NOON, invent, tell_news

PRECISIONS = (TimePrecision.MINUTE, TimePrecision.DAY, TimePrecision.SECOND, None)
SOURCES = ("meta", "text, zone unknown")


@pytest.fixture
def carried(database: Database) -> Database:
    """Six reports of an agency, with articles that know their times more or less exactly."""
    database.outlets.declare_ranks({"kcna": 0})

    def make(subject: int, number: int) -> Article:
        outlet = "kcna" if number == 0 else f"paper{number % 4}"
        at = NOON + timedelta(days=subject, minutes=37 * number)
        day = at.replace(hour=0, minute=0)
        precision = PRECISIONS[(subject + number) % 4]
        published = day if precision is TimePrecision.DAY else at
        news = tell_news(subject)
        return Article(
            outlet=outlet,
            url=f"https://{outlet}.test/{subject}/{number}",
            title=news[:50],
            text=news if number % 2 else f"{news} {invent(100 * subject + number, 60)} KCNA said.",
            language="en",
            published_at=published if precision else None,
            published_precision=precision,
            published_source=SOURCES[number % 2],
            first_seen_at=at + timedelta(minutes=5),
            last_poll_without_at=at - timedelta(minutes=20) if number % 3 else None,
        )

    database.save([make(subject, number) for subject in range(6) for number in range(9)])
    assert work_out(database)
    return database


PERIODS: list[tuple[int | None, int | None]] = [(None, None), (1, 4), (2, None), (50, None)]


def test_delays_are_those_of_the_reports(carried: Database) -> None:
    for days, min_outlets in product(PERIODS, (1, 2, 4)):
        start, end = (None if each is None else NOON + timedelta(days=each) for each in days)
        reports = load_carriage(
            carried, since=start, until=end, min_outlets=min_outlets, agency_only=True
        )
        found = load_latencies(carried, since=start, until=end, min_outlets=min_outlets)
        assert found == compute_latencies(reports), (days, min_outlets)
        assert bool(found) == (days[0] != 50)


def test_the_articles_of_the_test_know_their_times_differently(carried: Database) -> None:
    stated = [each.stated for report in load_carriage(carried) for each in report.articles]
    assert {each is None for each in stated} == {True, False}
    assert {each.is_zone_known for each in stated if each} == {True, False}
    assert {each.has_clock for each in stated if each} == {True, False}


def test_ranges_of_delays_are_by_polls_and_stated_times_and_the_undated_are_counted(
    carried: Database,
) -> None:
    reports = load_carriage(carried, min_outlets=2, agency_only=True)
    found = load_delays(carried)
    assert {each.outlet for each in found} == {each.outlet for each in load_latencies(carried)}
    for outlet in found:
        expected, undated = [], 0
        for report in reports:
            own = [each for each in report.articles if each.outlet == outlet.outlet]
            if not own or report.lead.outlet == outlet.outlet:
                continue
            first = min(own, key=lambda each: (each.appearance.range.end, each.article_id))
            if None in (report.lead.appearance.range.start, first.appearance.range.start):
                undated += 1
                continue
            expected.append(compute_delay(report.lead.appearance, first.appearance))
        assert sorted(map(repr, outlet.delays)) == sorted(map(repr, expected))
        assert outlet.undated == undated
        if outlet.delays and outlet.median.low is not None:
            assert min(each.low for each in outlet.delays if each.low) <= outlet.median.low


def test_the_first_article_of_an_outlet_is_the_earliest_whatever_the_order_of_an_import(
    database: Database,
) -> None:
    database.outlets.declare_ranks({"kcna": 0})
    text = f"{tell_news(1)} {invent(9, 60)}"
    database.save(
        [
            Article(
                outlet=outlet,
                url=f"https://{outlet}.test/{hours}",
                title="A kiln opens",
                text=text,
                language="en",
                published_at=NOON + timedelta(hours=hours),
                published_precision=TimePrecision.MINUTE,
                first_seen_at=NOON + timedelta(days=90),
            )
            for outlet, hours in (("paper1", 9), ("paper1", 2), ("kcna", 0))
        ]
    )
    assert work_out(database)
    (found,) = load_latencies(database)
    assert found.stated.exact == timedelta(hours=2)
    assert compute_latencies(load_carriage(database, min_outlets=2)) == [found]
    assert load_delays(database)[0].median.exact == timedelta(hours=2)
    (report,) = load_carriage(database, min_outlets=2)
    assert report.closest_by_outlet()["paper1"].url == "https://paper1.test/2"
