"""No list for a page scans the articles: each statement is answered from an index."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, event, text

from storage import Database
from storage.browsing.article_lines import load_article_lines
from storage.browsing.days import latest_day, neighbour_days
from storage.browsing.facets import count_facets
from storage.browsing.find import find_address
from storage.browsing.position import Position
from storage.browsing.report_lines import ReportOrder, load_most_carried, load_report_lines
from storage.browsing.selection import TimeOf
from storage.browsing.story_lines import load_story_lines
from storage.dialects import is_sqlite
from tests.storage.browsing.conftest import MIDNIGHT

HERE = Position(MIDNIGHT, 5)
LATER = MIDNIGHT + timedelta(days=1)
BY_OUTLETS = ReportOrder.OUTLETS
READINGS: dict[str, Callable[[Database], object]] = {
    "articles": load_article_lines,
    "articles before": lambda d: load_article_lines(d, before=HERE),
    "articles after": lambda d: load_article_lines(d, after=HERE),
    "articles of a day": lambda d: load_article_lines(d, since=MIDNIGHT, until=LATER),
    "articles seen": lambda d: load_article_lines(d, by=TimeOf.SEEN, before=HERE),
    "articles of an outlet": lambda d: load_article_lines(d, outlet="times", before=HERE),
    "articles of an outlet seen": lambda d: load_article_lines(d, outlet="times", by=TimeOf.SEEN),
    "articles in a language": lambda d: load_article_lines(d, language="ko", before=HERE),
    "articles of a story": lambda d: load_article_lines(d, story=2),
    "one for each story": lambda d: load_article_lines(d, collapse=True, before=HERE),
    "one for each story of an outlet": lambda d: load_article_lines(
        d, collapse=True, outlet="times"
    ),
    "articles that cite": lambda d: load_article_lines(d, cites="kcna", before=HERE),
    "stories": lambda d: load_story_lines(d, before=Position(LATER, 5)),
    "large stories": lambda d: load_story_lines(d, min_articles=3),
    "stories of an outlet": lambda d: load_story_lines(d, outlet="times"),
    "newest stories": lambda d: list(d.stories.iter(newest_first=True, at_least=2, limit=5)),
    "reports": lambda d: load_report_lines(d, before=HERE),
    "reports by outlets": lambda d: load_report_lines(
        d, order=BY_OUTLETS, before=Position(LATER, 5, 2)
    ),
    "decided reports": lambda d: load_report_lines(d, decided_only=True),
    "most carried": lambda d: load_most_carried(d, MIDNIGHT, LATER),
    "facets": lambda d: count_facets(d, MIDNIGHT, LATER),
    "facets seen": lambda d: count_facets(d, MIDNIGHT, LATER, by=TimeOf.SEEN),
    "days": lambda d: (latest_day(d), neighbour_days(d, MIDNIGHT.date())),
    "days seen": lambda d: (latest_day(d, TimeOf.SEEN), neighbour_days(d, MIDNIGHT.date())),
    "an address": lambda d: find_address(d, "https://times.test/1"),
    "an article by name": lambda d: d.articles.find("x"),
}
SORTED_BY_INDEX = {
    name
    for name in READINGS
    if name.startswith(("articles", "one for", "days", "large", "reports"))
    and name not in ("articles of a story", "articles that cite")
}


@contextmanager
def recorded(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The SELECT statements of the block, as the driver gets them."""
    statements: list[tuple[str, Any]] = []

    def record(_: Connection, __: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if "SELECT" in statement and "set_config" not in statement:
            statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", record)
    yield statements
    event.remove(database.engine, "before_cursor_execute", record)


def explain(database: Database, statement: str, parameters: Any) -> Sequence[str]:
    with database.reading() as connection:
        if is_sqlite(connection):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [row[3] for row in rows]
        # Small tables are scanned whatever the indexes; so is every table that has none.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters)
        return [row[0] for row in rows]


def is_scan(line: str) -> bool:
    """Whether a line of a plan says that all articles, or a whole index of them, are read."""
    if line.strip().startswith("SCAN"):
        return line.strip() in {"SCAN article", "SCAN story", "SCAN report", "SCAN version"}
    return "Seq Scan on" in line and "decision" not in line


def test_each_list_is_read_from_an_index(press: Database) -> None:
    for name, read in READINGS.items():
        with recorded(press) as statements:
            read(press)
        assert statements, name
        for statement, parameters in statements:
            plan = explain(press, statement, parameters)
            assert not [line for line in plan if is_scan(line)], (name, statement, plan)


def test_no_page_is_sorted(press: Database) -> None:
    """The first statement finds the page; it must stop after so many rows."""
    for name in sorted(SORTED_BY_INDEX):
        with recorded(press) as statements:
            READINGS[name](press)
        plan = explain(press, *statements[0])
        sorts = [line for line in plan if "TEMP B-TREE FOR ORDER" in line or "Sort" in line]
        assert not sorts, (name, plan)
