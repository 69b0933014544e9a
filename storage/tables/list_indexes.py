"""Defines the indexes from which lists of articles and stories are read in order of time."""

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Index, and_, func, literal_column, type_coerce

from storage.tables.articles import article, story
from storage.tables.columns import UtcDateTime


def article_time(table: FromClause = article) -> ColumnElement[datetime]:
    """Returns the time of an article: its publication, or `first_seen_at` if that is not known.

    `table`: `article` or an alias of it. The indexes below hold exactly this expression.
    """
    return type_coerce(func.coalesce(table.c.published_at, table.c.first_seen_at), UtcDateTime)


Index("ix_article_time", article_time(), article.c.id)
for _name in ("outlet", "language", "story_id"):
    Index(f"ix_article_{_name}_time", article.c[_name], article_time(), article.c.id)
Index(None, article.c.first_seen_at, article.c.id)
for _name in ("outlet", "language"):
    Index(None, article.c[_name], article.c.first_seen_at, article.c.id)
Index(None, article.c.url)


def has_other_name(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Selects the articles with a text in this column that is not their URL.

    `column`: `canonical_url`, `key` or `external_id`. In the words of its partial index.
    """
    return and_(column != literal_column("''"), column != article.c.url)


for _column in (article.c.canonical_url, article.c.key, article.c.external_id):
    Index(
        f"ix_article_{_column.name}",
        _column,
        sqlite_where=has_other_name(_column),
        postgresql_where=has_other_name(_column),
    )


def has_several_articles() -> ColumnElement[bool]:
    """Selects the stories with more than one article, in the words of their partial index."""
    return story.c.size > literal_column("1")


Index("ix_story_last_at_id", story.c.last_at, story.c.id)
Index(
    "ix_story_last_at_id_several",
    *(story.c[name] for name in ("last_at", "id", "size", "outlets")),
    sqlite_where=has_several_articles(),
    postgresql_where=has_several_articles(),
)
