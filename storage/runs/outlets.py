"""Stores the outlets and their ranks."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from storage.index.carriers import read_again
from storage.statements import insert_or_ignore
from storage.tables.articles import DEFAULT_OUTLET_RANK, outlet


def held_ranks(connection: Connection) -> dict[str, int]:
    """Returns the rank of each known outlet, by name."""
    return dict(connection.execute(select(outlet.c.name, outlet.c.rank)).all())


def declare_ranks(connection: Connection, ranks: Mapping[str, int]) -> None:
    """Sets the ranks of outlets (name -> rank); adds unknown outlets.

    If a rank changes, all articles are read again for the reports that they carry.
    """
    known = held_ranks(connection)
    for name, rank in sorted(ranks.items()):
        add_outlet(connection, name, rank)
        connection.execute(update(outlet).where(outlet.c.name == name), {"rank": rank})
    if any(known.get(name, rank) != rank for name, rank in ranks.items()):
        read_again(connection)


def add_outlet(connection: Connection, name: str, rank: int = DEFAULT_OUTLET_RANK) -> None:
    """Adds an outlet; does nothing if it exists."""
    row = {"name": name, "rank": rank, "added_at": datetime.now(UTC)}
    connection.execute(insert_or_ignore(connection, outlet), row)
