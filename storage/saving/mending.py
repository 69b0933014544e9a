"""Mends stored texts that are damaged, from a page that was extracted again."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from storage.changes.version_details import changed_details
from storage.dialects import lenient_text
from storage.engine import TransactionalEngine
from storage.identity import content_sha256
from storage.records import Article
from storage.saving.prepare import PreparedArticle, prepare_article
from storage.tables.articles import article, version
from storage.tables.columns import AnyRow


def mend_versions(database: TransactionalEngine, extracted: Article) -> list[int]:
    """Restores what is damaged in the versions that this article was stored as; returns their ids.

    `extracted`: the article as the recording gives it today. A version is mended only with a text
    that has the stored hash, so another extraction can never replace what was stored. Raises
    InvalidArticleError and StorageError.
    """
    prepared = prepare_article(extracted, datetime.now(UTC))
    return database.write(lambda connection: _mend(connection, prepared))


def _mend(connection: Connection, prepared: PreparedArticle) -> list[int]:
    query = (
        select(version)
        .join_from(version, article, article.c.id == version.c.article_id)
        .where(
            article.c.outlet == prepared.article.outlet,
            article.c.identity == prepared.identity,
            version.c.content_sha256 == prepared.content_sha256,
        )
    )
    with lenient_text(connection):
        rows = connection.execute(query).all()
    mended: list[int] = []
    for row in rows:
        if values := _missing_values(row, prepared):
            connection.execute(update(version).where(version.c.id == row.id).values(**values))
            mended.append(row.id)
    return mended


def _missing_values(row: AnyRow, prepared: PreparedArticle) -> dict[str, Any]:
    found = prepared.article
    digests = prepared.details or {}
    values: dict[str, Any] = {
        name: list(value) if isinstance(value := getattr(found, name), tuple) else value
        for name in changed_details(row)
        if digests.get(name) == (row.details or {}).get(name)
    }
    if content_sha256(row.title, row.text) != row.content_sha256:
        values |= {"title": found.title, "text": found.text}
    return values
