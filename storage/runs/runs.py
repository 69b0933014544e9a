"""Stores the runs: every crawl of every outlet."""

import os
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from socket import gethostname

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from storage.dialects import is_sqlite
from storage.engine import Facet
from storage.files.machine import machine_name
from storage.records import Run, RunOutcome, StopReason
from storage.runs.job_fence import require_job
from storage.runs.liveness import find_end_cause
from storage.runs.outlets import add_outlet
from storage.tables.articles import outlet as outlets
from storage.tables.columns import AnyRow, Names, is_one_of
from storage.tables.runs import is_unfinished_run, run

MAX_COUNTED_PAUSE = timedelta(days=31)
_ENDING_FIELDS = ("ended_at", "outcome", "cause", "counts", "stop_reason", "retry_at")


@dataclass(frozen=True, slots=True)
class EndedRunCount:
    """The number of runs of one outlet with one outcome, and the end of the last of them."""

    outlet: str
    outcome: RunOutcome
    count: int
    last_ended_at: datetime


class Runs(Facet):
    """The table of runs: begin, finish, list and count them."""

    def begin(
        self,
        outlet: str,
        *,
        pid: int | None = None,
        host: str | None = None,
        machine: str | None = None,
        owner: str = "",
        job: int | None = None,
        kind: str = "crawl",
        slot_at: datetime | None = None,
        missed: int = 0,
        selective: bool = False,
        started_at: datetime | None = None,
    ) -> Run:
        """Records the start of a run. `pid`, `host`, `machine` default to this process, the time to now.

        `owner`: who started it, as in `Run`. `slot_at`: the slot of the schedule that the run
        serves. `missed`: the number of slots just before it that nobody took. `selective`: whether a
        person asked for a part only. `job`: the job that it does; raises JobLost if a worker has it no
        more.
        """
        new_run = Run(
            outlet=outlet,
            started_at=started_at or datetime.now(UTC),
            kind=kind,
            pid=os.getpid() if pid is None else pid,
            host=gethostname() if host is None else host,
            machine=machine_name() if machine is None else machine,
            owner=owner,
            job=job,
            slot_at=slot_at,
            missed=missed,
            selective=selective,
        )
        values = asdict(new_run)
        del values["id"]

        def work(connection: Connection) -> int:
            require_job(connection, job)
            add_outlet(connection, outlet)
            return connection.scalars(insert(run).returning(run.c.id), values).one()

        new_run.id = self._database.write(work)
        return new_run

    def finish(self, ended: Run) -> None:
        """Records how a run ended; `ended_at` defaults to now.

        Raises JobLost if it does a job that was given to another worker meanwhile.
        """
        ended.ended_at = ended.ended_at or datetime.now(UTC)
        values = {name: getattr(ended, name) for name in _ENDING_FIELDS}

        def work(connection: Connection) -> None:
            require_job(connection, ended.job)
            connection.execute(update(run).where(run.c.id == ended.id), values)

        self._database.write(work)

    def latest(
        self,
        outlet: Names | None = None,
        limit: int = 50,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        outcome: str | None = None,
        kind: str | None = None,
    ) -> list[Run]:
        """Returns the latest runs, newest first. `outcome`: "running" selects unfinished runs.

        `since`, `until`: only runs that began then or between. Runs that lie in the future were
        recorded while the clock was ahead.
        """
        query = select(run).where(*_run_conditions(outlet, since, until, outcome, kind))
        query = query.order_by(run.c.started_at.desc(), run.c.id.desc()).limit(limit)
        return [
            run_from_row(row)
            for row in self._database.read(lambda connection: connection.execute(query).all())
        ]

    def count(
        self,
        outlet: Names | None = None,
        *,
        since: datetime | None = None,
        outcome: str | None = None,
    ) -> int:
        """Returns the number of runs that `latest` returns without a limit."""
        conditions = _run_conditions(outlet, since, None, outcome, None)
        query = select(func.count()).select_from(run).where(*conditions)
        return self._database.read(lambda connection: connection.scalar(query)) or 0

    def last_by_outlet(self) -> dict[str, Run]:
        """Returns the run of each outlet that began last, finished or not."""
        newest = run.alias("newest")
        # A look into an index for each outlet; grouping would read every run.
        newest_id = (
            select(newest.c.id)
            .where(newest.c.outlet == outlets.c.name)
            .order_by(newest.c.started_at.desc(), newest.c.id.desc())
            .limit(1)
            .correlate(outlets)
            .scalar_subquery()
        )
        query = select(run).join_from(outlets, run, run.c.id == newest_id)
        return {
            row.outlet: run_from_row(row)
            for row in self._database.read(lambda connection: connection.execute(query).all())
        }

    def last_begun(self, outlet: str) -> Run | None:
        """Returns the run of an outlet that was recorded last, whatever the clock said then."""
        query = select(run).where(run.c.outlet == outlet).order_by(run.c.id.desc()).limit(1)
        row = self._database.read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else run_from_row(row)

    def last_of_job(self, job: int, outlet: str) -> Run | None:
        """Returns the last run that did a job; None if none has begun."""
        query = select(run).where(run.c.job == job, run.c.outlet == outlet)
        query = query.order_by(run.c.id.desc()).limit(1)
        row = self._database.read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else run_from_row(row)

    def close_dead(self, living: Collection[int] = (), *, leader: str = "") -> list[Run]:
        """Records the end of runs whose process is dead (outcome KILLED), and returns them.

        Runs of other machines are closed after one day. `living`: pids of processes of this machine
        that the caller knows to be alive; a clock that jumps lets them look younger than their runs.
        `leader`: the scheduler that leads, if it asks: it closes what other schedulers left open.
        """

        def work(connection: Connection) -> list[Run]:
            is_one_machine, dead_runs = is_sqlite(connection), []
            for row in connection.execute(select(run).where(is_unfinished_run())).all():
                each = run_from_row(row)
                each.cause = find_end_cause(
                    each, living, leader=leader, is_one_machine=is_one_machine
                )
                if not each.cause:
                    continue
                each.ended_at = datetime.now(UTC)
                each.outcome, each.stop_reason = RunOutcome.KILLED, StopReason.DIED
                values = {name: getattr(each, name) for name in _ENDING_FIELDS}
                connection.execute(update(run).where(run.c.id == each.id), values)
                dead_runs.append(each)
            return dead_runs

        return self._database.write(work)

    def retention_limit(self, days: int, now: datetime | None = None) -> datetime:
        """Returns the time before which files are older than `days` days on which nkwire ran.

        Each pause between two runs counts as MAX_COUNTED_PAUSE at most, or a tenth of `days` if
        that is shorter. So a clock that jumps ahead makes nothing old: no run filled that time.
        """
        moment = now or datetime.now(UTC)
        limit = moment - timedelta(days=days)
        pause = max(timedelta(days=1), min(MAX_COUNTED_PAUSE, timedelta(days=days) / 10))

        def work(connection: Connection) -> datetime:
            oldest, at = limit, moment
            while at > oldest:
                window = (run.c.started_at >= at - pause) & (run.c.started_at < at)
                earlier = connection.scalar(select(func.min(run.c.started_at)).where(window))
                if earlier is None:  # nothing ran for so long
                    before = run.c.started_at < at - pause
                    earlier = connection.scalar(select(func.max(run.c.started_at)).where(before))
                    if earlier is None:
                        break
                    oldest -= at - earlier - pause
                at = earlier
            return oldest

        return self._database.read(work)

    def count_ended(
        self, after: datetime | None = None, until: datetime | None = None
    ) -> list[EndedRunCount]:
        """Counts runs that ended after `after`, up to `until`, by outlet and outcome."""
        query = (
            select(run.c.outlet, run.c.outcome, func.count(), func.max(run.c.ended_at))
            .where(run.c.ended_at.is_not(None))
            .group_by(run.c.outlet, run.c.outcome)
        )
        if after is not None:
            query = query.where(run.c.ended_at > after)
        if until is not None:
            query = query.where(run.c.ended_at <= until)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [
            EndedRunCount(name, RunOutcome(outcome), count, last_ended_at)
            for name, outcome, count, last_ended_at in rows
            if outcome and last_ended_at
        ]


def run_from_row(row: AnyRow) -> Run:
    """Builds a run from a row of `run`."""
    values = {field.name: getattr(row, field.name) for field in fields(Run)}
    values["counts"] = row.counts or {}
    values["outcome"] = RunOutcome(row.outcome) if row.outcome else None
    values["stop_reason"] = StopReason(row.stop_reason) if row.stop_reason else None
    return Run(**values)


def _run_conditions(
    outlet: Names | None,
    since: datetime | None,
    until: datetime | None,
    outcome: str | None,
    kind: str | None,
) -> list[ColumnElement[bool]]:
    """Returns the conditions on `run` for these arguments of `Runs.latest`; None selects all."""
    conditions: list[ColumnElement[bool]] = []
    if outlet is not None:
        conditions.append(is_one_of(run.c.outlet, outlet))
    if since is not None:
        conditions.append(run.c.started_at >= since)
    if until is not None:
        conditions.append(run.c.started_at <= until)
    if kind is not None:
        conditions.append(run.c.kind == kind)
    if outcome is not None:
        has_outcome = run.c.outcome == outcome
        conditions.append(is_unfinished_run() if outcome == "running" else has_outcome)
    return conditions
