"""Builds the SQL conditions that select articles for pages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, FromClause, Select, func, select

from storage.engine import TransactionalEngine
from storage.reading.article_queries import filter_conditions
from storage.reading.redirects import resolve_story
from storage.reading.rows import ArticleFilters
from storage.tables.articles import article, attribution
from storage.tables.columns import AnySelect
from storage.tables.list_indexes import article_time

_MAX_RARE = 2_000
"""An agency that at most so many attributions name is rare."""


class TimeOf(StrEnum):
    """Which time of an article orders a list and is meant by `since` and `until`."""

    PUBLISHED = "published"  # its publication, or `first_seen_at` if that is not known
    SEEN = "seen"  # `first_seen_at`

    def column(self, table: FromClause = article) -> ColumnElement[datetime]:
        """Returns the time as SQL. `table`: `article` or an alias of it."""
        return article_time(table) if self is TimeOf.PUBLISHED else table.c.first_seen_at


@dataclass(frozen=True, slots=True)
class Selection:
    """The articles that pass some filters.

    `cites`: they cite this agency; None: any article. `is_rare`: few articles cite it, so these are
    looked up first. Otherwise each article is asked whether it cites the agency.
    """

    filters: ArticleFilters
    by: TimeOf
    cites: str | None = None
    is_rare: bool = False

    @classmethod
    def make(
        cls,
        database: TransactionalEngine,
        filters: ArticleFilters,
        by: TimeOf = TimeOf.PUBLISHED,
        cites: str | None = None,
    ) -> "Selection":
        """Makes a selection. Raises NotFound if the filter `story` names no story."""
        resolved = resolve_story(database, filters)
        if cites is None:
            return cls(resolved, by)
        some = _citing(cites).limit(_MAX_RARE + 1).subquery()
        number = database.read(lambda c: c.scalar(select(func.count()).select_from(some))) or 0
        return cls(resolved, by, cites, is_rare=number <= _MAX_RARE)

    def conditions(self, table: FromClause = article) -> list[ColumnElement[bool]]:
        """Returns the conditions on `article` or on an alias of it.

        Raises InvalidRequest for unknown statement levels.
        """
        conditions = filter_conditions(self.filters, table=table, time=self.by.column(table))
        if self.cites is not None:
            citing = _citing(self.cites)
            of_article = citing.where(attribution.c.article_id == table.c.id).correlate(table)
            conditions.append(table.c.id.in_(citing) if self.is_rare else of_article.exists())
        return conditions

    def positions(self, *, collapse: bool = False) -> AnySelect:
        """Selects the columns of a `Position` from the articles.

        `collapse`: only the latest selected article of each story.
        """
        query: AnySelect = select(self.by.column(), article.c.id).where(*self.conditions())
        return query.where(~self._has_later_copy()) if collapse else query

    def _has_later_copy(self) -> ColumnElement[bool]:
        copy = article.alias("copy")
        at, copy_at = self.by.column(), self.by.column(copy)
        is_later = (copy_at > at) | ((copy_at == at) & (copy.c.id > article.c.id))
        query = select(copy.c.id).where(
            copy.c.story_id == article.c.story_id, copy_at >= at, is_later, *self.conditions(copy)
        )
        return query.correlate(article).exists()


def _citing(agency: str) -> Select[int]:
    return select(attribution.c.article_id).where(attribution.c.agency == agency)
