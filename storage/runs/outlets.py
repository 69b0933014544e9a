"""The outlets that the database knows."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from storage.statements import insert_or_ignore
from storage.tables.articles import DEFAULT_OUTLET_RANK, outlet


def held_ranks(connection: Connection) -> dict[str, int]:
    """The rank of each known outlet, by name."""
    return dict(connection.execute(select(outlet.c.name, outlet.c.rank)).all())


def declare_ranks(connection: Connection, ranks: Mapping[str, int]) -> None:
    """Set the ranks of outlets; adds those that are not known yet."""
    for name, rank in sorted(ranks.items()):
        add_outlet(connection, name, rank)
        connection.execute(update(outlet).where(outlet.c.name == name), {"rank": rank})


def add_outlet(connection: Connection, name: str, rank: int = DEFAULT_OUTLET_RANK) -> None:
    """Add an outlet that is not there yet."""
    row = {"name": name, "rank": rank, "added_at": datetime.now(UTC)}
    connection.execute(insert_or_ignore(connection, outlet), row)
