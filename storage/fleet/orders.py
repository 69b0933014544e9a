"""What a job asks for, and how it is written into procrastinate's tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, select, text, update

from storage.runs.clock import database_now
from storage.runs.outlets import add_outlet
from storage.tables.articles import outlet as outlets


class Queue(StrEnum):
    """The queues: outlets whose pages need a browser have one of their own."""

    DEFAULT = "default"
    BROWSER = "browser"


class JobTask(StrEnum):
    """What a job does: a run of the schedule, or a part of a crawl of the past."""

    RUN = "nkwire.run"
    BACKFILL = "nkwire.backfill"


PRIORITIES = {JobTask.RUN: 10, JobTask.BACKFILL: 0}
"""A run of the schedule goes first."""
TASKS = [task.value for task in JobTask]
UNFINISHED = "status IN ('todo', 'doing')"

_DEFER_SQL = """SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
CAST(:queue AS varchar), CAST(:task AS varchar), CAST(:priority AS integer), CAST(:lock AS text),
NULL, CAST(:args AS jsonb), NULL)::procrastinate_job_to_defer_v1])"""
_OPEN_SQL = f"""SELECT 1 FROM procrastinate_jobs
WHERE lock = :outlet AND task_name = :task AND {UNFINISHED} AND id <> :other LIMIT 1"""
# Orders of one time are written in one form, so that text compares them.
_OPEN_PART_SQL = f"""SELECT 1 FROM procrastinate_jobs
WHERE lock = :outlet AND task_name = :task AND {UNFINISHED} AND id <> :other
AND args->>'since' = :since AND args->>'until' IS NOT DISTINCT FROM CAST(:until AS text) LIMIT 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that a worker is to do.

    `slot_at`: the slot that it serves; None for a crawl of the past, which reads articles from
    `since` to before `until` (aware). `missed`: slots just before it that nobody took. `pages_left`:
    how many listed pages the job before this one left, None if there was none. `attempt`: how often
    a crawl of the past was begun anew.
    """

    outlet: str
    browser: bool = False
    slot_at: datetime | None = None
    missed: int = 0
    since: datetime | None = None
    until: datetime | None = None
    pages_left: int | None = None
    attempt: int = 1

    @property
    def queue(self) -> Queue:
        """The queue of its job."""
        return Queue.BROWSER if self.browser else Queue.DEFAULT

    @property
    def task(self) -> JobTask:
        """What its job does."""
        return JobTask.BACKFILL if self.slot_at is None else JobTask.RUN

    def to_arguments(self) -> dict[str, Any]:
        """Returns the arguments of its job, as JSON can hold them."""
        values = {name: getattr(self, name) for name in self.__slots__}
        times = {name: at.isoformat() for name, at in values.items() if isinstance(at, datetime)}
        return values | times

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> "Order":
        """Returns the order of a job by its arguments."""
        times = {
            name: datetime.fromisoformat(arguments[name])
            for name in ("slot_at", "since", "until")
            if arguments.get(name)
        }
        return cls(
            **{name: value for name, value in arguments.items() if value is not None} | times
        )


def defer(connection: Connection, orders: Sequence[Order]) -> None:
    """Writes a job for each order. Workers see them when the transaction ends."""
    for order in orders:
        values = {
            "queue": order.queue.value,
            "task": order.task.value,
            "priority": PRIORITIES[order.task],
            "lock": order.outlet,
            "args": orjson.dumps(order.to_arguments()).decode(),
        }
        connection.execute(text(_DEFER_SQL), values)


def lock_outlet(connection: Connection, name: str) -> datetime | None:
    """Keeps other processes from giving out a slot of an outlet until this transaction ends.

    Returns the last slot that was taken; None if there is none.
    """
    add_outlet(connection, name)
    query = select(outlets.c.slot_at).where(outlets.c.name == name)
    # Who stores articles of the outlet meanwhile is not waited for, and does not wait.
    query = query.with_for_update(key_share=True)
    return connection.scalar(query)


def has_open_run(connection: Connection, outlet: str, *, besides: int = 0) -> bool:
    """Whether a run of the schedule waits or goes on for an outlet, `besides` a job."""
    values = {"outlet": outlet, "task": JobTask.RUN.value, "other": besides}
    return connection.execute(text(_OPEN_SQL), values).first() is not None


def _has_open_part(connection: Connection, order: Order, *, besides: int) -> bool:
    """Whether a job waits or goes on for the same part of the past, `besides` a job."""
    arguments = order.to_arguments()
    values = {"outlet": order.outlet, "task": order.task.value, "other": besides}
    values |= {name: arguments[name] for name in ("since", "until")}
    return connection.execute(text(_OPEN_PART_SQL), values).first() is not None


def order_again(connection: Connection, job: int, order: Order) -> bool:
    """Writes a new job in the place of one that was cut off; for a run of the schedule a new slot.

    A retry of the same job would serve the same slot twice. Returns False if another job does it
    already: a run of the schedule of the outlet, or one of the same part of the past.
    """
    if order.slot_at is None:
        if _has_open_part(connection, order, besides=job):
            return False
        defer(connection, [order])
        return True
    last_slot = lock_outlet(connection, order.outlet)
    if has_open_run(connection, order.outlet, besides=job):
        return False
    now = database_now(connection)
    slot_at = now if last_slot is None else max(now, last_slot + timedelta(microseconds=1))
    values = {"slot_at": slot_at, "taken_at": now}
    connection.execute(update(outlets).where(outlets.c.name == order.outlet).values(values))
    fields = order.to_arguments() | {"slot_at": slot_at.isoformat(), "missed": 0}
    defer(connection, [Order.from_arguments(fields)])
    return True
