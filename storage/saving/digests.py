"""What deduplication computes of a batch's new texts before the transaction begins."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from dedup.signature.scheme import Scheme
from storage.index.placing import Digest, digest
from storage.records import PageClass
from storage.saving.prepare import Prepared
from storage.tables.articles import article, version


def digests(
    connection: Connection, batch: Sequence[Prepared], scheme: Scheme
) -> Mapping[str, Digest]:
    """The digests, by content, of all texts of a batch that are not held yet."""
    whole = {p.content: p for p in batch if p.article.page_class is PageClass.ARTICLE}
    for content in _held_contents(connection, batch):
        whole.pop(content, None)
    return {
        content: digest(p.article.title, p.article.text, p.article.language, scheme)
        for content, p in whole.items()
    }


def _held_contents(connection: Connection, batch: Sequence[Prepared]) -> set[str]:
    if not batch:
        return set()
    # Of all outlets and identities, not of pairs: SQLite would read all articles to find several.
    held = (
        select(version.c.content_sha256)
        .join_from(article, version, version.c.article_id == article.c.id)
        .where(article.c.outlet.in_({p.article.outlet for p in batch}))
        .where(article.c.identity.in_({p.identity for p in batch}))
    )
    return set(connection.scalars(held))
