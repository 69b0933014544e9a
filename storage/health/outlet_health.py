"""Stores the health of outlets: assesses it after each run and records its changes."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from storage.engine import Facet
from storage.health.assessment import Health, HealthState, assess_health
from storage.health.days import HealthDay, summarise_day
from storage.health.own_network import mark_own_network_failures
from storage.health.run_evidence import HealthCause
from storage.runs.runs import run_from_row
from storage.statements import upsert
from storage.tables.articles import outlet as outlets
from storage.tables.columns import AnyRow, Names, is_one_of
from storage.tables.health import health, health_change, health_day
from storage.tables.runs import run

MAX_ASSESSED_RUNS = 60  # runs that are assessed one by one
BASELINE_PERIOD = timedelta(days=60)
KEPT_PERIOD = timedelta(days=3 * 365)  # daily sums tell which days were not read
MAX_ALERT_AGE = timedelta(days=1)  # no alerts for older changes
_DAY_COUNTS = tuple(each.name for each in fields(HealthDay) if each.name != "fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChange:
    """A change of the health of an outlet.

    `was`: the state before, None for the first assessment. `told_at`: when the alert was delivered.
    `attempts`: failed deliveries; `problem`: why the last one failed.
    """

    id: int
    outlet: str
    was: HealthState | None
    health: Health
    changed_at: datetime
    told_at: datetime | None = None
    attempts: int = 0
    problem: str = ""

    @property
    def needs_alert(self) -> bool:
        """Whether the change deserves an alert.

        It does unless both states are healthy; a first assessment does only if the outlet is
        broken.
        """
        if self.was is None:
            return self.health.state is HealthState.BROKEN
        return self.health.state is not self.was and not (
            self.was.is_healthy and self.health.state.is_healthy
        )


class OutletHealth(Facet):
    """The health of each outlet: current state, daily sums, changes of state."""

    def assess(self, outlet: str, now: datetime | None = None) -> HealthChange | None:
        """Assesses an outlet after a run and stores the result; returns the change, if any."""
        assessed_at = now or datetime.now(UTC)
        return self._database.write(
            lambda connection: _assess_outlet(connection, outlet, assessed_at)
        )

    def current(self) -> dict[str, Health]:
        """Returns the health of each outlet that was assessed, by name."""
        rows = self._database.read(lambda connection: connection.execute(select(health)).all())
        return {row.outlet: _health_from_row(row) for row in rows}

    def days(self, since: date, outlet: str | None = None) -> dict[str, list[HealthDay]]:
        """Returns the daily sums of each outlet, oldest first; days without runs are left out.

        `outlet`: only of this one.
        """
        query = select(health_day).where(health_day.c.day >= since).order_by("outlet", "day")
        if outlet is not None:
            query = query.where(health_day.c.outlet == outlet)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        rows_by_outlet = groupby(rows, key=lambda row: str(row.outlet))
        return {outlet: [_day_from_row(row) for row in group] for outlet, group in rows_by_outlet}

    def changes(self, outlet: Names | None = None, limit: int = 50) -> list[HealthChange]:
        """Returns the latest changes, newest first."""
        query = select(health_change).order_by(health_change.c.id.desc()).limit(limit)
        if outlet is not None:
            query = query.where(is_one_of(health_change.c.outlet, outlet))
        return [
            _change_from_row(row)
            for row in self._database.read(lambda connection: connection.execute(query).all())
        ]

    def count_changes(self, outlet: Names | None = None) -> int:
        """Returns the number of changes that `changes` returns without a limit."""
        query = select(func.count()).select_from(health_change)
        if outlet is not None:
            query = query.where(is_one_of(health_change.c.outlet, outlet))
        return self._database.read(lambda connection: connection.scalar(query)) or 0

    def unannounced(self, now: datetime) -> list[HealthChange]:
        """Returns the changes of the last day whose alert is still due, oldest first."""
        query = (
            select(health_change)
            .where(health_change.c.told_at.is_(None))
            .where(health_change.c.changed_at > now - MAX_ALERT_AGE)
            .order_by(health_change.c.id)
        )
        return [
            _change_from_row(row)
            for row in self._database.read(lambda connection: connection.execute(query).all())
        ]

    def record_announcement(
        self, change_id: int, told_at: datetime | None, problem: str = ""
    ) -> None:
        """Records that the alert of a change (id) was delivered, or why it was not.

        A `problem` counts as a failed attempt.
        """
        statement = update(health_change).where(health_change.c.id == change_id)
        values: dict[str, Any] = {"told_at": told_at, "problem": problem}
        if problem:
            values["attempts"] = health_change.c.attempts + 1
        self._database.write(lambda connection: connection.execute(statement.values(values)))


def format_health_change(change: HealthChange) -> str:
    """Formats a change as one line.

    Example: kcna is broken (dns) since 2026-07-20 12:00 UTC: 3 runs in a row: ...
    """
    current = change.health
    cause = f" ({current.cause})" if current.cause else ""
    line = f"{change.outlet} is {current.state}{cause} since {current.since_at:%Y-%m-%d %H:%M} UTC"
    return f"{line}: {current.evidence}" if current.evidence else line


def _assess_outlet(connection: Connection, outlet: str, now: datetime) -> HealthChange | None:
    # The row lock keeps two processes from assessing one outlet at once; SQLite has one writer.
    connection.execute(select(outlets.c.name).where(outlets.c.name == outlet).with_for_update())
    stored = connection.execute(select(health).where(health.c.outlet == outlet)).one_or_none()
    _update_health_days(connection, outlet, stored.judged_at if stored else None, now)
    since = (now - BASELINE_PERIOD).date()
    days = select(health_day).where(health_day.c.outlet == outlet, health_day.c.day >= since)
    newest_first = run.c.started_at.desc(), run.c.id.desc()
    query = select(run).where(run.c.outlet == outlet, run.c.kind == "crawl").order_by(*newest_first)
    runs = [run_from_row(row) for row in connection.execute(query.limit(MAX_ASSESSED_RUNS))]
    mark_own_network_failures(connection, outlet, runs)
    previous = _health_from_row(stored) if stored else None
    assessed = assess_health(
        runs, [_day_from_row(row) for row in connection.execute(days)], previous, now
    )
    if assessed is None:
        return None
    state_values = {
        "state": assessed.state,
        "cause": assessed.cause or "",
        "evidence": assessed.evidence,
    }
    values = {**state_values, "since_at": assessed.since_at, "judged_at": now}
    connection.execute(upsert(connection, health, ["outlet"]), {"outlet": outlet, **values})
    if previous and (previous.state, previous.cause) == (assessed.state, assessed.cause):
        return None
    change = HealthChange(
        id=0,
        outlet=outlet,
        was=previous.state if previous else None,
        health=assessed,
        changed_at=now,
    )
    # A change without an alert is stored as delivered.
    values = {
        **state_values,
        "outlet": outlet,
        "was": change.was or "",
        "since_at": assessed.since_at,
    }
    values |= {"changed_at": now, "told_at": None if change.needs_alert else now}
    values |= {"run_id": runs[0].id if runs else None, "attempts": 0, "problem": ""}
    connection.execute(insert(health_change), values)
    return change


def _update_health_days(
    connection: Connection, outlet: str, judged_at: datetime | None, now: datetime
) -> None:
    """Recomputes the daily sums since the first run that ended after the last assessment.

    It begins with the first run of KEPT_PERIOD if the sums of its day are missing.
    """
    is_crawl = (run.c.outlet == outlet) & (run.c.kind == "crawl")
    oldest_run = select(func.min(run.c.started_at)).where(is_crawl)
    first_started_at = connection.scalar(oldest_run.where(run.c.started_at >= now - KEPT_PERIOD))
    first_day = connection.scalar(
        select(func.min(health_day.c.day)).where(health_day.c.outlet == outlet)
    )
    is_known = first_started_at and first_day and first_day <= first_started_at.date()
    if judged_at is not None and is_known:
        ended_at = func.coalesce(run.c.ended_at, run.c.started_at)
        first_started_at = connection.scalar(
            oldest_run.where(
                run.c.started_at >= now - BASELINE_PERIOD,
                ended_at >= judged_at - timedelta(minutes=5),
            )
        )
    if first_started_at is None:
        return
    start = datetime.combine(first_started_at.date(), datetime.min.time(), UTC)
    query = select(run).where(is_crawl, run.c.started_at >= start).order_by(run.c.started_at)
    runs = (run_from_row(row) for row in connection.execute(query))
    rows = [
        {"outlet": outlet, **asdict(summarise_day(day, day_runs))}
        for day, day_runs in groupby(runs, key=lambda each: each.started_at.date())
    ]
    connection.execute(upsert(connection, health_day, ["outlet", "day"]), rows)
    is_too_old = health_day.c.day < (now - KEPT_PERIOD).date()
    connection.execute(health_day.delete().where(health_day.c.outlet == outlet, is_too_old))


def _health_from_row(row: AnyRow) -> Health:
    return Health(
        HealthState(row.state),
        row.since_at,
        HealthCause(row.cause) if row.cause else None,
        row.evidence,
    )


def _day_from_row(row: AnyRow) -> HealthDay:
    values = row._mapping
    counts = {name: values[name] for name in _DAY_COUNTS}
    return HealthDay(**counts, fields=values["fields"] or {})


def _change_from_row(row: AnyRow) -> HealthChange:
    return HealthChange(
        id=row.id,
        outlet=row.outlet,
        was=HealthState(row.was) if row.was else None,
        health=_health_from_row(row),
        changed_at=row.changed_at,
        told_at=row.told_at,
        attempts=row.attempts,
        problem=row.problem,
    )
