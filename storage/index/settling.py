"""Keys go into the inverted indexes in rounds, each over the whole of the key space in order.

With every few articles one slice of the key space is settled: all keys in it that are still only held
in memory (`storage.index.fresh`). So a page of the index takes in several keys at a time, and what an
article costs hardly grows with the index. A round begins when `KEEP` articles wait, and takes as long as
as many others need to arrive; at its end those that it began with are held no longer.
"""

import json
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select, text, update

from storage.index.fresh import Fresh, Held
from storage.index.pairs import Keys
from storage.tables.articles import band, fingerprint, meta, unposted

KEEP = 16_384
"""Articles whose keys wait for a round; each takes 2 kB of memory in each process that places."""

SLICES = 1024
"""Parts of the key space; a power of two."""

_KEY = "dedup.settled"
_SQLITE = "INSERT OR IGNORE INTO {} (hash, article_id) VALUES (?, ?)"
_POSTGRES = (
    "INSERT INTO {} (hash, article_id) SELECT * FROM"
    " unnest(CAST(:hashes AS bigint[]), CAST(:owners AS bigint[])) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Round:
    """How far the present round is. All rows of `unposted` up to `done` are settled, those up to
    `goal` in the first `slices` slices; `at`: the newest row when a slice was settled last.
    """

    done: int = 0
    goal: int = 0
    slices: int = 0
    at: int = 0


def load_round(connection: Connection) -> Round:
    """The present round of the database."""
    held = connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))
    return Round(**json.loads(held)) if held else Round()


def store_round(connection: Connection, now: Round) -> None:
    """Keep how far the round is."""
    value = json.dumps(asdict(now))
    changed = connection.execute(update(meta).where(meta.c.key == _KEY), {"value": value})
    if not changed.rowcount:
        connection.execute(insert(meta), {"key": _KEY, "value": value})


def follow(connection: Connection, fresh: Fresh) -> None:
    """Bring `fresh` up to date and settle as many slices as came articles. Call before any put."""
    now = load_round(connection)
    fresh.follow(connection, now.done)
    if now.goal == now.done:
        if fresh.newest - now.done < KEEP:
            return
        now = Round(now.done, fresh.newest, 0, fresh.newest - KEEP // SLICES)
    due = min((fresh.newest - now.at) * SLICES // KEEP, SLICES - now.slices)
    if due < 1:
        return
    for held, table in ((fresh.bands, band.name), (fresh.fingerprints, fingerprint.name)):
        _settle(connection, held, table, now.slices, now.slices + due)
    at = now.at + due * KEEP // SLICES
    now = Round(now.done, now.goal, now.slices + due, at)
    if now.slices == SLICES:
        now = Round(now.goal, now.goal, 0, now.at)
        connection.execute(delete(unposted).where(unposted.c.id <= now.done))
    store_round(connection, now)


def _settle(connection: Connection, held: Held, table: str, first: int, end: int) -> None:
    """Put the keys of these slices into their table."""
    width = 2**64 // SLICES
    keys, owners = held.between(first * width - 2**63, end * width - 2**63 - 1)
    post(connection, table, keys, owners)


def post(connection: Connection, table: str, keys: Keys, owners: Keys) -> None:
    """Put keys in order, with the article that holds each, into `band` or `fingerprint`."""
    if not len(keys):
        return
    if connection.dialect.name == "sqlite":
        rows = list(zip(keys.tolist(), owners.tolist(), strict=True))
        connection.exec_driver_sql(_SQLITE.format(table), rows)
        return
    values = {"hashes": keys.tolist(), "owners": owners.tolist()}
    connection.execute(text(_POSTGRES.format(table)), values)


def post_anew(connection: Connection) -> None:
    """Forget what waits, after the tables of keys were emptied."""
    newest = connection.scalar(select(func.max(unposted.c.id))) or load_round(connection).at
    connection.execute(delete(unposted))
    store_round(connection, Round(newest, newest, 0, newest))
