"""Writes pending keys into the tables of the inverted indexes in rounds.

A round begins when `ARTICLES_PER_ROUND` articles wait. It goes once over the key space, slice by
slice. For every few new articles one slice is flushed: all its keys that are so far only in memory
(`storage.index.pending_keys`) go to the tables. So each page of the index receives several keys at
a time, and the cost of an article hardly grows with the index. A round ends after as many new
articles as it began with; then the articles that it began with leave the memory.
"""

import json
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select, text, update

from storage.index.key_postings import KeyArray
from storage.index.pending_keys import PendingKeys, PendingPostings
from storage.tables.articles import band, fingerprint, meta, unposted

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
    held = connection.scalar(select(meta.c.value).where(meta.c.key == _META_KEY))
    return FlushRound(**json.loads(held)) if held else FlushRound()


def store_flush_round(connection: Connection, now: FlushRound) -> None:
    """Stores the progress of the current round."""
    value = json.dumps(asdict(now))
    changed = connection.execute(update(meta).where(meta.c.key == _META_KEY), {"value": value})
    if not changed.rowcount:
        connection.execute(insert(meta), {"key": _META_KEY, "value": value})


def sync_and_flush(connection: Connection, fresh: PendingKeys) -> None:
    """Updates `fresh` from the database and flushes the slices that are due.

    Call it once in a transaction, before the first `put`.
    """
    now = load_flush_round(connection)
    fresh.sync(connection, now.done)
    if now.goal == now.done:
        if fresh.last_row_id - now.done < ARTICLES_PER_ROUND:
            return
        now = FlushRound(
            now.done, fresh.last_row_id, 0, fresh.last_row_id - ARTICLES_PER_ROUND // SLICE_COUNT
        )
    due = min(
        (fresh.last_row_id - now.at) * SLICE_COUNT // ARTICLES_PER_ROUND, SLICE_COUNT - now.slices
    )
    if due < 1:
        return
    for held, table in ((fresh.bands, band.name), (fresh.fingerprints, fingerprint.name)):
        _flush_slices(connection, held, table, now.slices, now.slices + due)
    at = now.at + due * ARTICLES_PER_ROUND // SLICE_COUNT
    now = FlushRound(now.done, now.goal, now.slices + due, at)
    if now.slices == SLICE_COUNT:
        now = FlushRound(now.goal, now.goal, 0, now.at)
        connection.execute(delete(unposted).where(unposted.c.id <= now.done))
    store_flush_round(connection, now)


def _flush_slices(
    connection: Connection, held: PendingPostings, table: str, first: int, end: int
) -> None:
    """Writes the keys of the slices from `first` to `end` (exclusive) into their table."""
    width = 2**64 // SLICE_COUNT
    keys, owners = held.between(first * width - 2**63, end * width - 2**63 - 1)
    insert_postings(connection, table, keys, owners)


def insert_postings(connection: Connection, table: str, keys: KeyArray, owners: KeyArray) -> None:
    """Inserts sorted keys and the article id of each into `band` or `fingerprint`."""
    if not len(keys):
        return
    if connection.dialect.name == "sqlite":
        rows = list(zip(keys.tolist(), owners.tolist(), strict=True))
        connection.exec_driver_sql(_SQLITE_INSERT.format(table), rows)
        return
    values = {"hashes": keys.tolist(), "owners": owners.tolist()}
    connection.execute(text(_POSTGRESQL_INSERT.format(table)), values)


def discard_pending(connection: Connection) -> None:
    """Deletes the rows of `unposted` and ends the round, after the key tables were emptied."""
    newest = connection.scalar(select(func.max(unposted.c.id))) or load_flush_round(connection).at
    connection.execute(delete(unposted))
    store_flush_round(connection, FlushRound(newest, newest, 0, newest))
