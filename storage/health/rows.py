"""How outlets stand, as the database keeps it: judged after each run, changes noted once."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from storage.engine import Facet
from storage.health.days import Day, fold
from storage.health.judge import Health, State, judge
from storage.health.own_network import mark_own
from storage.health.signs import Cause
from storage.runs.runs import as_run
from storage.statements import upsert
from storage.tables.articles import outlet as outlets
from storage.tables.articles import run
from storage.tables.columns import AnyRow
from storage.tables.health import health, health_change, health_day

RECENT = 60  # runs that are looked at one by one
HISTORY = timedelta(days=60)
WORTH_TELLING = timedelta(days=1)  # older changes are no news


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An outlet that stands otherwise than before. `was` None: it was never judged before."""

    id: int
    outlet: str
    was: State | None
    now: Health
    changed_at: datetime
    told_at: datetime | None = None
    attempts: int = 0
    problem: str = ""

    @property
    def is_news(self) -> bool:
        """Whether somebody should be told: what was well is not, or the other way round, or worse."""
        if self.was is None:
            return self.now.state is State.BROKEN
        return self.now.state is not self.was and not (self.was.is_well and self.now.state.is_well)


class HealthFacet(Facet):
    """How each outlet does: its health, its days in numbers, the changes of its health."""

    def assess(self, outlet: str, now: datetime | None = None) -> Change | None:
        """Judge an outlet anew after a run; what changed, None if nothing did."""
        at = now or datetime.now(UTC)
        return self._database.write(lambda connection: _judge(connection, outlet, at))

    def current(self) -> dict[str, Health]:
        """How each outlet stands that was ever judged."""
        rows = self._database.read(lambda connection: connection.execute(select(health)).all())
        return {row.outlet: _health(row) for row in rows}

    def days(self, since: date) -> dict[str, list[Day]]:
        """The days since then of each outlet, oldest first; days without a run are left out."""
        asked = select(health_day).where(health_day.c.day >= since).order_by("outlet", "day")
        rows = self._database.read(lambda connection: connection.execute(asked).all())
        found = groupby(rows, key=lambda row: str(row.outlet))
        return {outlet: [_day(row) for row in some] for outlet, some in found}

    def changes(self, outlet: str | None = None, limit: int = 50) -> list[Change]:
        """The latest changes, newest first."""
        asked = select(health_change).order_by(health_change.c.id.desc()).limit(limit)
        if outlet is not None:
            asked = asked.where(health_change.c.outlet == outlet)
        return [_change(row) for row in self._database.read(lambda c: c.execute(asked).all())]

    def unannounced(self, now: datetime) -> list[Change]:
        """Changes of the last day that somebody is still to be told of, oldest first."""
        asked = (
            select(health_change)
            .where(health_change.c.told_at.is_(None))
            .where(health_change.c.changed_at > now - WORTH_TELLING)
            .order_by(health_change.c.id)
        )
        return [_change(row) for row in self._database.read(lambda c: c.execute(asked).all())]

    def record_announcement(self, change: int, told_at: datetime | None, problem: str = "") -> None:
        """Note that all were told of a change, or why not."""
        row = update(health_change).where(health_change.c.id == change)
        values: dict[str, Any] = {"told_at": told_at, "problem": problem}
        if problem:
            values["attempts"] = health_change.c.attempts + 1
        self._database.write(lambda connection: connection.execute(row.values(values)))


def told(change: Change) -> str:
    """A change in one line: kcna is broken (dns) since 2026-07-20 12:00 UTC: 3 runs in a row: ..."""
    now = change.now
    cause = f" ({now.cause})" if now.cause else ""
    line = f"{change.outlet} is {now.state}{cause} since {now.since_at:%Y-%m-%d %H:%M} UTC"
    return f"{line}: {now.evidence}" if now.evidence else line


def _judge(connection: Connection, outlet: str, now: datetime) -> Change | None:
    # One judge an outlet at a time; SQLite has one writer anyhow.
    connection.execute(select(outlets.c.name).where(outlets.c.name == outlet).with_for_update())
    before = connection.execute(select(health).where(health.c.outlet == outlet)).one_or_none()
    _count_days(connection, outlet, before.judged_at if before else None, now)
    since = (now - HISTORY).date()
    days = select(health_day).where(health_day.c.outlet == outlet, health_day.c.day >= since)
    newest = run.c.started_at.desc(), run.c.id.desc()
    asked = select(run).where(run.c.outlet == outlet, run.c.kind == "crawl").order_by(*newest)
    runs = [as_run(row) for row in connection.execute(asked.limit(RECENT))]
    mark_own(connection, outlet, runs)
    previous = _health(before) if before else None
    found = judge(runs, [_day(row) for row in connection.execute(days)], previous, now)
    if found is None:
        return None
    said = {"state": found.state, "cause": found.cause or "", "evidence": found.evidence}
    values = {**said, "since_at": found.since_at, "judged_at": now}
    connection.execute(upsert(connection, health, ["outlet"]), {"outlet": outlet, **values})
    if previous and (previous.state, previous.cause) == (found.state, found.cause):
        return None
    change = Change(
        id=0, outlet=outlet, was=previous.state if previous else None, now=found, changed_at=now
    )
    # A change that is no news counts as told.
    values = {**said, "outlet": outlet, "was": change.was or "", "since_at": found.since_at}
    values |= {"changed_at": now, "told_at": None if change.is_news else now}
    values |= {"run_id": runs[0].id if runs else None, "attempts": 0, "problem": ""}
    connection.execute(insert(health_change), values)
    return change


def _count_days(
    connection: Connection, outlet: str, judged_at: datetime | None, now: datetime
) -> None:
    """Count the days anew of runs that ended since the last judgement; the first time, all days."""
    mine = (run.c.outlet == outlet) & (run.c.kind == "crawl")
    ended = func.coalesce(run.c.ended_at, run.c.started_at)
    changed = mine & (run.c.started_at >= now - HISTORY)
    if judged_at is not None:
        changed &= ended >= judged_at - timedelta(minutes=5)
    first = connection.scalar(select(func.min(run.c.started_at)).where(changed))
    if first is None:
        return
    start = datetime.combine(first.date(), datetime.min.time(), UTC)
    asked = select(run).where(mine, run.c.started_at >= start).order_by(run.c.started_at)
    runs = (as_run(row) for row in connection.execute(asked))
    rows = [
        {"outlet": outlet, **asdict(fold(day, some))}
        for day, some in groupby(runs, key=lambda each: each.started_at.date())
    ]
    connection.execute(upsert(connection, health_day, ["outlet", "day"]), rows)
    forgotten = health_day.c.day < (now - 2 * HISTORY).date()
    connection.execute(health_day.delete().where(health_day.c.outlet == outlet, forgotten))


def _health(row: AnyRow) -> Health:
    return Health(
        State(row.state), row.since_at, Cause(row.cause) if row.cause else None, row.evidence
    )


def _day(row: AnyRow) -> Day:
    values = {field.name: getattr(row, field.name) for field in fields(Day)}
    return Day(**{**values, "fields": row.fields or {}})


def _change(row: AnyRow) -> Change:
    return Change(
        id=row.id,
        outlet=row.outlet,
        was=State(row.was) if row.was else None,
        now=_health(row),
        changed_at=row.changed_at,
        told_at=row.told_at,
        attempts=row.attempts,
        problem=row.problem,
    )
