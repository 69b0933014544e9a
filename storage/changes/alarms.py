"""Raises and reads alarms: many known articles of an outlet are missing at once."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from storage.changes.change_queries import LOSSES_QUERY, SUSPECTS_QUERY
from storage.changes.mass_deletion import (
    ALARM_WINDOW,
    BASELINE_PERIOD,
    NEXT_REVISIT_WITHIN,
    AlarmKind,
    RevisitCounts,
    is_mass_deletion,
)
from storage.changes.rows import Alarm
from storage.counts import Count
from storage.engine import Facet
from storage.tables.changes import alarm
from storage.tables.columns import Names, is_one_of
from storage.tables.runs import run


class Alarms(Facet):
    """The alarms about mass deletions."""

    def raise_new(self, outlet_name: str, now: datetime) -> list[Alarm]:
        """Checks the recent losses of an outlet. Stores and returns new alarms.

        An alarm is new if none of its kind was raised within `ALARM_WINDOW` (48 hours). `now`: the
        start of the run that found the last losses.
        """

        def work(connection: Connection) -> list[Alarm]:
            query = select(alarm.c.kind).where(
                alarm.c.outlet == outlet_name, alarm.c.raised_at > now - ALARM_WINDOW
            )
            known_kinds = set(map(AlarmKind, connection.scalars(query)))
            new_alarm = _find_alarm(connection, outlet_name, now)
            # A "nothing answers" alarm may become a "mass-deletion" alarm, but not the reverse.
            if new_alarm is None or known_kinds & {new_alarm.kind, AlarmKind.MASS_DELETION}:
                return []
            values = {
                name: getattr(new_alarm, name)
                for name in Alarm.__dataclass_fields__
                if name != "id"
            }
            alarm_id = connection.scalars(insert(alarm).returning(alarm.c.id), values).one()
            return [replace(new_alarm, id=int(alarm_id))]

        return self._database.write(work)

    def latest(self, *, since: datetime | None = None, outlet: Names | None = None) -> list[Alarm]:
        """Returns the alarms, latest first. `since`: only those raised at this time or later."""
        columns = (alarm.c[name] for name in Alarm.__dataclass_fields__)
        query = select(*columns).order_by(alarm.c.raised_at.desc(), alarm.c.id.desc())
        if since is not None:
            query = query.where(alarm.c.raised_at >= since)
        if outlet is not None:
            query = query.where(is_one_of(alarm.c.outlet, outlet))
        return [
            Alarm(**{**row._mapping, "kind": AlarmKind(row.kind)})
            for row in self._database.read(lambda connection: connection.execute(query).all())
        ]


def _find_alarm(connection: Connection, outlet_name: str, now: datetime) -> Alarm | None:
    rows = connection.execute(
        LOSSES_QUERY, {"of": outlet_name, "since": now - BASELINE_PERIOD}
    ).all()
    recent_losses = {
        row.id: row.found_at for row in rows if row.found_at > now - ALARM_WINDOW and row.is_lost
    }
    past_loss_count = sum(row.found_at <= now - ALARM_WINDOW for row in rows)
    parameters = {
        "of": outlet_name,
        "since": now - ALARM_WINDOW,
        "until": now + NEXT_REVISIT_WITHIN,
    }
    unwitnessed = {row.id: row.found_at for row in connection.execute(SUSPECTS_QUERY, parameters)}
    present_count, usual_present_count = _count_present(connection, outlet_name, now)
    for kind, cause, found_at_by_article in (
        (AlarmKind.MASS_DELETION, "not found while their siblings were", recent_losses),
        (
            AlarmKind.NOTHING_ANSWERS,
            "and no articles like them: the site was rebuilt, or all were deleted",
            unwitnessed,
        ),
    ):
        counts = RevisitCounts(present_count, len(found_at_by_article))
        if is_mass_deletion(counts, RevisitCounts(usual_present_count, past_loss_count)):
            since = min(found_at_by_article.values())
            return Alarm(
                id=0, outlet=outlet_name, kind=kind, since_at=since, raised_at=now,
                missing=counts.lost, checks=counts.total, cause=cause,
            )  # fmt: skip
    return None


def _count_present(connection: Connection, outlet_name: str, now: datetime) -> tuple[int, int]:
    """Counts the revisits that found their article: in the window, and in the history before it."""
    query = select(run.c.started_at, run.c.counts).where(
        run.c.outlet == outlet_name, run.c.started_at > now - BASELINE_PERIOD
    )
    counts = [0, 0]
    for row in connection.execute(query):
        counts[row.started_at <= now - ALARM_WINDOW] += int(
            (row.counts or {}).get(Count.REVISIT_PRESENT, 0)
        )
    return counts[0], counts[1]
