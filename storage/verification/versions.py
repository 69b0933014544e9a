"""Checks the texts of all versions, and the signatures of all articles, against their hashes.

Rows are read in batches, each in a transaction of its own, so a check of a million versions needs
little memory and holds up no writer.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, func, select

from dedup.errors import NkwireError
from dedup.records import Document
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.changes.version_details import changed_details
from storage.dialects import lenient_text
from storage.engine import TransactionalEngine
from storage.identity import content_sha256
from storage.index.sql_index import signature_row
from storage.tables.articles import article, capture, is_article, signature, version
from storage.tables.columns import AnyRow, AnySelect, Names, is_one_of

_WORDS = {"lead": "lead", "authors": "list of authors", "captions": "list of captions"}
_Check: TypeAlias = Callable[[AnyRow], str]

_VERSIONS = select(
    version.c.id,
    version.c.article_id,
    article.c.outlet,
    article.c.url,
    version.c.content_sha256,
    version.c.title,
    version.c.text,
    version.c.lead,
    version.c.authors,
    version.c.captions,
    version.c.details,
    select(capture.c.id)
    .where(capture.c.version_id == version.c.id, capture.c.warc_file != "")
    .exists()
    .label("is_recorded"),
).join_from(version, article, article.c.id == version.c.article_id)
_SIGNATURES = (
    select(
        article.c.id,
        article.c.url,
        version.c.title,
        version.c.text,
        version.c.language,
        *(each for each in signature.c if each.name != "article_id"),
    )
    .join_from(article, signature, signature.c.article_id == article.c.id)
    .join(version, version.c.id == article.c.version_id)
    .where(is_article())
)


def iter_damaged_versions(
    database: TransactionalEngine,
    *,
    since: datetime | None = None,
    outlet: Names | None = None,
    progress: ProgressCallback | None = None,
) -> Iterator[str]:
    """Yields a line for each version whose texts are not those that were stored.

    It names the article, the version, what differs and how to mend it. `since`: only versions that
    were stored at this time or later. `progress` gets the rows done and their number.
    """
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(version.c.stored_at >= since)
    if outlet is not None:
        conditions.append(is_one_of(article.c.outlet, outlet))
    query = _VERSIONS.where(*conditions)
    yield from _iter_wrong(database, query, version.c.id, _check_version, progress)


def iter_damaged_signatures(
    database: TransactionalEngine,
    scheme: Scheme,
    *,
    progress: ProgressCallback | None = None,
) -> Iterator[str]:
    """Yields a line for each article whose signature is not that of its text."""
    query = _SIGNATURES.where(signature.c.scheme == scheme.name)

    def check(row: AnyRow) -> str:
        return _check_signature(row, scheme)

    yield from _iter_wrong(database, query, article.c.id, check, progress)


def _iter_wrong(
    database: TransactionalEngine,
    query: AnySelect,
    key: ColumnElement[int],
    check: _Check,
    progress: ProgressCallback | None,
) -> Iterator[str]:
    count = select(func.count()).select_from(query.with_only_columns(key).subquery())
    total = database.read(lambda connection: connection.scalar(count)) or 0
    last_id, done = -1, 0
    while True:
        ids = _load_ids(database, query, key, last_id)
        if not ids:
            return
        yield from _iter_wrong_rows(database, query, key, ids, check)
        last_id, done = ids[-1], done + len(ids)
        if progress is not None:
            progress(done, max(done, total))


def _load_ids(
    database: TransactionalEngine, query: AnySelect, key: ColumnElement[int], last_id: int
) -> list[int]:
    keys: Select[int] = query.with_only_columns(key).where(key > last_id)
    keys = keys.order_by(key).limit(ROWS_PER_BATCH)
    return database.read(lambda connection: list(connection.scalars(keys)))


def _iter_wrong_rows(
    database: TransactionalEngine,
    query: AnySelect,
    key: ColumnElement[int],
    ids: Sequence[int],
    check: _Check,
) -> Iterator[str]:
    """Yields the lines of these rows. A batch that cannot be read is halved until one row is left."""
    rows = query.where(key.between(ids[0], ids[-1])).order_by(key)

    def load(connection: Connection) -> list[AnyRow]:
        with lenient_text(connection):
            return list(connection.execute(rows))

    try:
        yield from filter(None, map(check, database.read(load)))
    except (NkwireError, ValueError, TypeError) as error:
        if len(ids) == 1:
            name = f"version {ids[0]}" if key is version.c.id else f"the signature of {ids[0]}"
            yield f"{name} cannot be read ({error})"
            return
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            yield from _iter_wrong_rows(database, query, key, half, check)


def _check_version(row: AnyRow) -> str:
    wrong = [_WORDS[name] for name in changed_details(row)]
    if content_sha256(row.title, row.text) != row.content_sha256:
        wrong.insert(0, "title or text")
    if not wrong:
        return ""
    remedy = (
        f"`nkwire reextract --outlet {row.outlet}` mends it from the recording"
        if row.is_recorded
        else "it has no recording: restore a backup"
    )
    return (
        f"article {row.article_id}, version {row.id}, {row.url}: the {' and the '.join(wrong)}"
        f" is not as it was stored: {remedy}"
    )


def _check_signature(row: AnyRow, scheme: Scheme) -> str:
    features = compute_features(Document(0, "", row.title, row.text, row.language), scheme)
    expected = signature_row(row.id, features)
    same = all(
        expected[name] == row._mapping[name]
        for name in ("text_hash", "shingles", "signature", "bands", "fingerprints")
    )
    return (
        ""
        if same
        else f"article {row.id}, {row.url}: its signature is not that of its text:"
        " `nkwire recluster` computes it again"
    )
