"""What deduplication computes of a text before the transaction, and how it is placed within it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from dedup.copies.place import place
from dedup.records import Attribution, Document, Features
from dedup.reports.attribution import attributions
from dedup.signature.features import features
from dedup.signature.scheme import Scheme
from storage.index.sql_index import SqlIndex
from storage.records import PageClass
from storage.saving.prepare import Prepared
from storage.tables.articles import article, version


@dataclass(frozen=True, slots=True)
class Digest:
    """All that is computed of a text alone."""

    features: Features
    attributions: tuple[Attribution, ...]


def digest(title: str, text: str, language: str, scheme: Scheme) -> Digest:
    """The features and attributions of one text."""
    document = Document(0, "", title, text, language)
    return Digest(features(document, scheme), cite(document))


def cite(document: Document) -> tuple[Attribution, ...]:
    """Whom a text cites."""
    return tuple(attributions(document.title, document.text, document.language))


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


def place_article(index: SqlIndex, document: Document, known: Digest | None) -> None:
    """Place the current version of an article; call whenever that or the article's times change."""
    if known is None:
        known = digest(document.title, document.text, document.language, index.scheme)
    place(index, document, known.features)
    index.attribute(document.id, known.attributions)


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
