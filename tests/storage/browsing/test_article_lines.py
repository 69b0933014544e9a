"""Lists of articles: pages fit together, whatever arrives between them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database
from storage.browsing.article_lines import ArticleLine, load_article_lines, load_lines
from storage.browsing.listing import Listing
from storage.browsing.position import Position
from storage.browsing.selection import TimeOf
from storage.errors import InvalidRequest
from storage.reading.article_queries import article_time
from storage.reading.rows import ArticleRow
from storage.records import Article
from storage.reports.carriage import load_carriage
from tests.storage.browsing.conftest import MIDNIGHT

Load = Callable[..., Listing[ArticleLine]]


def time_of(row: ArticleRow, by: TimeOf) -> datetime:
    return row.first_seen_at if by is TimeOf.SEEN else article_time(row)


def expected_ids(database: Database, by: TimeOf, *, collapse: bool = False) -> list[int]:
    rows = sorted(
        database.articles.iter(), key=lambda row: (time_of(row, by), row.id), reverse=True
    )
    stories: set[int] = set()
    ids = []
    for row in rows:
        if not collapse or row.story_id not in stories:
            stories.add(row.story_id)
            ids.append(row.id)
    return ids


def read_all(load: Load, limit: int) -> list[int]:
    """The ids of all pages from the first to the last."""
    ids: list[int] = []
    listing = load(limit=limit)
    assert listing.previous is None
    while True:
        ids += [line.id for line in listing.rows]
        if listing.next is None:
            return ids
        listing = load(limit=limit, before=listing.next)


@pytest.mark.parametrize("by", list(TimeOf))
@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 40, 41])
def test_pages_hold_every_article_once_latest_first(
    press: Database, by: TimeOf, collapse: bool, limit: int
) -> None:
    found = read_all(
        lambda **page: load_article_lines(press, by=by, collapse=collapse, **page), limit
    )
    assert found == expected_ids(press, by, collapse=collapse)


def test_the_newer_page_is_the_one_before(press: Database) -> None:
    first = load_article_lines(press, limit=15)
    second = load_article_lines(press, limit=15, before=first.next)
    third = load_article_lines(press, limit=15, before=second.next)
    assert third.next is None
    assert load_article_lines(press, limit=15, after=third.previous).rows == second.rows
    back = load_article_lines(press, limit=15, after=second.previous)
    assert (back.rows, back.previous, back.next) == (first.rows, None, first.next)


def test_beyond_the_last_row_there_is_a_way_back(press: Database) -> None:
    last = load_article_lines(press, limit=50).rows[-1]
    end = Position(last.time.at, last.id)
    empty = load_article_lines(press, limit=5, before=end)
    assert (empty.rows, empty.next) == ((), None)
    back = load_article_lines(press, limit=5, after=empty.previous)
    assert back.rows[-1] == last
    first = load_article_lines(press, limit=5)
    top = Position(first.rows[0].time.at, first.rows[0].id)
    none = load_article_lines(press, limit=5, after=top)
    assert (none.rows, none.previous) == ((), None)
    assert load_article_lines(press, limit=5, before=none.next).rows == first.rows


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(hours=st.lists(st.integers(-3, 90), min_size=1, max_size=4), limit=st.integers(1, 13))
def test_no_row_comes_twice_or_is_lost_while_others_arrive(
    press: Database, write: Callable[[int], str], hours: list[int], limit: int
) -> None:
    before = expected_ids(press, TimeOf.PUBLISHED)
    seen: list[int] = []
    arriving = list(hours)
    listing = load_article_lines(press, limit=limit)
    while True:
        seen += [line.id for line in listing.rows]
        if listing.next is None:
            break
        if arriving:
            number = 1_000 + press.articles.count()
            at = MIDNIGHT + timedelta(hours=arriving.pop())
            late = Article(
                outlet="herald",
                url=f"https://herald.test/{number}",
                title="Late",
                text=write(number),
                published_at=at,
                first_seen_at=at,
            )
            press.save([late])
        listing = load_article_lines(press, limit=limit, before=listing.next)
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)
    assert [each for each in seen if each in set(before)] == before


def test_filters_agree_with_those_of_articles(press: Database) -> None:
    since, until = MIDNIGHT + timedelta(hours=10), MIDNIGHT + timedelta(hours=50)
    for filters in (
        {"outlet": "times"},
        {"language": "ko"},
        {"since": since, "until": until},
        {"outlet": "herald", "language": "en", "since": since},
        {"story": 2},
        {"statement_level": ["unknown"]},
    ):
        found = load_article_lines(press, limit=100, **filters)
        wanted = {row.id for row in press.articles.iter(**filters)}
        assert {line.id for line in found.rows} == wanted, filters
        assert wanted, filters


def test_since_and_until_mean_the_time_of_the_order(press: Database) -> None:
    since, until = MIDNIGHT + timedelta(hours=10), MIDNIGHT + timedelta(hours=50)
    found = load_article_lines(press, limit=100, by=TimeOf.SEEN, since=since, until=until)
    assert {line.id for line in found.rows} == {
        row.id for row in press.articles.iter() if since <= row.first_seen_at < until
    }


def test_collapsed_rows_are_the_latest_of_those_that_pass(press: Database) -> None:
    found = read_all(
        lambda **page: load_article_lines(press, collapse=True, outlet="times", **page), 4
    )
    stories: set[int] = set()
    wanted = []
    for article_id in expected_ids(press, TimeOf.PUBLISHED):
        row = press.articles.get(article_id)
        if row.outlet == "times" and row.story_id not in stories:
            stories.add(row.story_id)
            wanted.append(article_id)
    assert found == wanted


def test_cites_selects_articles_that_cite_the_agency(press: Database) -> None:
    found = load_article_lines(press, limit=100, cites="kcna")
    wanted = {
        row.id
        for row in press.articles.iter()
        if any(each.agency == "kcna" for each in press.articles.attributions(row.id))
    }
    assert {line.id for line in found.rows} == wanted != set()
    assert load_article_lines(press, cites="nobody").rows == ()


def test_a_line_says_what_is_stored(reported: Database) -> None:
    (report, *_) = load_carriage(reported, min_outlets=2)
    member = reported.articles.get(report.articles[1].article_id)
    (line,) = load_lines(reported, [member.id])
    story = reported.stories.get(member.story_id)
    assert (line.outlet, line.title, line.url) == (member.outlet, member.title, member.url)
    assert line.time == report.articles[1].time
    assert (line.story_id, line.story_size) == (story.id, len(story.members))
    assert line.story_outlets == len({each.outlet for each in story.members})
    assert (line.report_id, line.report_articles) == (report.id, len(report.articles))
    assert line.report_outlets == len({each.outlet for each in report.articles})
    assert (line.versions, line.state, line.rights) == (1, "live", member.rights)
    assert (line.page_class, line.statement_level) == (member.page_class, member.statement_level)


def test_lines_come_in_the_order_asked_for(press: Database) -> None:
    assert [line.id for line in load_lines(press, [7, 999, 3, 12])] == [7, 3, 12]
    assert load_lines(press, []) == []


def test_a_page_has_one_side_and_a_row(press: Database) -> None:
    here = Position(MIDNIGHT, 1)
    with pytest.raises(InvalidRequest, match="not both"):
        load_article_lines(press, before=here, after=here)
    with pytest.raises(InvalidRequest, match="at least one row"):
        load_article_lines(press, limit=0)
