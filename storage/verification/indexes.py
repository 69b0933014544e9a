"""Checks the two inverted indexes, of the search and of the dedup keys, by sums.

Each entry of an index counts with a number that depends on all of it. The sum over the index must
be the sum over what was indexed. So the check needs one pass over each side and hardly any memory,
and no order. It says that an index is wrong, not where: the remedy makes all of it anew. All runs in
one transaction, since both sides must be of one moment.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
from sqlalchemy import Connection, Table, func, select, text
from xxhash import xxh3_64_intdigest

from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.dialects import is_sqlite
from storage.engine import TransactionalEngine
from storage.errors import StorageError
from storage.index.pending_keys import unpack_keys
from storage.search.fulltext import searched, tokenise_article
from storage.tables.articles import band, fingerprint, signature, unposted, version

_SearchSums: TypeAlias = tuple[int, int]
_PRIME, _SMALL_PRIME = 1_048_573, 1021  # their products, summed over 10^8 rows, fit into 64 bits
_KINDS = ("row", "instance")
_SEARCH_REMEDY = (
    "restore a backup (`nkwire restore`), or export the corpus and import it into a new database"
)

_VOCABULARY_SQL = "CREATE VIRTUAL TABLE temp.checked_{0} USING fts5vocab(main, search_index, {0})"


def iter_wrong_indexes(
    database: TransactionalEngine, progress: ProgressCallback | None = None
) -> Iterator[str]:
    """Yields a line for each index that does not fit what was indexed."""
    with database.snapshot() as connection:
        yield from _iter_wrong_keys(connection)
    try:
        with database.snapshot() as connection:
            expected = _expected_search_sums(connection, progress)
            stored = _stored_search_sums(connection)
    except StorageError as error:
        yield f"the search index cannot be read ({error})"
        return
    if stored != expected:
        yield f"the search index does not fit the texts: {_SEARCH_REMEDY}"


def _iter_wrong_keys(connection: Connection) -> Iterator[str]:
    waiting = select(unposted.c.article_id)
    expected = dict.fromkeys((band.name, fingerprint.name), (0, 0))
    rows = connection.execution_options(yield_per=ROWS_PER_BATCH).execute(
        select(signature.c.article_id, signature.c.bands, signature.c.fingerprints).where(
            signature.c.article_id.not_in(waiting)
        )
    )
    for article_id, *packed in rows:
        for name, keys in zip(expected, packed, strict=True):
            values = np.unique(unpack_keys(keys))
            number, total = expected[name]
            weight = article_id % _SMALL_PRIME + 1
            total += int(np.fmod(values, _PRIME).sum()) * weight
            expected[name] = (number + len(values), total)
    for table in (band, fingerprint):
        if _stored_key_sums(connection, table) != expected[table.name]:
            yield (
                f"the index {table.name} does not fit the signatures:"
                " `nkwire recluster` makes it anew"
            )


def _stored_key_sums(connection: Connection, table: Table) -> tuple[int, int]:
    weighted = (table.c.hash % _PRIME) * (table.c.article_id % _SMALL_PRIME + 1)
    query = select(func.count(), func.coalesce(func.sum(weighted), 0)).where(
        table.c.article_id.not_in(select(unposted.c.article_id))
    )
    number, total = connection.execute(query).one()
    return int(number), int(total)


def _expected_search_sums(connection: Connection, progress: ProgressCallback | None) -> _SearchSums:
    total = connection.scalar(select(func.count()).select_from(searched)) or 0
    rows = connection.execution_options(yield_per=ROWS_PER_BATCH).execute(
        select(searched.c.place, version.c.title, version.c.text, version.c.lead)
        .join_from(searched, version, version.c.id == searched.c.version_id)
        .order_by(searched.c.article_id)
    )
    words, places = 0, 0
    for done, (place, *texts) in enumerate(rows, start=1):
        title, body = tokenise_article(*texts)
        if is_sqlite(connection):
            counts = Counter([*title, *body])
            words += sum(_weight(word) * count for word, count in counts.items())
            places += (
                place % _PRIME * sum(len(each) * (len(each) + 1) // 2 for each in (title, body))
            )
        else:
            distinct = {*title, *body}
            words += sum(map(_weight, distinct))
            places += place % _PRIME * len(distinct)
        if progress is not None and not done % ROWS_PER_BATCH:
            progress(done, total)
    return words, places


def _stored_search_sums(connection: Connection) -> _SearchSums:
    if not is_sqlite(connection):
        return _stored_postgresql_sums(connection)
    with _vocabulary(connection):
        words = sum(
            _weight(term) * count
            for term, count in connection.execute(text("SELECT term, cnt FROM checked_row"))
        )
        query = text(
            f'SELECT coalesce(sum(doc % {_PRIME} * ("offset" + 1)), 0) FROM checked_instance'
        )
        return words, int(connection.scalar(query) or 0)


def _stored_postgresql_sums(connection: Connection) -> _SearchSums:
    rows = connection.execution_options(yield_per=ROWS_PER_BATCH).execute(
        text("SELECT place, tsvector_to_array(words) FROM search_index")
    )
    words, places = 0, 0
    for place, tokens in rows:
        words += sum(map(_weight, tokens))
        places += place % _PRIME * len(tokens)
    return words, places


@contextmanager
def _vocabulary(connection: Connection) -> Iterator[None]:
    """Gives the entries of SQLite's index as the tables `checked_row` and `checked_instance`.

    They are in the temporary database, in memory (https://www.sqlite.org/fts5.html#fts5vocab).
    """
    is_query_only = connection.execute(text("PRAGMA query_only")).scalar()
    connection.execute(text("PRAGMA query_only=OFF"))
    try:
        for kind in _KINDS:
            connection.execute(text(_VOCABULARY_SQL.format(kind)))
        yield
        for kind in _KINDS:
            connection.execute(text(f"DROP TABLE temp.checked_{kind}"))
    finally:
        connection.execute(text(f"PRAGMA query_only={is_query_only or 0}"))


def _weight(word: str) -> int:
    return int(xxh3_64_intdigest(word.encode("utf-8", "surrogatepass")))
