"""Gives runs out as jobs, and reads which are unfinished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from storage.dialects import is_sqlite
from storage.engine import Facet
from storage.errors import SchemaError
from storage.fleet.job_tables import make_job_tables
from storage.fleet.orders import (
    TASKS,
    UNFINISHED,
    JobTask,
    Order,
    defer,
    has_open_run,
    lock_outlet,
    order_again,
)
from storage.fleet.sweep import MadeUp, give_up_silent
from storage.runs.schedule import take_slot
from storage.tables.columns import UtcDateTime

JOB_RETENTION = timedelta(days=7)
"""How long the jobs that ended are kept."""

_OPEN_RUNS_SQL = f"""SELECT j.id, j.args, j.status = 'doing' AS is_doing, w.host,
(SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) AS since
FROM procrastinate_jobs j LEFT JOIN worker w ON w.job_worker = j.worker_id
WHERE j.task_name = :task AND j.{UNFINISHED} ORDER BY j.id"""
_FORGET_SQL = f"""DELETE FROM procrastinate_jobs j
WHERE j.task_name = ANY(:tasks) AND NOT j.{UNFINISHED} AND NOT EXISTS (
 SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > clock_timestamp() - :age)"""
_LET_GO_SQL = """UPDATE procrastinate_jobs SET worker_id = NULL
WHERE id = ANY(:jobs) AND status = 'doing'"""


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run of the schedule that was given out. `host`: where it goes on, "" while it waits.

    `since`: when it was given out, or began.
    """

    job: int
    outlet: str
    slot_at: datetime | None
    missed: int
    host: str
    since: datetime


class Jobs(Facet):
    """The jobs of workers on other hosts, which need PostgreSQL."""

    def make_tables(self, schema_sql: str, version: str) -> bool:
        """Makes procrastinate's tables unless they are there. Returns whether it made them.

        `schema_sql`: the schema of the installed procrastinate of this `version`. Raises SchemaError
        on SQLite, and if the tables are of an older version.
        """
        if is_sqlite(self._database.engine):
            raise SchemaError("workers need PostgreSQL: SQLite has one host and one writer")
        return self._database.write(
            lambda connection: make_job_tables(connection, schema_sql, version)
        )

    def hand_out(self, order: Order, owner: str, *, lease_name: str) -> bool:
        """Takes a slot and writes its job, in one transaction.

        Returns False, and changes nothing, if this or a later slot was taken before, if the outlet
        has a run that waits or goes on, or if `owner` does not hold the lease.
        """

        def work(connection: Connection) -> bool:
            if order.slot_at is None:
                raise ValueError("a run of the schedule has a slot")
            lock_outlet(connection, order.outlet)
            if has_open_run(connection, order.outlet):
                return False
            if not take_slot(connection, order.outlet, order.slot_at, owner, lease_name):
                return False
            defer(connection, [order])
            return True

        return self._database.write(work)

    def order(self, orders: Sequence[Order]) -> None:
        """Writes the jobs of crawls of the past, all or none."""
        self._database.write(lambda connection: defer(connection, orders))

    def order_again(self, job: int, order: Order) -> bool:
        """Writes a new job in the place of one that was cut off; see `orders.order_again`."""
        return self._database.write(lambda connection: order_again(connection, job, order))

    def open_runs(self) -> list[OpenRun]:
        """Returns the runs of the schedule that wait or go on, the first ordered first."""
        query = text(_OPEN_RUNS_SQL).columns(since=UtcDateTime)
        rows = self._database.read(
            lambda connection: connection.execute(query, {"task": JobTask.RUN.value}).all()
        )
        orders = {row.id: Order.from_arguments(row.args) for row in rows}
        return [
            OpenRun(
                row.id,
                orders[row.id].outlet,
                orders[row.id].slot_at,
                orders[row.id].missed,
                (row.host or "another worker") if row.is_doing else "",
                row.since,
            )
            for row in rows
        ]

    def give_up_silent(self, owner: str, *, lease_name: str) -> list[MadeUp] | None:
        """Gives the jobs of silent workers to others; see `sweep.give_up_silent`."""
        return self._database.write(
            lambda connection: give_up_silent(connection, owner, lease_name)
        )

    def let_go(self, jobs: Sequence[int]) -> None:
        """Marks jobs that nobody works on, for `give_up_silent`."""
        self._database.write(
            lambda connection: connection.execute(text(_LET_GO_SQL), {"jobs": list(jobs)})
        )

    def forget_old(self, age: timedelta = JOB_RETENTION) -> int:
        """Deletes jobs that ended more than `age` ago, and returns their number."""
        values = {"tasks": TASKS, "age": age}
        return self._database.write(
            lambda connection: connection.execute(text(_FORGET_SQL), values).rowcount
        )
