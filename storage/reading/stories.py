"""Reads stories and the relations between their articles."""

from bisect import insort
from collections.abc import Iterator
from itertools import groupby, islice
from typing import TYPE_CHECKING, Unpack

from sqlalchemy import Connection, func, select

from dedup.records import Relation
from storage.batches import batched
from storage.engine import Facet
from storage.errors import NotFound
from storage.index.sql_index import relation_from_row
from storage.reading.article_queries import STORIES_QUERY, filter_conditions, story_row
from storage.reading.redirects import current_story_id, resolve_story
from storage.reading.rows import ArticleFilters, Departure, StoryNumber, StoryRow
from storage.reading.story_queries import story_positions
from storage.tables.articles import article, involves_article, relation, story
from storage.tables.columns import AnySelect, in_bound_list
from storage.tables.departures import departure

if TYPE_CHECKING:
    from datetime import datetime

_STORIES_AT_ONCE = 100


class Stories(Facet):
    """Queries for stories, their redirects, and the relations between articles."""

    def iter(
        self,
        *,
        at_least: int = 1,
        newest_first: bool = False,
        undated_last: bool = False,
        limit: int | None = None,
        **filters: Unpack[ArticleFilters],
    ) -> Iterator[StoryRow]:
        """Iterates over the stories in order of id, each with all its members.

        A story is included if it has `at_least` members and one of them passes the filters.
        `newest_first`: in order of the time of the latest member (`ARTICLE_TIME`), latest first.
        `undated_last`: with it, only times of publication count, and stories without any come after
        all others. Raises NotFound if the filter `story` names an unknown id.
        """
        resolved = resolve_story(self._database, filters)
        if newest_first:
            return self._iter_newest(at_least, limit, resolved, undated_last=undated_last)
        return islice(self._iter_by_id(at_least, resolved), limit)

    def count(self, *, at_least: int = 1, **filters: Unpack[ArticleFilters]) -> int:
        """Returns the number of stories that `iter` yields. Raises NotFound as `iter` does."""
        resolved = resolve_story(self._database, filters)
        with self._database.snapshot() as connection:
            positions = story_positions(connection, at_least, resolved).subquery()
            return connection.scalar(select(func.count()).select_from(positions)) or 0

    def get(self, story_id: int) -> StoryRow:
        """Returns the story with this id, or the story it was merged into. Raises NotFound."""
        found = next(self.iter(story=story_id), None)
        if found is None:
            raise NotFound(f"no story has the id {story_id}")
        return found

    def current_id(self, story_id: int) -> int:
        """Returns the current id of a story, which differs after a merge. Raises NotFound."""
        return current_story_id(self._database, story_id)

    def number(self, story_id: int) -> StoryNumber:
        """Returns what a number leads to, and which articles left it. Raises NotFound."""
        current_id = self.current_id(story_id)
        query = (
            select(
                departure.c.article_id,
                departure.c.story_id.label("left"),
                article.c.story_id,
                departure.c.left_at,
            )
            .join_from(departure, article, article.c.id == departure.c.article_id)
            .where(departure.c.story_id.in_({story_id, current_id}))
            .where(article.c.story_id != current_id)
            .order_by(departure.c.id)
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        last = {row.article_id: Departure(**row._mapping) for row in rows}
        return StoryNumber(number=story_id, story_id=current_id, departures=tuple(last.values()))

    def redirects(self) -> dict[int, int]:
        """Returns the current id for each id of a story that was merged."""
        query = select(story.c.id, story.c.merged_into).where(story.c.merged_into.is_not(None))
        return self._database.read(
            lambda connection: {row.id: row.merged_into for row in connection.execute(query)}
        )

    def relations_of(self, article_id: int) -> list[Relation]:
        """Returns all relations of an article, including those that do not merge stories."""
        query = select(relation).where(involves_article(relation, article_id))
        rows = self._database.read(
            lambda connection: connection.execute(query.order_by(relation.c.a, relation.c.b)).all()
        )
        return [relation_from_row(row) for row in rows]

    def relations(self) -> Iterator[Relation]:
        """Iterates over all relations in order of their two article ids."""
        query = select(relation).order_by(relation.c.a, relation.c.b)
        with self._database.streaming(query) as rows:
            for row in rows:
                yield relation_from_row(row)

    def _iter_by_id(self, at_least: int, filters: ArticleFilters) -> Iterator[StoryRow]:
        query = STORIES_QUERY.where(story.c.size >= at_least)
        if conditions := filter_conditions(filters):
            query = query.where(
                article.c.story_id.in_(select(article.c.story_id).where(*conditions))
            )
        query = query.order_by(article.c.story_id, article.c.id)
        with self._database.streaming(query) as rows:
            for _, group in groupby(rows, key=lambda row: row.story_id):
                yield story_row(list(group))

    def _iter_newest(
        self, at_least: int, limit: int | None, filters: ArticleFilters, *, undated_last: bool
    ) -> Iterator[StoryRow]:
        with self._database.snapshot() as connection:
            query = story_positions(connection, at_least, filters)
            query = query.order_by(story.c.last_at.desc(), story.c.id.desc())
            if undated_last:
                ids = _ids_by_publication(connection, query, limit)
            else:
                ids = [row.id for row in connection.execute(query.limit(limit))]
            for batch in batched(ids, _STORIES_AT_ONCE):
                rows = connection.execute(_LISTED_QUERY, {"ids": batch})
                members = {
                    story_id: list(group)
                    for story_id, group in groupby(rows, key=lambda row: row.story_id)
                }
                yield from (story_row(members[story_id]) for story_id in batch)


def _ids_by_publication(connection: Connection, query: AnySelect, limit: int | None) -> list[int]:
    """Returns the stories in order of their latest time of publication, those without one last.

    `query`: the stories in order of `last_at`, which counts an article without a date at the time
    at which it was first seen. So it is never before the time of publication, and few rows are read
    beyond the limit.
    """
    dated: list[int] = []
    undated: list[int] = []
    waiting: list[tuple[datetime, int]] = []  # in order of time
    streaming = connection.execution_options(yield_per=_STORIES_AT_ONCE)
    with streaming.execute(query.add_columns(_LAST_PUBLISHED)) as rows:
        for row in rows:
            while waiting and waiting[-1] >= (row.last_at, row.id):
                dated.append(waiting.pop()[1])
            if limit is not None and len(dated) >= limit:
                break
            if row.published_at is not None:
                insort(waiting, (row.published_at, row.id))
            elif limit is None or len(undated) < limit:
                undated.append(row.id)
    return [*dated, *(story_id for _, story_id in reversed(waiting)), *undated][:limit]


_LAST_PUBLISHED = (
    select(func.max(article.c.published_at))
    .where(article.c.story_id == story.c.id)
    .correlate(story)
    .scalar_subquery()
    .label("published_at")
)
_LISTED_QUERY = STORIES_QUERY.where(in_bound_list(article.c.story_id, "ids")).order_by(
    article.c.story_id, article.c.id
)
