"""Coordinates the requests of all processes to each host."""

from typing import Any

from sqlalchemy import Connection, case, func
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Facet
from storage.runs.clock import database_now
from storage.tables.articles import host

MAX_WAIT_SECONDS = 600.0  # a longer wait for a turn means that the clock was set back


class Hosts(Facet):
    """The turns and pauses of each host, shared by all processes."""

    def reserve_turn(self, name: str, gap: float) -> tuple[float, float]:
        """Reserves the next turn at a host. `gap`: seconds between this turn and the one after it.

        Returns the seconds to wait for the turn, and the seconds until the host's pause ends
        (0 without a pause).
        """

        def work(connection: Connection) -> tuple[float, float]:
            now = database_now(connection).timestamp()
            insert_statement, greatest = _insert_and_greatest(connection)
            turn_at = case(
                (host.c.free_at > now + MAX_WAIT_SECONDS, now), else_=greatest(host.c.free_at, now)
            )
            upsert = insert_statement.on_conflict_do_update(
                index_elements=[host.c.name], set_={"free_at": turn_at + gap}
            ).returning(host.c.free_at, host.c.held_until)
            values = {"name": name, "free_at": now + gap, "held_until": 0.0}
            row = connection.execute(upsert, values).one()
            return max(0.0, row.free_at - gap - now), max(0.0, row.held_until - now)

        return self._database.write(work)

    def pause(self, name: str, seconds: float) -> None:
        """Records that no process may send requests to a host for this many seconds."""

        def work(connection: Connection) -> None:
            until = database_now(connection).timestamp() + seconds
            insert_statement, greatest = _insert_and_greatest(connection)
            upsert = insert_statement.on_conflict_do_update(
                index_elements=[host.c.name],
                set_={
                    "held_until": greatest(host.c.held_until, insert_statement.excluded.held_until)
                },
            )
            connection.execute(upsert, {"name": name, "free_at": 0.0, "held_until": until})

        self._database.write(work)


def _insert_and_greatest(connection: Connection) -> tuple[Any, Any]:
    """Returns the dialect's INSERT into `host`, and its function for the larger of two values."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(host), func.greatest
    return sqlite.insert(host), func.max
