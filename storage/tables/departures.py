"""Defines the table of articles that left a story which others stayed in."""

from sqlalchemy import Column, ForeignKey, Index, Table

from storage.tables.articles import metadata
from storage.tables.columns import Id, UtcDateTime

# `story_id`: the story that the article left; `into_id`: the story that it went to.
departure = Table(
    "departure",
    metadata,
    Column("id", Id, primary_key=True),
    Column("story_id", Id, ForeignKey("story.id"), nullable=False),
    Column("article_id", Id, ForeignKey("article.id"), nullable=False),
    Column("into_id", Id, ForeignKey("story.id"), nullable=False),
    Column("left_at", UtcDateTime, nullable=False),
    Index(None, "story_id"),
)
