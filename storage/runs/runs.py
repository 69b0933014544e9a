"""The run table: every crawl of every outlet."""

import os
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from socket import gethostname

from sqlalchemy import Connection, func, insert, select, update

from storage.engine import Facet
from storage.records import Run, RunOutcome
from storage.runs.liveness import is_dead
from storage.runs.outlets import add_outlet
from storage.tables.articles import is_unfinished_run, run
from storage.tables.columns import AnyRow

UNKNOWN_END_CAUSE = "the process ended without a word"
"""The cause of a run that nobody closed."""


@dataclass(frozen=True, slots=True)
class EndedRunCount:
    """Runs of one outlet that ended alike: how many, and when the last of them did."""

    outlet: str
    outcome: RunOutcome
    count: int
    last_ended_at: datetime


class Runs(Facet):
    """The runs: begun, finished, closed, listed."""

    def begin(
        self,
        outlet: str,
        *,
        pid: int | None = None,
        host: str | None = None,
        kind: str = "crawl",
        slot_at: datetime | None = None,
    ) -> Run:
        """Record that a crawl of an outlet has begun; pid and host default to this process.

        `slot_at`: of the schedule that it is for. A second run for one slot raises StorageError.
        """
        begun = Run(
            outlet=outlet,
            started_at=datetime.now(UTC),
            kind=kind,
            pid=os.getpid() if pid is None else pid,
            host=gethostname() if host is None else host,
            slot_at=slot_at,
        )
        values = asdict(begun)
        del values["id"]

        def work(connection: Connection) -> int:
            add_outlet(connection, outlet)
            return int(connection.scalars(insert(run).returning(run.c.id), values).one())

        begun.id = self._database.write(work)
        return begun

    def finish(self, ended: Run) -> None:
        """Record how a run ended; `ended_at` is now if it is not set."""
        ended.ended_at = ended.ended_at or datetime.now(UTC)
        values = {name: getattr(ended, name) for name in ("ended_at", "outcome", "cause", "counts")}
        self._database.write(lambda c: c.execute(update(run).where(run.c.id == ended.id), values))

    def latest(
        self,
        outlet: str | None = None,
        limit: int = 50,
        *,
        since: datetime | None = None,
        outcome: str | None = None,
        kind: str | None = None,
    ) -> list[Run]:
        """The latest runs, newest first. `outcome`: "running" for those that have not ended."""
        asked = select(run).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(limit)
        if outlet is not None:
            asked = asked.where(run.c.outlet == outlet)
        if since is not None:
            asked = asked.where(run.c.started_at >= since)
        if kind is not None:
            asked = asked.where(run.c.kind == kind)
        if outcome is not None:
            ended = run.c.outcome == outcome
            asked = asked.where(is_unfinished_run() if outcome == "running" else ended)
        return [run_from_row(row) for row in self._database.read(lambda c: c.execute(asked).all())]

    def last_by_outlet(self) -> dict[str, Run]:
        """The newest run of each outlet, ended or not."""
        newest = select(func.max(run.c.id)).group_by(run.c.outlet)
        asked = select(run).where(run.c.id.in_(newest))
        return {
            row.outlet: run_from_row(row)
            for row in self._database.read(lambda c: c.execute(asked).all())
        }

    def close_dead(self) -> list[Run]:
        """End runs as KILLED whose process is no more; those of other hosts after a day."""

        def work(connection: Connection) -> list[Run]:
            runs = [
                run_from_row(row)
                for row in connection.execute(select(run).where(is_unfinished_run()))
            ]
            dead = [each for each in runs if is_dead(each)]
            for each in dead:
                each.ended_at = datetime.now(UTC)
                each.outcome, each.cause = RunOutcome.KILLED, UNKNOWN_END_CAUSE
                values = {n: getattr(each, n) for n in ("ended_at", "outcome", "cause")}
                connection.execute(update(run).where(run.c.id == each.id), values)
            return dead

        return self._database.write(work)

    def count_ended(
        self, after: datetime | None = None, until: datetime | None = None
    ) -> list[EndedRunCount]:
        """Runs that ended later than `after` and not later than `until`, by outlet and outcome."""
        asked = (
            select(run.c.outlet, run.c.outcome, func.count(), func.max(run.c.ended_at))
            .where(run.c.ended_at.is_not(None))
            .group_by(run.c.outlet, run.c.outcome)
        )
        if after is not None:
            asked = asked.where(run.c.ended_at > after)
        if until is not None:
            asked = asked.where(run.c.ended_at <= until)
        rows = self._database.read(lambda connection: connection.execute(asked).all())
        return [EndedRunCount(name, RunOutcome(outcome), n, at) for name, outcome, n, at in rows]


def run_from_row(row: AnyRow) -> Run:
    """A run as the table has it."""
    values = {field.name: getattr(row, field.name) for field in fields(Run)}
    values["counts"] = row.counts or {}
    values["outcome"] = RunOutcome(row.outcome) if row.outcome else None
    return Run(**values)
