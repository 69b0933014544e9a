"""Raises and reads alarms: many known articles of an outlet are missing at once."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from storage.changes.change_queries import LOSSES_QUERY, SUSPECTS_QUERY
from storage.changes.mass_deletion import (
    ALARM_WINDOW,
    BASELINE_PERIOD,
    MASS_DELETION,
    NEXT_REVISIT_WITHIN,
    RevisitCounts,
    is_mass_deletion,
)
from storage.changes.rows import Alarm
from storage.engine import Facet
from storage.tables.articles import run
from storage.tables.changes import alarm


class Alarms(Facet):
    """The alarms about mass deletions."""

    def raise_new(self, of: str, now: datetime) -> list[Alarm]:
        """Checks the recent losses of the outlet `of`. Stores and returns new alarms.

        An alarm is new if none of its kind was raised within `ALARM_WINDOW` (48 hours). `now`: the
        start of the run that found the last losses.
        """

        def work(connection: Connection) -> list[Alarm]:
            raised = select(alarm.c.kind).where(
                alarm.c.outlet == of, alarm.c.raised_at > now - ALARM_WINDOW
            )
            told = set(connection.scalars(raised))
            found = _find_alarm(connection, of, now)
            # A "nothing answers" alarm may become a "mass-deletion" alarm, but not the reverse.
            if found is None or found.kind in told or MASS_DELETION in told:
                return []
            values = {n: getattr(found, n) for n in Alarm.__dataclass_fields__ if n != "id"}
            made = connection.scalars(insert(alarm).returning(alarm.c.id), values).one()
            return [replace(found, id=int(made))]

        return self._database.write(work)

    def latest(self, *, since: datetime | None = None, outlet: str | None = None) -> list[Alarm]:
        """Returns the alarms, latest first. `since`: only those raised at this time or later."""
        columns = (alarm.c[name] for name in Alarm.__dataclass_fields__)
        asked = select(*columns).order_by(alarm.c.raised_at.desc(), alarm.c.id.desc())
        if since is not None:
            asked = asked.where(alarm.c.raised_at >= since)
        if outlet is not None:
            asked = asked.where(alarm.c.outlet == outlet)
        return [
            Alarm(**row._mapping) for row in self._database.read(lambda c: c.execute(asked).all())
        ]


def _find_alarm(connection: Connection, of: str, now: datetime) -> Alarm | None:
    rows = connection.execute(LOSSES_QUERY, {"of": of, "since": now - BASELINE_PERIOD}).all()
    recent = {
        row.id: row.found_at for row in rows if row.found_at > now - ALARM_WINDOW and row.is_lost
    }
    past = sum(row.found_at <= now - ALARM_WINDOW for row in rows)
    asked = {"of": of, "since": now - ALARM_WINDOW, "until": now + NEXT_REVISIT_WITHIN}
    unwitnessed = {row.id: row.found_at for row in connection.execute(SUSPECTS_QUERY, asked)}
    there, usual = _count_present(connection, of, now)
    for kind, cause, lost in (
        (MASS_DELETION, "not found while their siblings were", recent),
        ("nothing answers", "nor any like them: a rebuilt site, or all taken away", unwitnessed),
    ):
        looks = RevisitCounts(there, len(lost))
        if is_mass_deletion(looks, RevisitCounts(usual, past)):
            since = min(lost.values())
            return Alarm(
                id=0, outlet=of, kind=kind, since_at=since, raised_at=now,
                missing=looks.lost, checks=looks.total, cause=cause,
            )  # fmt: skip
    return None


def _count_present(connection: Connection, of: str, now: datetime) -> tuple[int, int]:
    """Counts the revisits that found their article: in the window, and in the history before it."""
    asked = select(run.c.started_at, run.c.counts).where(
        run.c.outlet == of, run.c.started_at > now - BASELINE_PERIOD
    )
    there = [0, 0]
    for row in connection.execute(asked):
        there[row.started_at <= now - ALARM_WINDOW] += int(
            (row.counts or {}).get("revisit.present", 0)
        )
    return there[0], there[1]
