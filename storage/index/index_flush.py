"""Writes pending keys into the tables of the inverted indexes in rounds.

A round begins when `ARTICLES_PER_ROUND` articles wait. It goes once over the key space, slice by
slice. For every few new articles one slice is flushed: all its keys that are so far only in memory
(`storage.index.pending_keys`) go to the tables. So each page of the index receives several keys at
a time, and the cost of an article hardly grows with the index. A round ends after as many new
articles as it began with; then the articles that it began with leave the memory.
"""

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, delete, func, select, text

from storage.dialects import is_sqlite
from storage.index.key_postings import KeyArray
from storage.index.pending_keys import PendingKeys, PendingPostings
from storage.tables.articles import band, fingerprint, unposted
from storage.tables.meta import get_meta, set_meta

ARTICLES_PER_ROUND = 16_384
"""Articles that wait before a round begins; each takes 2 kB of memory in each writing process."""

SLICE_COUNT = 1024
"""Number of slices of the key space; a power of two."""

_META_KEY = "dedup.settled"
_SQLITE_INSERT = "INSERT OR IGNORE INTO {} (hash, article_id) VALUES (?, ?)"
_POSTGRESQL_INSERT = (
    "INSERT INTO {} (hash, article_id) SELECT * FROM"
    " unnest(CAST(:hashes AS bigint[]), CAST(:owners AS bigint[])) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class FlushRound:
    """The progress of the current round, in row ids of `unposted`.

    `done`: all rows up to it are flushed. `goal`: the rows up to it are flushed in the first
    `slices` slices. `at`: the row after which new rows count towards the next due slices.
    """

    done: int = 0
    goal: int = 0
    slices: int = 0
    at: int = 0


def load_flush_round(connection: Connection) -> FlushRound:
    """Loads the progress of the current round."""
    value = get_meta(connection, _META_KEY)
    return FlushRound(**orjson.loads(value)) if value else FlushRound()


def store_flush_round(connection: Connection, flush_round: FlushRound) -> None:
    """Stores the progress of the current round."""
    set_meta(connection, _META_KEY, orjson.dumps(flush_round).decode())


def sync_and_flush(connection: Connection, pending_keys: PendingKeys) -> None:
    """Updates `pending_keys` from the database and flushes the slices that are due.

    Call it once in a transaction, before the first `put`.
    """
    flush_round = load_flush_round(connection)
    pending_keys.sync(connection, flush_round.done)
    if flush_round.goal == flush_round.done:
        if pending_keys.last_row_id - flush_round.done < ARTICLES_PER_ROUND:
            return
        flush_round = FlushRound(
            flush_round.done,
            pending_keys.last_row_id,
            0,
            pending_keys.last_row_id - ARTICLES_PER_ROUND // SLICE_COUNT,
        )
    due_slices = min(
        (pending_keys.last_row_id - flush_round.at) * SLICE_COUNT // ARTICLES_PER_ROUND,
        SLICE_COUNT - flush_round.slices,
    )
    if due_slices < 1:
        return
    for postings, table in (
        (pending_keys.bands, band.name),
        (pending_keys.fingerprints, fingerprint.name),
    ):
        _flush_slices(
            connection, postings, table, flush_round.slices, flush_round.slices + due_slices
        )
    counted_row_id = flush_round.at + due_slices * ARTICLES_PER_ROUND // SLICE_COUNT
    flush_round = FlushRound(
        flush_round.done, flush_round.goal, flush_round.slices + due_slices, counted_row_id
    )
    if flush_round.slices == SLICE_COUNT:
        flush_round = FlushRound(flush_round.goal, flush_round.goal, 0, flush_round.at)
        connection.execute(delete(unposted).where(unposted.c.id <= flush_round.done))
    store_flush_round(connection, flush_round)


def _flush_slices(
    connection: Connection, postings: PendingPostings, table: str, first_slice: int, end_slice: int
) -> None:
    """Writes the keys of the slices from `first_slice` to before `end_slice` into their table."""
    width = 2**64 // SLICE_COUNT
    keys, owners = postings.between(first_slice * width - 2**63, end_slice * width - 2**63 - 1)
    insert_postings(connection, table, keys, owners)


def insert_postings(connection: Connection, table: str, keys: KeyArray, owners: KeyArray) -> None:
    """Inserts sorted keys and the article id of each into `band` or `fingerprint`."""
    if not len(keys):
        return
    if is_sqlite(connection):
        rows = list(zip(keys.tolist(), owners.tolist(), strict=True))
        connection.exec_driver_sql(_SQLITE_INSERT.format(table), rows)
        return
    values = {"hashes": keys.tolist(), "owners": owners.tolist()}
    connection.execute(text(_POSTGRESQL_INSERT.format(table)), values)


def discard_pending(connection: Connection) -> None:
    """Deletes the rows of `unposted` and ends the round, after the key tables were emptied."""
    newest_row_id = (
        connection.scalar(select(func.max(unposted.c.id))) or load_flush_round(connection).at
    )
    connection.execute(delete(unposted))
    store_flush_round(connection, FlushRound(newest_row_id, newest_row_id, 0, newest_row_id))
