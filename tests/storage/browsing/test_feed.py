from datetime import timedelta
from typing import TYPE_CHECKING

from storage import Database
from storage.browsing.feed import load_feed, load_new_stories
from storage.browsing.members import load_members
from storage.browsing.selection import TimeOf
from storage.browsing.sums import count_sums, load_extent
from tests.storage.browsing.conftest import MIDNIGHT

if TYPE_CHECKING:
    from storage.browsing.position import Position


def all_pages(database: Database, limit: int, *, copies: bool) -> list[int]:
    found: list[int] = []
    before: Position | None = None
    while True:
        page = load_feed(database, limit=limit, before=before, copies=copies)
        found += [row.article.id for row in page.rows]
        if page.next is None:
            return found
        before = page.next


def test_a_report_has_one_row_on_all_pages_together(reported: Database) -> None:
    rows = load_feed(reported, limit=100).rows
    everything = load_feed(reported, limit=100, copies=True).rows
    reports = [row.report.id for row in rows if row.report]
    assert len(reports) == len(set(reports)) == len({r.report.id for r in everything if r.report})
    assert len(rows) < len(everything)
    latest = {row.report.id: row.article.id for row in reversed(everything) if row.report}
    assert {row.report.id: row.article.id for row in rows if row.report} == latest
    assert all_pages(reported, 2, copies=False) == [row.article.id for row in rows]


def test_a_story_has_one_row_and_is_new_only_once(press: Database) -> None:
    stories = {row.article.story_id for row in load_feed(press, limit=100, copies=True).rows}
    rows = load_feed(press, limit=100).rows
    assert sorted(row.article.story_id for row in rows) == sorted(stories)
    new = load_new_stories(press, limit=100)
    assert sorted(line.story_id for line in new) == sorted(stories)
    for line in new:
        members = load_members(press, line.story_id).rows
        assert line.first_seen_at == min(each.article.first_seen_at for each in members)
        assert [each.is_lead for each in members].count(True) == 1
        assert all(bool(each.relation) != each.is_lead for each in members)


def test_sums_and_extent_are_those_of_the_rows(press: Database, reported: Database) -> None:
    until = MIDNIGHT + timedelta(days=2)
    rows = load_feed(press, limit=100, copies=True, until=until).rows
    sums = count_sums(press, until=until)
    assert sums.stories == len({row.article.story_id for row in rows})
    assert sums.reports == len({row.report.id for row in rows if row.report})
    extent = load_extent(press)
    everything = load_feed(press, limit=100, copies=True).rows
    assert extent.articles == len(everything)
    assert extent.first_day == everything[-1].article.time.at.date()
    assert load_extent(press, TimeOf.SEEN).first_day == MIDNIGHT.date()
