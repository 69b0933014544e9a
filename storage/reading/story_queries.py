"""The SQL statements for stories in the order of their latest article."""

from sqlalchemy import ColumnElement, Connection, select

from storage.reading.article_queries import filter_conditions
from storage.reading.rows import ArticleFilters
from storage.tables.articles import article, story
from storage.tables.columns import AnySelect, in_bound_list
from storage.tables.list_indexes import has_several_articles

_MAX_LISTED = 5_000
"""So many articles that pass the filters are looked up; of more, the stories are walked in order."""


def story_positions(
    connection: Connection, min_articles: int, filters: ArticleFilters
) -> AnySelect:
    """Selects `last_at` and id of the stories of at least `min_articles`.

    One article of each passes the filters; a story in `filters` has its current id. Raises
    InvalidRequest for unknown statement levels.
    """
    query: AnySelect = select(story.c.last_at, story.c.id)
    query = query.where(story.c.last_at.is_not(None))
    if min_articles > 1:
        query = query.where(has_several_articles())
    if min_articles > 2:
        query = query.where(story.c.size >= min_articles)
    conditions = filter_conditions(filters)
    if not conditions:
        return query
    if since := filters.get("since"):
        query = query.where(story.c.last_at >= since)
    some = select(article.c.story_id).where(*conditions).limit(_MAX_LISTED + 1)
    found = connection.scalars(some).all()
    if len(found) <= _MAX_LISTED:
        listed = sorted({story_id for story_id in found if story_id})
        return query.where(in_bound_list(story.c.id, "listed")).params(listed=listed)
    return query.where(_has_member(filters))


def _has_member(filters: ArticleFilters) -> ColumnElement[bool]:
    """Returns the condition that an article of the story passes the filters.

    OFFSET 0 lets both databases find the articles by their story alone. Without it, SQLite may ask
    an index of all articles of an outlet for each story.
    """
    if not (filters.get("outlet") or filters.get("language")):
        in_story = select(article.c.id).where(
            article.c.story_id == story.c.id, *filter_conditions(filters)
        )
        return in_story.correlate(story).exists()
    names = ("story_id", "outlet", "language", "published_at", "first_seen_at", "statement_level")
    members = (
        select(*(article.c[name] for name in names))
        .where(article.c.story_id == story.c.id)
        .correlate(story)
        .offset(0)
        .subquery()
    )
    passing = select(members.c.story_id).where(*filter_conditions(filters, table=members))
    return passing.correlate(story).exists()
