"""Coordinates the requests of all processes to each host."""

from sqlalchemy import Connection, case

from storage.engine import Facet
from storage.runs.clock import database_now
from storage.statements import insert_or_change, proposed
from storage.tables.processes import host

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
            is_near = host.c.free_at.between(now, now + MAX_WAIT_SECONDS)
            free_at = case((is_near, host.c.free_at), else_=now) + gap
            statement = insert_or_change(connection, host, ["name"], {"free_at": free_at})
            statement = statement.returning(host.c.free_at, host.c.held_until)
            values = {"name": name, "free_at": now + gap, "held_until": 0.0}
            row = connection.execute(statement, values).one()
            return max(0.0, row.free_at - gap - now), max(0.0, row.held_until - now)

        return self._database.write(work)

    def pause(self, name: str, seconds: float) -> None:
        """Records that no process may send requests to a host for this many seconds."""

        def work(connection: Connection) -> None:
            until = database_now(connection).timestamp() + seconds
            new = proposed(host)
            is_longer = host.c.held_until > new.held_until
            held_until = case((is_longer, host.c.held_until), else_=new.held_until)
            connection.execute(
                insert_or_change(connection, host, ["name"], {"held_until": held_until}),
                {"name": name, "free_at": 0.0, "held_until": until},
            )

        self._database.write(work)
