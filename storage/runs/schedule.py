"""Stores the schedule: the operator's overrides, and the last slot that was taken."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, func, or_, select, update

from storage.engine import Facet
from storage.runs.clock import database_now
from storage.runs.outlets import add_outlet
from storage.runs.schedule_state import MAX_SLOT_LEAD, ScheduleProgress
from storage.runs.slots import ScheduleOverride
from storage.tables.articles import outlet
from storage.tables.columns import AnyRow
from storage.tables.processes import lease
from storage.tables.runs import run

_OVERRIDE_COLUMNS = ("enabled", "every_seconds", "cron", "jitter_seconds", "quiet")


class Schedule(Facet):
    """The operator's overrides and the last taken slot of each outlet."""

    def overrides(self) -> dict[str, ScheduleOverride]:
        """Returns the overrides by outlet; outlets without any are left out."""
        columns = (outlet.c.name, *(outlet.c[name] for name in _OVERRIDE_COLUMNS))
        rows = self._database.read(lambda connection: connection.execute(select(*columns)).all())
        overrides = {row.name: _override_from_row(row) for row in rows}
        return {
            name: override for name, override in overrides.items() if override != ScheduleOverride()
        }

    def set_override(self, outlet_name: str, override: ScheduleOverride) -> None:
        """Replaces the overrides of an outlet."""
        every, jitter = override.every, override.jitter
        values = {
            "enabled": override.enabled,
            "every_seconds": int(every.total_seconds()) if every else None,
            "cron": override.cron or None,
            "jitter_seconds": None if jitter is None else int(jitter.total_seconds()),
            "quiet": override.quiet or None,
        }

        def work(connection: Connection) -> None:
            add_outlet(connection, outlet_name)
            connection.execute(update(outlet).where(outlet.c.name == outlet_name), values)

        self._database.write(work)

    def last_taken(self, now: datetime) -> dict[str, ScheduleProgress]:
        """Returns for each outlet the last taken slot, and the slots missed in the last week."""

        def work(connection: Connection) -> dict[str, ScheduleProgress]:
            in_last_week = run.c.started_at > now - timedelta(days=7)
            query = select(run.c.outlet, func.sum(run.c.missed)).where(in_last_week)
            missed = dict(connection.execute(query.group_by(run.c.outlet)).all())
            outlet_rows = connection.execute(
                select(outlet.c.name, outlet.c.slot_at, outlet.c.taken_at)
            )
            return {
                row.name: ScheduleProgress(
                    slot_at=row.slot_at,
                    taken_at=row.taken_at,
                    missed=int(missed.get(row.name, 0)),
                )
                for row in outlet_rows
            }

        return self._database.read(work)

    def forget_future_slots(self) -> int:
        """Forgets taken slots that lie in the future, and returns their number.

        They were taken while the clock was ahead, and would be missing when their time comes.
        """

        def work(connection: Connection) -> int:
            is_ahead = outlet.c.slot_at > database_now(connection) + MAX_SLOT_LEAD
            values = {"slot_at": None, "taken_at": None}
            return connection.execute(update(outlet).where(is_ahead).values(values)).rowcount

        return self._database.write(work)

    def take_slot(
        self, outlet_name: str, slot_at: datetime, owner: str, *, lease_name: str
    ) -> bool:
        """Takes a slot for the owner of a lease.

        Returns False if this or a later slot was taken before, or if `owner` does not hold the
        lease. One statement checks both and stores the slot, so a former leader that wakes up late
        takes nothing, whatever its clock says. A later slot that lies in the future stops nothing:
        the clock was set back.
        """
        return self._database.write(
            lambda connection: take_slot(connection, outlet_name, slot_at, owner, lease_name)
        )


def take_slot(
    connection: Connection, outlet_name: str, slot_at: datetime, owner: str, lease_name: str
) -> bool:
    """Takes a slot within a transaction, see `Schedule.take_slot`."""
    add_outlet(connection, outlet_name)
    now = database_now(connection)
    holds_lease = exists().where(
        lease.c.name == lease_name, lease.c.owner == owner, lease.c.expires_at > now
    )
    is_free = or_(
        outlet.c.slot_at.is_(None),
        outlet.c.slot_at < slot_at,
        outlet.c.slot_at > now + MAX_SLOT_LEAD,
    )
    statement = update(outlet).where(outlet.c.name == outlet_name, is_free, holds_lease)
    values = {"slot_at": slot_at, "taken_at": now}
    return bool(connection.execute(statement.values(values)).rowcount)


def _override_from_row(row: AnyRow) -> ScheduleOverride:
    def seconds(number: int | None) -> timedelta | None:
        return None if number is None else timedelta(seconds=number)

    every, jitter = seconds(row.every_seconds or None), seconds(row.jitter_seconds)
    return ScheduleOverride(row.enabled, every, row.cron or "", jitter, row.quiet or "")
