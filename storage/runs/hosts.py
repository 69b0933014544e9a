"""Coordinates the requests of all processes to each host.

Each time in a row is written when a turn is taken or a pause begins, so `free_at` is never earlier
than the last of these moments. If it lies far in the future, the clock was ahead at that moment and
was set back since. Then the next turn moves both times back by as much: a pause never lasts longer
than its host asked for.
"""

import logging

from sqlalchemy import ColumnElement, Connection, case, select

from storage.engine import Facet
from storage.runs.clock import database_now
from storage.statements import insert_or_change, proposed
from storage.tables.processes import host

MAX_WAIT_SECONDS = 600.0  # a longer wait for a turn means that the clock was set back
MAX_PAUSE_SECONDS = 7 * 86400.0

log = logging.getLogger(__name__)


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
            changes = {
                "free_at": case((is_near, host.c.free_at), else_=now) + gap,
                "held_until": _plausible_pause_end(now),
            }
            _tell_clock_fault(connection, name, now)
            statement = insert_or_change(connection, host, ["name"], changes)
            statement = statement.returning(host.c.free_at, host.c.held_until)
            values = {"name": name, "free_at": now + gap, "held_until": 0.0}
            row = connection.execute(statement, values).one()
            return max(0.0, row.free_at - gap - now), max(0.0, row.held_until - now)

        return self._database.write(work)

    def pause(self, name: str, seconds: float) -> None:
        """Records that no process may send requests to a host for this many seconds.

        At most MAX_PAUSE_SECONDS count.
        """

        def work(connection: Connection) -> None:
            now = database_now(connection).timestamp()
            new, held_until = proposed(host), _plausible_pause_end(now)
            is_near = host.c.free_at.between(now, now + MAX_WAIT_SECONDS)
            changes = {
                "free_at": case((is_near, host.c.free_at), else_=now),
                "held_until": case((held_until > new.held_until, held_until), else_=new.held_until),
            }
            pause_end = now + min(seconds, MAX_PAUSE_SECONDS)
            connection.execute(
                insert_or_change(connection, host, ["name"], changes),
                {"name": name, "free_at": now, "held_until": pause_end},
            )

        self._database.write(work)


def _plausible_pause_end(now: float) -> ColumnElement[float]:
    """Returns the end of a host's pause, moved back if the clock was ahead when it began."""
    is_ahead = host.c.free_at > now + MAX_WAIT_SECONDS
    moved = host.c.held_until - host.c.free_at + now
    held_until = case((is_ahead, moved), else_=host.c.held_until)
    longest = now + MAX_PAUSE_SECONDS
    return case((held_until > longest, longest), else_=held_until)


def _tell_clock_fault(connection: Connection, name: str, now: float) -> None:
    free_at = connection.scalar(select(host.c.free_at).where(host.c.name == name))
    if free_at and free_at > now + MAX_WAIT_SECONDS:
        seconds = free_at - now
        log.warning(
            "%s: the clock was %.0f s ahead; turns and pauses are moved back", name, seconds
        )
