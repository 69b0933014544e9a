from datetime import UTC, datetime, timedelta

import pytest

from crawler.crawl.listed_articles import ListedArticles, merge_links
from crawler.crawl.plan import (
    RunLimits,
    build_fetch_plan,
    drop_old_links,
    is_fetch_due,
    is_in_window,
    sort_newest_first,
)
from crawler.sources import Link
from storage.records import CaptureOutcome

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
LADDER = ((24, 3), (72, 24))


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def link(number: int, age: float | None = None, **fields: object) -> Link:
    at = None if age is None else hours_ago(age)
    return Link(url=f"https://h.example/{number}", published_at=at, **fields)  # type: ignore[arg-type]


def limits(**fields: object) -> RunLimits:
    given = {
        "now": NOW,
        "max_pages": 100,
        "max_revisits": 100,
        **fields,
    }
    return RunLimits(**given)  # type: ignore[arg-type]


def test_new_articles_come_before_known_ones_and_the_newest_first() -> None:
    listed = {"a": link(1, 5), "b": link(2, 1, modified_at=NOW), "c": link(3, 2), "d": link(4)}
    decided = build_fetch_plan(listed, {"b": hours_ago(4)}, {}, limits())
    assert [each.url[-1] for each in decided.fetch] == ["4", "3", "1", "2"]


def test_what_has_no_room_is_counted() -> None:
    listed = {str(n): link(n, n) for n in range(10)}
    decided = build_fetch_plan(listed, {}, {}, limits(max_pages=3))
    assert [each.url[-1] for each in decided.fetch] == ["0", "1", "2"]
    assert decided.over_budget == 7


def test_second_looks_take_only_their_share() -> None:
    listed = {str(n): link(n, 5, modified_at=NOW) for n in range(10)}
    known = {str(n): hours_ago(4) for n in range(10)}
    assert len(build_fetch_plan(listed, known, {}, limits(max_revisits=2)).fetch) == 2
    assert (
        len(build_fetch_plan(listed, known, {}, limits(max_revisits=2, recheck=True)).fetch) == 10
    )


@pytest.mark.parametrize(
    ("age", "captured", "due"),
    [(5, 2, False), (5, 4, True), (50, 4, False), (50, 25, True), (200, 190, False)],
)
def test_the_older_an_article_the_rarer_a_second_look(
    age: float, captured: float, due: bool
) -> None:
    assert is_fetch_due(link(1, age), hours_ago(captured), LADDER, limits()) is due


def test_an_article_its_listing_calls_edited_is_due() -> None:
    edited = link(1, 500, modified_at=hours_ago(1))
    assert is_fetch_due(edited, hours_ago(2), LADDER, limits())
    assert not is_fetch_due(edited, hours_ago(0.5), LADDER, limits())


def test_an_edit_in_the_future_is_not_believed() -> None:
    assert not is_fetch_due(link(1, 500, modified_at=hours_ago(-5)), hours_ago(2), LADDER, limits())


@pytest.mark.parametrize(
    ("outcome", "fetched"),
    [
        (CaptureOutcome.OFF_TOPIC, False),
        (CaptureOutcome.ALIAS, False),
        (CaptureOutcome.NOT_ARTICLE, True),
        (CaptureOutcome.GONE, True),
    ],
)
def test_addresses_that_failed_are_asked_again_and_settled_ones_are_not(
    outcome: CaptureOutcome, fetched: bool
) -> None:
    listed = {"a": link(1, 5)}
    asked = limits(retry_intervals=LADDER)
    assert (
        bool(build_fetch_plan(listed, {}, {"a": (hours_ago(4), outcome)}, asked).fetch) is fetched
    )
    assert build_fetch_plan(listed, {}, {"a": (hours_ago(1), outcome)}, asked).known == 1


@pytest.mark.parametrize(
    ("age", "precision", "inside"),
    [(10, "minute", True), (60, "minute", False), (60, "day", True), (2, "minute", False)],
)
def test_a_window_takes_days_as_days(age: float, precision: str, inside: bool) -> None:
    window = limits(since=hours_ago(48), until=hours_ago(5))
    assert is_in_window(hours_ago(age), precision, window) is inside
    assert is_in_window(None, "", window)


def test_sitemaps_are_read_a_month_back_unless_asked() -> None:
    links = [link(1, 24), link(2, 24 * 40), link(3)]
    assert [each.url[-1] for each in drop_old_links(links, None, NOW)] == ["1", "3"]
    assert len(drop_old_links(links, hours_ago(24 * 50), NOW)) == 3


def test_the_order_of_a_listing_stays_where_it_gives_no_dates() -> None:
    assert [each.url[-1] for each in sort_newest_first([link(3), link(1), link(2)])] == [
        "3",
        "1",
        "2",
    ]


def test_two_sources_complete_each_other() -> None:
    bare = link(1, title="Short")
    dated = link(1, 3, title="Longer title", published_precision="day", lead="Lead", tags=("a",))
    both = merge_links(bare, dated)
    assert (both.title, both.lead, both.tags) == ("Longer title", "Lead", ("a",))
    assert (both.published_at, both.published_precision) == (hours_ago(3), "day")


def test_the_reading_list_holds_an_article_once_and_knows_who_listed_it_first() -> None:
    listed = ListedArticles()
    listed.add([link(1)], "feed", NOW)
    listed.add([link(1, 3), link(2)], "page", NOW + timedelta(minutes=1))
    assert len(listed) == 2
    entry = listed.find("", "http://www.h.example/1?utm_source=x")
    assert entry is not None
    assert (entry.source, entry.listed_at, entry.link.published_at) == ("feed", NOW, hours_ago(3))


def test_the_reading_list_compares_with_what_sources_declare() -> None:
    listed = ListedArticles()
    listed.add([link(1), link(2)], "page", NOW)
    listed.set_declared_total("page", 2)
    assert listed.format_incomplete() == []
    listed.set_declared_total("page", 5)
    assert listed.format_incomplete() == ["page declares 5 articles, 2 listed"]
