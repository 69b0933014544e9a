"""Reads the members of a story with their relation to its lead document."""

from dataclasses import dataclass

from storage.browsing.article_lines import ArticleLine, load_article_lines
from storage.browsing.listing import Listing
from storage.browsing.position import Position
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.reading.article_queries import ARTICLES_QUERY
from storage.tables.articles import article
from storage.tables.columns import AnySelect, in_bound_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article of a story. `relation`, `is_lead`: see `storage.reading.rows.ArticleRow`."""

    article: ArticleLine
    is_lead: bool
    relation: str


def load_members(
    database: TransactionalEngine,
    story_id: int,
    *,
    limit: int = 200,
    before: Position | None = None,
    after: Position | None = None,
) -> Listing[Member]:
    """Returns a page of the members of a story, latest first.

    Raises InvalidRequest, NotFound if there is no such story, and TooSlow.
    """
    found = load_article_lines(database, limit=limit, before=before, after=after, story=story_id)
    with reading_within(database) as connection:
        rows = connection.execute(_RELATIONS_QUERY, {"ids": [each.id for each in found.rows]})
        relations = {row.id: row for row in rows}
    members = tuple(
        Member(
            article=each, is_lead=relations[each.id].is_lead, relation=relations[each.id].relation
        )
        for each in found.rows
        if each.id in relations
    )
    return Listing(rows=members, next=found.next, previous=found.previous)


_SELECTED = ARTICLES_QUERY.selected_columns
_RELATIONS_QUERY: AnySelect = ARTICLES_QUERY.with_only_columns(
    article.c.id, _SELECTED["is_lead"], _SELECTED["relation"]
).where(in_bound_list(article.c.id, "ids"))
