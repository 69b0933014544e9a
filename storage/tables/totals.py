"""Defines the totals of each day, and the indexes that they and the status of outlets need.

Triggers of the database keep the totals: see migration 0020.
"""

from datetime import date

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Named,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypedColumns,
    literal_column,
)

from dedup.statements.statement_level import StatementLevel
from storage.tables.articles import article, metadata
from storage.tables.columns import EnumText


class DayTotalColumns(TypedColumns):
    """What is stored of an outlet and a day (UTC), for one statement level.

    The day is that of `published_at`, or of `first_seen_at` if that is empty. `stubs`: articles of
    which the outlet shows a part only. `edited`: articles with more than one version. `gone`: articles
    that the outlet deleted. `stories`: stories whose first article of this outlet is of this day and
    level. So the rows of an outlet add up to its number of stories.
    """

    outlet: Named[str] = Column(Text)
    day: Named[date] = Column(Date)
    statement_level: Named[StatementLevel] = Column(EnumText(StatementLevel))
    articles: Named[int] = Column(Integer)
    stubs: Named[int] = Column(Integer)
    edited: Named[int] = Column(Integer)
    gone: Named[int] = Column(Integer)
    stories: Named[int] = Column(Integer)


# A row may hold zeros only: nothing deletes it when its articles move to another day.
day_total = Table(
    "day_total",
    metadata,
    DayTotalColumns,
    PrimaryKeyConstraint("outlet", "day", "statement_level"),
    sqlite_with_rowid=False,
)

HAS_CLOCK_TIME = literal_column(
    "coalesce(published_precision, '') NOT IN ('day', 'month', 'year')", Boolean()
)
"""Selects articles whose time of publication has a time of day, in the words of the partial index."""

Index(None, article.c.story_id, article.c.outlet)
Index(None, article.c.outlet, article.c.last_captured_at)
Index(None, article.c.outlet, article.c.published_at)
Index(
    "ix_article_clock_time",
    article.c.outlet,
    article.c.published_at,
    sqlite_where=HAS_CLOCK_TIME,
    postgresql_where=HAS_CLOCK_TIME,
)
