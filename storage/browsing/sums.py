"""Counts what a range of time brought, and tells how large the corpus is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Unpack

from sqlalchemy import and_, distinct, func, select

from storage.browsing.selection import Selection, TimeOf
from storage.browsing.time_limit import reading_within
from storage.changes.article_state import ArticleState
from storage.changes.change_queries import is_not_boring
from storage.engine import TransactionalEngine
from storage.reading.rows import ArticleFilters
from storage.tables.articles import article
from storage.tables.changes import alarm, change, ruling, transition
from storage.tables.reports import carried
from storage.tables.totals import day_total


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The number of all articles, and the days (UTC) of the first and last one; None: no article."""

    articles: int
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How many different stories and reports the articles of a range of time belong to."""

    stories: int = 0
    reports: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found in a range of time: edits that are not boring, lost pages, and alarms.

    `missing`, `gone`: changes to these states, see `storage.changes.article_state`. `alarms`: about
    mass deletions.
    """

    edits: int
    missing: int
    gone: int
    alarms: int


def load_extent(database: TransactionalEngine, by: TimeOf = TimeOf.PUBLISHED) -> Extent:
    """Returns how large the corpus is. `by`: which time of the articles is meant."""
    at = by.column()
    with reading_within(database) as connection:
        first, last = (
            connection.scalar(select(at).select_from(article).order_by(order).limit(1))
            for order in (at.asc(), at.desc())
        )
        number = connection.scalar(select(func.sum(day_total.c.articles))) or 0
    return Extent(
        articles=number,
        first_day=first.date() if first else None,
        last_day=last.date() if last else None,
    )


def count_sums(
    database: TransactionalEngine,
    *,
    by: TimeOf = TimeOf.PUBLISHED,
    cites: str | None = None,
    **filters: Unpack[ArticleFilters],
) -> Sums:
    """Counts the stories and reports of the articles that pass the filters.

    Raises NotFound if the filter `story` names no story, and TooSlow.
    """
    selection = Selection.make(database, filters, by, cites)
    query = (
        select(func.count(distinct(article.c.story_id)), func.count(distinct(carried.c.report_id)))
        .outerjoin_from(article, carried, carried.c.article_id == article.c.id)
        .where(*selection.conditions())
    )
    with reading_within(database) as connection:
        stories, reports = connection.execute(query).one()
    return Sums(stories=stories, reports=reports)


def count_findings(database: TransactionalEngine, since: datetime, until: datetime) -> Findings:
    """Counts what was found at `since` <= time < `until`. Raises TooSlow."""
    is_ruled = and_(ruling.c.old_id == change.c.old_id, ruling.c.new_id == change.c.new_id)
    edits = (
        select(func.count())
        .outerjoin_from(change, ruling, is_ruled)
        .where(change.c.found_at >= since, change.c.found_at < until, is_not_boring())
    )
    lost = (
        select(transition.c.state, func.count())
        .where(transition.c.found_at >= since, transition.c.found_at < until)
        .group_by(transition.c.state)
    )
    alarms = select(func.count()).where(alarm.c.raised_at >= since, alarm.c.raised_at < until)
    with reading_within(database) as connection:
        states: dict[str, int] = dict(connection.execute(lost).all())
        return Findings(
            edits=connection.scalar(edits) or 0,
            missing=states.get(ArticleState.MISSING.value, 0),
            gone=states.get(ArticleState.GONE.value, 0),
            alarms=connection.scalar(alarms) or 0,
        )
