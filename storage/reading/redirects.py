"""Finds the current id of a story that was merged into another."""

from typing import TypeVar

from sqlalchemy import select

from storage.engine import TransactionalEngine
from storage.errors import NotFound
from storage.reading.rows import ArticleFilters
from storage.tables.articles import story

T = TypeVar("T")


def current_story_id(database: TransactionalEngine, story_id: int) -> int:
    """Returns the current id of a story. Raises NotFound."""
    query = select(story.c.id, story.c.merged_into).where(story.c.id == story_id)
    row = database.read(lambda connection: connection.execute(query).one_or_none())
    current_id, merged_into = found_or_raise(row, "story", story_id)
    return int(merged_into or current_id)


def resolve_story(database: TransactionalEngine, filters: ArticleFilters) -> ArticleFilters:
    """Returns the filters with the current id of their `story`. Raises NotFound."""
    story_id = filters.get("story")
    return (
        filters if story_id is None else {**filters, "story": current_story_id(database, story_id)}
    )


def found_or_raise(row: T | None, kind: str, row_id: int) -> T:
    """Returns the row. Raises NotFound if it is None."""
    if row is None:
        raise NotFound(f"no {kind} has the id {row_id}")
    return row
