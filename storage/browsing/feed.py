"""Reads the feed of a range of time: one row a report or story, with how the report spread."""

from dataclasses import dataclass
from typing import Unpack

from sqlalchemy import ColumnElement, and_, or_, select

from storage.browsing.article_lines import ArticleLine, select_lines
from storage.browsing.listing import Listing, Page, rows_of
from storage.browsing.position import Position
from storage.browsing.report_lines import ReportLine, select_report_lines
from storage.browsing.selection import Selection, TimeOf
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.reading.rows import ArticleFilters
from storage.tables.articles import article
from storage.tables.reports import carried


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """An article, and the report that it carries; None: it carries none."""

    article: ArticleLine
    report: ReportLine | None


def load_feed(
    database: TransactionalEngine,
    *,
    limit: int = 50,
    before: Position | None = None,
    after: Position | None = None,
    by: TimeOf = TimeOf.PUBLISHED,
    copies: bool = False,
    cites: str | None = None,
    **filters: Unpack[ArticleFilters],
) -> Listing[FeedRow]:
    """Returns a page of the articles that pass the filters, latest first.

    `copies`: all of them; else only the latest one of each story and of each report, on all pages
    together. For the other parameters and errors see `load_article_lines`.
    """
    page = Page(limit, before, after)
    selection = Selection.make(database, filters, by, cites)
    query = selection.positions(collapse=not copies)
    if not copies:
        query = query.where(~_has_later_carrier(selection))
    with reading_within(database) as connection:
        listing = page.load(connection, query, (by.column(), article.c.id))
        found = rows_of(listing, lambda ids: select_lines(connection, ids))
        reports = {each.id: each for each in select_report_lines(connection, _report_ids(found))}
    rows = tuple(
        FeedRow(article=each, report=reports.get(each.report_id or 0)) for each in found.rows
    )
    return Listing(rows=rows, next=found.next, previous=found.previous)


def load_new_stories(
    database: TransactionalEngine,
    *,
    limit: int = 50,
    cites: str | None = None,
    **filters: Unpack[ArticleFilters],
) -> list[ArticleLine]:
    """Returns the articles that were the first of their story, the latest first seen first.

    So no later copy is new again. Raises InvalidRequest, NotFound and TooSlow.
    """
    selection = Selection.make(database, filters, TimeOf.SEEN, cites)
    query = selection.positions().where(~_has_earlier_copy())
    with reading_within(database) as connection:
        columns = (TimeOf.SEEN.column(), article.c.id)
        found = Page(limit).load(connection, query, columns)
        return select_lines(connection, [each.id for each in found.rows])


def _has_earlier_copy() -> ColumnElement[bool]:
    copy = article.alias("copy")
    is_earlier = or_(
        copy.c.first_seen_at < article.c.first_seen_at,
        and_(copy.c.first_seen_at == article.c.first_seen_at, copy.c.id < article.c.id),
    )
    query = select(copy.c.id).where(copy.c.story_id == article.c.story_id, is_earlier)
    return query.correlate(article).exists()


def _report_ids(listing: Listing[ArticleLine]) -> list[int]:
    return sorted({each.report_id for each in listing.rows if each.report_id is not None})


def _has_later_carrier(selection: Selection) -> ColumnElement[bool]:
    """Returns whether a later selected article carries the report of an article."""
    later, own, other = article.alias("later"), carried.alias("own"), carried.alias("other")
    at, later_at = selection.by.column(), selection.by.column(later)
    is_later = or_(later_at > at, and_(later_at == at, later.c.id > article.c.id))
    query = (
        select(later.c.id)
        .join_from(own, other, other.c.report_id == own.c.report_id)
        .join(later, later.c.id == other.c.article_id)
        .where(own.c.article_id == article.c.id, is_later, *selection.conditions(later))
    )
    return query.correlate(article).exists()
