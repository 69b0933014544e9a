"""Lists of reports and stories, the days with articles, and articles by address."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, insert, select

from dedup.records import DecisionVerb
from storage import Database
from storage.browsing import report_lines
from storage.browsing.days import latest_day, neighbour_days
from storage.browsing.find import find_address, list_spellings
from storage.browsing.report_lines import (
    ReportOrder,
    load_most_carried,
    load_report_lines,
)
from storage.browsing.selection import TimeOf
from storage.browsing.story_lines import load_story_lines
from storage.errors import InvalidRequest
from storage.reading.article_queries import article_time
from storage.reports.carriage import load_carriage
from storage.reports.working_out import work_out
from storage.tables.articles import article
from storage.tables.reports import carried
from tests.storage.browsing.conftest import MIDNIGHT


@pytest.mark.parametrize("order", list(ReportOrder))
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_reports_come_page_by_page(reported: Database, order: ReportOrder, limit: int) -> None:
    listing = load_report_lines(reported, limit=limit, order=order)
    found = list(listing.rows)
    while listing.next is not None:
        listing = load_report_lines(reported, limit=limit, before=listing.next, order=order)
        found += listing.rows
    assert {line.id for line in found} == {each.id for each in load_carriage(reported)}
    keys = [
        (line.outlets if order is ReportOrder.OUTLETS else 0, line.first_at, line.id)
        for line in found
    ]
    assert keys == sorted(keys, reverse=True)
    assert len(found) >= 4
    second = load_report_lines(
        reported,
        limit=1,
        order=order,
        before=load_report_lines(reported, limit=1, order=order).next,
    )
    back = load_report_lines(reported, limit=1, order=order, after=second.previous)
    assert [line.id for line in back.rows] == [found[0].id]


def test_a_place_in_another_order_is_refused(reported: Database) -> None:
    by_time = load_report_lines(reported, limit=1).next
    by_outlets = load_report_lines(reported, limit=1, order=ReportOrder.OUTLETS).next
    with pytest.raises(InvalidRequest, match="another order"):
        load_report_lines(reported, before=by_time, order=ReportOrder.OUTLETS)
    with pytest.raises(InvalidRequest, match="another order"):
        load_report_lines(reported, after=by_outlets)


def test_a_report_line_agrees_with_carriage(reported: Database) -> None:
    lines = {line.id: line for line in load_report_lines(reported, limit=50).rows}
    for report in load_carriage(reported):
        line = lines[report.id]
        lead = reported.articles.get(report.lead.article_id)
        assert (line.lead_id, line.lead_outlet, line.title) == (lead.id, lead.outlet, lead.title)
        assert (line.language, line.time, line.origin) == (
            lead.language,
            report.lead.time,
            report.origin.value,
        )
        assert line.articles == len(report.articles) == sum(line.manners.values())
        assert line.outlets == len({each.outlet for each in report.articles})
        assert [mark.at for mark in line.spread] == sorted(each.at for each in report.articles)
        assert {mark.manner for mark in line.spread} == set(line.manners)


def test_a_strip_has_few_marks_at_equal_steps(reported: Database) -> None:
    report = max(load_report_lines(reported).rows, key=lambda line: line.articles)

    def carry_more(connection: Connection) -> None:
        template = connection.execute(select(carried).limit(1)).mappings().one()
        copied = connection.execute(select(article).limit(1)).mappings().one()
        for n in range(1000, 1090):
            values = {**copied, "id": n, "identity": str(n)}
            connection.execute(insert(article), values)
            at = report.last_at + timedelta(minutes=n)
            row = {**template, "article_id": n, "report_id": report.id, "at": at}
            connection.execute(insert(carried), row)

    reported.write(carry_more)
    (line,) = [each for each in load_report_lines(reported).rows if each.id == report.id]
    assert sum(line.manners.values()) == report.articles + 90
    assert len(line.spread) == report_lines.MAX_MARKS
    assert line.spread[-1].at == report.last_at + timedelta(minutes=1089)
    steps = [b.at - a.at for a, b in zip(line.spread[5:], line.spread[6:], strict=False)]
    assert max(steps) <= timedelta(minutes=2)


def test_filters_of_reports(reported: Database) -> None:
    everything = load_report_lines(reported, limit=50).rows
    some = everything[1]
    narrow = load_report_lines(reported, since=some.first_at, until=some.first_at + timedelta(0, 1))
    assert some.id in {line.id for line in narrow.rows}
    assert all(line.first_at == some.first_at for line in narrow.rows)
    assert {line.id for line in load_report_lines(reported, min_outlets=2).rows} == {
        line.id for line in everything if line.outlets >= 2
    }
    assert {line.id for line in load_report_lines(reported, agency=some.agency).rows} == {
        line.id for line in everything if line.agency == some.agency
    }
    assert load_report_lines(reported, language="fr").rows == ()
    assert len(load_report_lines(reported, language="en").rows) == len(everything)


def test_only_reports_that_a_person_decided_on(reported: Database) -> None:
    assert load_report_lines(reported, decided_only=True).rows == ()
    report = load_carriage(reported, min_outlets=2)[0]
    a, b = (each.article_id for each in report.articles[:2])
    reported.decisions.add(a, b, DecisionVerb.MUST_LINK, "the same")
    assert work_out(reported)
    decided = load_report_lines(reported, decided_only=True).rows
    assert [line.lead_id for line in decided] == [report.lead.article_id]


def test_the_most_carried_reports_of_a_time(reported: Database) -> None:
    everything = load_report_lines(reported, limit=50).rows
    first, last = (f(line.first_at for line in everything) for f in (min, max))
    found = load_most_carried(reported, first, last + timedelta(seconds=1), limit=2)
    in_order = sorted(everything, key=lambda e: (e.outlets, e.first_at, e.id), reverse=True)
    assert [line.id for line in found] == [line.id for line in in_order[:2]]
    assert load_most_carried(reported, last + timedelta(1), last + timedelta(2)) == []


@pytest.mark.parametrize(("limit", "min_articles"), [(1, 1), (3, 2), (100, 3), (100, 1)])
def test_stories_come_by_their_latest_article(
    press: Database, limit: int, min_articles: int
) -> None:
    listing = load_story_lines(press, limit=limit, min_articles=min_articles)
    found = list(listing.rows)
    while listing.next is not None:
        listing = load_story_lines(
            press, limit=limit, before=listing.next, min_articles=min_articles
        )
        found += listing.rows
    wanted = {each.id: each for each in press.stories.iter(at_least=min_articles)}
    assert len(found) == len(wanted)
    latest = {
        story_id: max(article_time(press.articles.get(m.id)) for m in each.members)
        for story_id, each in wanted.items()
    }
    assert [line.id for line in found] == sorted(
        wanted, key=lambda story_id: (latest[story_id], story_id), reverse=True
    )
    for line in found:
        story = wanted[line.id]
        assert (line.lead_id, line.title, line.articles) == (
            story.lead.id,
            story.title,
            len(story.members),
        )
        assert (line.last_at, line.outlets) == (
            latest[line.id],
            len({each.outlet for each in story.members}),
        )
    newest = press.stories.iter(at_least=min_articles, newest_first=True, limit=4)
    assert [each.id for each in newest] == [line.id for line in found[:4]]


def test_filters_of_stories(press: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    since, until = MIDNIGHT + timedelta(hours=10), MIDNIGHT + timedelta(hours=50)
    for filters in ({"outlet": "times"}, {"language": "ko", "since": since}, {"until": until}):
        wanted = {each.id for each in press.stories.iter(**filters)}
        found = load_story_lines(press, limit=100, **filters).rows
        assert {line.id for line in found} == wanted
        with monkeypatch.context() as patch:
            patch.setattr("storage.reading.story_queries._MAX_LISTED", 2)
            assert load_story_lines(press, limit=100, **filters).rows == found


@pytest.mark.parametrize("by", list(TimeOf))
def test_days_with_articles(press: Database, by: TimeOf) -> None:
    times = [
        row.first_seen_at if by is TimeOf.SEEN else article_time(row)
        for row in press.articles.iter()
    ]
    days = sorted({each.date() for each in times})
    assert latest_day(press, by) == days[-1]
    assert neighbour_days(press, days[1], by) == (days[0], days[2])
    assert neighbour_days(press, days[-1] + timedelta(5), by) == (days[-1], None)
    assert neighbour_days(press, date(2020, 1, 1), by) == (None, days[0])


def test_without_articles_there_are_no_days(database: Database) -> None:
    assert latest_day(database, TimeOf.SEEN) is None
    assert neighbour_days(database, date(2026, 3, 1), TimeOf.PUBLISHED) == (None, None)


def test_a_pasted_address_finds_its_article_and_other_texts_nothing(press: Database) -> None:
    for text in (
        "https://herald.test/3",
        "http://herald.test/3",
        "herald.test/3",
        " https://HERALD.test/3/ ",
        "https://herald.test/3#comments",
    ):
        (found,) = find_address(press, text)
        assert press.articles.get(found).url == "https://herald.test/3"
    for text in ("", "  ", "nothing", "https://[", "x" * 5000, "https://a.test/\0", "\ud800"):
        assert find_address(press, text) == [], text


def test_a_key_is_looked_up_as_it_is() -> None:
    assert list_spellings("AEN2026") == ["AEN2026"]
    assert "http://a.test/x/?q=1" in list_spellings("https://a.test/x?q=1#top")
