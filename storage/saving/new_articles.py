"""Inserts the new articles of a batch in four statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update

from dedup.records import Document
from storage.identity import make_uid
from storage.records import CaptureOutcome, CaptureResult
from storage.saving.kept_numbers import KeptNumbers
from storage.saving.prepare import PreparedArticle
from storage.saving.rows import capture_row, version_row
from storage.tables.articles import article, capture, version

_INSERT_ARTICLE = insert(article).returning(article.c.id, sort_by_parameter_order=True)
_INSERT_VERSION = insert(version).returning(version.c.id, sort_by_parameter_order=True)
INSERT_CAPTURE = insert(capture)
_SET_CURRENT_VERSION = (
    update(article).where(article.c.id == bindparam("me")).values(version_id=bindparam("shown"))
)


@dataclass(frozen=True, slots=True)
class InsertedArticle:
    """An article that is inserted and in no story yet. `row`: its values in `article`."""

    id: int
    prepared: PreparedArticle
    row: Mapping[str, Any]

    def document(self, rank: int) -> Document:
        """Builds its document, equal to that of `load_documents`. `rank`: that of its outlet."""
        article = self.prepared.article
        return Document(
            id=self.id,
            uid=make_uid(article.outlet, self.prepared.identity),
            title=article.title,
            text=article.text,
            language=article.language,
            outlet=article.outlet,
            published_at=self.row["published_at"],
            first_seen_at=self.row["seen_at"],
            rank=rank,
        )


def insert_articles(
    connection: Connection,
    pairs: Sequence[tuple[PreparedArticle, Mapping[str, Any]]],
    now: datetime,
    run_id: int | None,
    numbers: KeptNumbers | None = None,
) -> list[InsertedArticle]:
    """Inserts new articles, each with its row of `article`, and their versions and captures."""
    if not pairs:
        return []
    exports = [prepared.article.exported for prepared, _ in pairs]
    wanted = [exported.id if exported else 0 for exported in exports]
    article_rows = _with_ids(article, [row for _, row in pairs], wanted, numbers)
    ids = connection.scalars(_INSERT_ARTICLE, article_rows).all()
    inserted = [
        InsertedArticle(article_id, prepared, row)
        for article_id, (prepared, row) in zip(ids, pairs, strict=True)
    ]
    rows = [
        version_row(each.prepared, each.id, each.prepared.captured_at, now) for each in inserted
    ]
    version_ids = insert_versions(connection, [each.prepared for each in inserted], rows, numbers)
    current_versions = [
        {"me": article_id, "shown": version_id}
        for article_id, version_id in zip(ids, version_ids, strict=True)
    ]
    connection.execute(_SET_CURRENT_VERSION, current_versions)
    captures = [
        capture_row(fetched, CaptureResult(CaptureOutcome.NEW), each.id, version_id, run_id)
        for each, version_id in zip(inserted, version_ids, strict=True)
        if (fetched := each.prepared.article.capture)
    ]
    if captures:
        connection.execute(INSERT_CAPTURE, captures)
    return inserted


def insert_versions(
    connection: Connection,
    prepared_articles: Sequence[PreparedArticle],
    rows: Sequence[Mapping[str, Any]],
    numbers: KeptNumbers | None,
) -> Sequence[int]:
    """Inserts a row of `version` for each of these articles; returns their ids."""
    exports = [each.article.exported for each in prepared_articles]
    wanted = [exported.version if exported else 0 for exported in exports]
    return connection.scalars(_INSERT_VERSION, _with_ids(version, rows, wanted, numbers)).all()


def _with_ids(
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    wanted: Sequence[int],
    numbers: KeptNumbers | None,
) -> Sequence[Mapping[str, Any]]:
    """Returns the new rows with the ids that `numbers` chooses; unchanged if that is None."""
    if numbers is None:
        return rows
    ids = numbers.choose(table, wanted)
    return [{**row, "id": number} for row, number in zip(rows, ids, strict=True)]
