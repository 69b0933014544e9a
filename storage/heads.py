"""Articles without their words, as deduplication sees them."""

from collections.abc import Collection

from sqlalchemy import Connection, literal, select

from dedup.records import Document
from storage.batches import batched
from storage.columns import among
from storage.index import document_of
from storage.models import article, outlet

_AT_ONCE = 500

_HEADS = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.identity,
        article.c.published_at,
        article.c.seen_at,
        article.c.language,
        outlet.c.rank,
        literal("").label("title"),
        literal("").label("text"),
    )
    .join_from(article, outlet, outlet.c.name == article.c.outlet)
    .where(among(article.c.id, "ids"))
)


def load_heads(connection: Connection, ids: Collection[int]) -> dict[int, Document]:
    """The articles of these ids without headline and text; unknown ids are left out."""
    return {
        row.id: document_of(row)
        for some in batched(sorted(ids), _AT_ONCE)
        for row in connection.execute(_HEADS, {"ids": some})
    }
