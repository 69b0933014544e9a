"""Stores the schedule: the operator's overrides, and the slots that were taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from storage.engine import Facet
from storage.runs.clock import database_now
from storage.runs.outlets import add_outlet
from storage.runs.schedule_state import ScheduleProgress
from storage.runs.slots import ScheduleOverride
from storage.statements import insert_or_ignore
from storage.tables.articles import lease, outlet, slot
from storage.tables.columns import AnyRow

SLOT_RETENTION = timedelta(days=35)  # since a slot was taken
_OVERRIDE_COLUMNS = ("enabled", "every_seconds", "cron", "jitter_seconds", "quiet")


@dataclass(frozen=True, slots=True)
class TakenSlot:
    """A slot that a scheduler took. `missed`: number of slots just before it that nobody took."""

    slot_at: datetime
    taken_at: datetime
    owner: str
    missed: int


class Schedule(Facet):
    """The operator's overrides and the taken slots of each outlet."""

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
            conditions = (slot.c.taken_at > now - timedelta(days=7), slot.c.missed > 0)
            query = select(slot.c.outlet, func.sum(slot.c.missed)).where(*conditions)
            missed = dict(connection.execute(query.group_by(slot.c.outlet)).all())
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

    def slots(self, outlet_name: str, limit: int = 50) -> list[TakenSlot]:
        """Returns the last taken slots of an outlet, newest first."""
        query = select(slot).where(slot.c.outlet == outlet_name).order_by(slot.c.slot_at.desc())
        rows = self._database.read(lambda connection: connection.execute(query.limit(limit)).all())
        return [TakenSlot(row.slot_at, row.taken_at, row.owner, row.missed) for row in rows]

    def take_slot(
        self, outlet_name: str, slot_at: datetime, owner: str, *, lease_name: str, missed: int = 0
    ) -> bool:
        """Takes a slot for the owner of a lease.

        Returns False if the slot was taken before, or if `owner` does not hold the lease. One
        transaction checks the lease and stores the slot, so a former leader that wakes up late
        takes nothing, whatever its clock says. `missed`: number of slots just before it that nobody
        took.
        """

        def work(connection: Connection) -> bool:
            now = database_now(connection)
            is_own_lease = (lease.c.name == lease_name) & (lease.c.owner == owner)
            query = (
                select(lease.c.token)
                .where(is_own_lease, lease.c.expires_at > now)
                .with_for_update()
            )
            if connection.scalar(query) is None:
                return False
            add_outlet(connection, outlet_name)
            row = {"outlet": outlet_name, "slot_at": slot_at, "taken_at": now, "missed": missed}
            statement = insert_or_ignore(connection, slot).returning(slot.c.slot_at)
            if connection.execute(statement, row | {"owner": owner}).one_or_none() is None:
                return False
            connection.execute(
                update(outlet).where(outlet.c.name == outlet_name),
                {"slot_at": slot_at, "taken_at": now},
            )
            is_expired = (slot.c.outlet == outlet_name) & (slot.c.taken_at < now - SLOT_RETENTION)
            connection.execute(delete(slot).where(is_expired))
            return True

        return self._database.write(work)


def _override_from_row(row: AnyRow) -> ScheduleOverride:
    def seconds(number: int | None) -> timedelta | None:
        return None if number is None else timedelta(seconds=number)

    every, jitter = seconds(row.every_seconds or None), seconds(row.jitter_seconds)
    return ScheduleOverride(row.enabled, every, row.cron or "", jitter, row.quiet or "")
