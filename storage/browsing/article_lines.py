"""Reads lists of articles, without their texts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from sqlalchemy import Connection, func, select

from dedup.statements.statement_level import StatementLevel
from storage.browsing.listing import Listing, Page, rows_of
from storage.browsing.position import Position
from storage.browsing.selection import Selection, TimeOf
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.index.unplaced import story_or_self
from storage.reading.rows import ArticleFilters
from storage.records import PageClass, TimePrecision
from storage.stated_time import StatedTime, make_stated_time
from storage.tables.articles import article, story, version
from storage.tables.columns import AnyRow, AnySelect, in_bound_list
from storage.tables.reports import carried, report


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLine:
    """An article as one line of a list.

    `published_at`: the publication time as its outlet states it; None if it states none. `time`: this
    time, or else when the article was first seen.
    `story_size`, `story_outlets`: the number of articles of its story, and of their outlets.
    `report_id`: the report that it carries; None: it carries none, and the number of the report's
    outlets and articles is 0. `state`: see `storage.changes.article_state`. `rights`: as the outlet
    declares them. `versions`: the number of its versions.
    """

    id: int
    outlet: str
    language: str
    title: str
    url: str
    published_at: StatedTime | None
    time: StatedTime
    first_seen_at: datetime
    story_id: int
    story_size: int
    story_outlets: int
    report_id: int | None
    report_outlets: int
    report_articles: int
    state: str
    statement_level: StatementLevel
    page_class: PageClass
    rights: str
    versions: int


def load_article_lines(
    database: TransactionalEngine,
    *,
    limit: int = 50,
    before: Position | None = None,
    after: Position | None = None,
    by: TimeOf = TimeOf.PUBLISHED,
    collapse: bool = False,
    cites: str | None = None,
    **filters: Unpack[ArticleFilters],
) -> Listing[ArticleLine]:
    """Returns a page of the articles that pass the filters, latest first.

    `before`, `after`: a position of another page. `by`: the time that orders the list, and that
    `since` and `until` mean. `collapse`: only the latest article of each story, on all pages
    together. `cites`: only articles that cite this agency. Raises InvalidRequest, NotFound if the
    filter `story` names no story, and TooSlow.
    """
    page = Page(limit, before, after)
    selection = Selection.make(database, filters, by, cites)
    query = selection.positions(collapse=collapse)
    with reading_within(database) as connection:
        listing = page.load(connection, query, (by.column(), article.c.id))
        return rows_of(listing, lambda ids: select_lines(connection, ids))


def load_lines(database: TransactionalEngine, ids: Collection[int]) -> list[ArticleLine]:
    """Returns the articles with these ids, in their order; unknown ids are left out."""
    wanted = list(ids)
    with reading_within(database) as connection:
        return select_lines(connection, wanted)


def select_lines(connection: Connection, ids: Sequence[int]) -> list[ArticleLine]:
    """Returns the articles with these ids, in their order; unknown ids are left out."""
    rows = connection.execute(_LINES_QUERY, {"ids": list(ids)}) if ids else ()
    lines = {row.id: _make_line(row) for row in rows}
    return [lines[article_id] for article_id in ids if article_id in lines]


def stated_time(row: AnyRow) -> StatedTime | None:
    """Returns the publication time of an article as its outlet states it."""
    return make_stated_time(row.published_at, row.published_precision, row.published_source)


def line_time(row: AnyRow) -> StatedTime:
    """Returns the stated time of an article, or else when it was first seen."""
    return stated_time(row) or StatedTime(row.first_seen_at, TimePrecision.SECOND)


_COPIED = ("id", "outlet", "language", "url", "first_seen_at", "state", "statement_level")
_ANY_VERSION = version.alias("any_version")
_LINES_QUERY: AnySelect = (
    select(
        *(article.c[name] for name in _COPIED),
        *(article.c[name] for name in ("page_class", "published_at", "published_precision")),
        article.c.story_id,
        version.c.title,
        version.c.published_source,
        version.c.rights,
        func.coalesce(story.c.size, 1).label("story_size"),
        func.coalesce(story.c.outlets, 1).label("story_outlets"),
        report.c.id.label("report_id"),
        func.coalesce(report.c.outlets, 0).label("report_outlets"),
        func.coalesce(report.c.articles, 0).label("report_articles"),
        select(func.count())
        .where(_ANY_VERSION.c.article_id == article.c.id)
        .correlate(article)
        .scalar_subquery()
        .label("versions"),
    )
    .join_from(article, version, version.c.id == article.c.version_id)
    .outerjoin(story, story.c.id == article.c.story_id)
    .outerjoin(carried, carried.c.article_id == article.c.id)
    .outerjoin(report, report.c.id == carried.c.report_id)
    .where(in_bound_list(article.c.id, "ids"))
)
_FIELDS = (
    *_COPIED,
    *("title", "rights", "story_size", "story_outlets"),
    *("report_id", "report_outlets", "report_articles", "versions"),
)


def _make_line(row: AnyRow) -> ArticleLine:
    values = row._mapping
    return ArticleLine(
        **{name: values[name] for name in _FIELDS},
        published_at=stated_time(row),
        time=line_time(row),
        story_id=story_or_self(row.story_id, row.id),
        page_class=PageClass(row.page_class),
    )
