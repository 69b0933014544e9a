"""Keeps the figures of stories: their number of articles and outlets, and their latest time."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from storage.batches import batched
from storage.tables.articles import article, story
from storage.tables.columns import in_bound_list
from storage.tables.list_indexes import article_time

_FIGURES: dict[str, ColumnElement[Any]] = {
    "size": func.count(article.c.id),
    "outlets": func.count(article.c.outlet.distinct()),
    "last_at": func.max(article_time()),
}
FIGURES: dict[str, ColumnElement[Any]] = {
    name: select(figure).where(article.c.story_id == story.c.id).correlate(story).scalar_subquery()
    for name, figure in _FIGURES.items()
}
"""What the columns of `story` with these names must hold."""

_STORE = update(story).where(in_bound_list(story.c.id, "ids")).values(FIGURES)


def store_story_figures(connection: Connection, story_ids: Iterable[int]) -> None:
    """Stores the figures of these stories; call it after the last change to their articles."""
    for ids in batched(sorted(set(story_ids))):
        connection.execute(_STORE, {"ids": ids})
