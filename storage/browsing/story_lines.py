"""Reads lists of stories, by the time of their latest article."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from sqlalchemy import Connection, select

from storage.browsing.article_lines import line_time
from storage.browsing.listing import Listing, Page, rows_of
from storage.browsing.position import Position
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.reading.redirects import resolve_story
from storage.reading.rows import ArticleFilters
from storage.reading.story_queries import story_positions
from storage.stated_time import StatedTime
from storage.tables.articles import article, story, version
from storage.tables.columns import AnyRow, AnySelect, in_bound_list
from storage.tables.reports import carried


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """A story as one line of a list.

    `lead_id`, `lead_outlet`, `language`, `title`, `time`: those of the lead document. `articles`,
    `outlets`: their number. `last_at`: the time of the latest article, published or else first
    seen. `report_id`: the report that the lead document carries, or None.
    """

    id: int
    lead_id: int
    lead_outlet: str
    language: str
    title: str
    time: StatedTime
    articles: int
    outlets: int
    last_at: datetime
    report_id: int | None


def load_story_lines(
    database: TransactionalEngine,
    *,
    limit: int = 30,
    before: Position | None = None,
    after: Position | None = None,
    min_articles: int = 1,
    **filters: Unpack[ArticleFilters],
) -> Listing[StoryLine]:
    """Returns a page of the stories of at least `min_articles`, by the time of the latest article.

    One of the articles passes the filters. Raises InvalidRequest, NotFound and TooSlow.
    """
    page = Page(limit, before, after)
    resolved = resolve_story(database, filters)
    with reading_within(database) as connection:
        query = story_positions(connection, min_articles, resolved)
        listing = page.load(connection, query, (story.c.last_at, story.c.id))
        return rows_of(listing, lambda ids: _select_lines(connection, ids))


def _select_lines(connection: Connection, ids: Sequence[int]) -> list[StoryLine]:
    rows = connection.execute(_LINES_QUERY, {"ids": list(ids)}) if ids else ()
    lines = {row.id: _make_line(row) for row in rows}
    return [lines[story_id] for story_id in ids if story_id in lines]


_LINES_QUERY: AnySelect = (
    select(
        *(story.c[name] for name in ("id", "lead_id", "outlets", "last_at")),
        story.c.size.label("articles"),
        article.c.outlet.label("lead_outlet"),
        *(article.c[name] for name in ("language", "published_at", "published_precision")),
        article.c.first_seen_at,
        version.c.title,
        version.c.published_source,
        carried.c.report_id,
    )
    .join_from(story, article, article.c.id == story.c.lead_id)
    .join(version, version.c.id == article.c.version_id)
    .outerjoin(carried, carried.c.article_id == article.c.id)
    .where(in_bound_list(story.c.id, "ids"))
)
_FIELDS = (
    *("id", "lead_id", "lead_outlet", "language", "title"),
    *("articles", "outlets", "last_at", "report_id"),
)


def _make_line(row: AnyRow) -> StoryLine:
    values = row._mapping
    return StoryLine(**{name: values[name] for name in _FIELDS}, time=line_time(row))
