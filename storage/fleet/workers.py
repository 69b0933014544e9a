"""Stores which workers there are, and reads what they do and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, text

from storage.engine import Facet
from storage.fleet.job_tables import have_jobs
from storage.fleet.orders import TASKS, Queue
from storage.fleet.sweep import SILENT_SECONDS
from storage.runs.clock import database_now
from storage.tables.processes import worker

WORKER_RETENTION = timedelta(days=1)
"""How long silent workers are shown."""

_IS_HEARD = "w.beat_at >= clock_timestamp() - make_interval(secs => w.silent)"
_BEAT_SQL = """UPDATE worker SET beat_at = clock_timestamp(), job_worker = :number
WHERE name = :name"""
_JOB_BEAT_SQL = """UPDATE procrastinate_workers SET last_heartbeat = clock_timestamp()
WHERE id = :number RETURNING id"""
_FORGET_SQL = "DELETE FROM worker WHERE beat_at < clock_timestamp() - CAST(:age AS interval)"
_FORGET_JOB_WORKERS_SQL = """DELETE FROM procrastinate_workers
WHERE last_heartbeat < clock_timestamp() - CAST(:age AS interval)"""
_HELD_SQL = "SELECT id FROM procrastinate_jobs WHERE worker_id = :number AND status = 'doing'"
# The rest of the time is for the leader, which gives the job to others after all of it.
_HELD_FOR_SQL = """SELECT 0.8 * coalesce(w.silent, :silent)
 - extract(epoch FROM clock_timestamp() - coalesce(w.beat_at, p.last_heartbeat))
FROM procrastinate_jobs j JOIN procrastinate_workers p ON p.id = j.worker_id
LEFT JOIN worker w ON w.job_worker = p.id
WHERE j.id = :job AND j.status = 'doing'"""
_READS_SQL = f"""SELECT 1 FROM procrastinate_jobs j JOIN worker w ON w.job_worker = j.worker_id
WHERE j.lock = :outlet AND j.status = 'doing' AND {_IS_HEARD} LIMIT 1"""
_WORKERS_SQL = f"""SELECT w.host, w.parallel, w.queues,
extract(epoch FROM clock_timestamp() - w.beat_at) AS age,
NOT ({_IS_HEARD}) AS is_silent,
(SELECT count(*) FROM procrastinate_jobs j
 WHERE j.worker_id = w.job_worker AND j.status = 'doing') AS running
FROM worker w ORDER BY w.host, w.started_at"""
_WAITING_SQL = """SELECT j.queue_name, count(*) AS waiting,
extract(epoch FROM clock_timestamp() - min(
 (SELECT min(e.at) FROM procrastinate_events e WHERE e.job_id = j.id))) AS age
FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.task_name = ANY(:tasks)
GROUP BY j.queue_name"""
_REPLACED_SQL = """DELETE FROM worker WHERE host = :host AND machine = :machine
AND beat_at < clock_timestamp() - make_interval(secs => silent)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker as it describes itself. `silent`: seconds after which its jobs go to others."""

    name: str
    host: str
    machine: str
    pid: int
    parallel: int
    queues: Sequence[str]
    silent: float


@dataclass(frozen=True, slots=True)
class Beat:
    """The answer to a beat. `is_known`: whether the worker is still in procrastinate's table;
    `held`: the jobs that are its own.
    """

    is_known: bool
    held: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStatus:
    """A worker: how many runs it does, of how many; `silent_seconds` is None while it is heard."""

    host: str
    running: int
    parallel: int
    queues: tuple[str, ...]
    silent_seconds: float | None

    def format(self) -> str:
        """Returns it in words: `a 4 of 8`, or `b silent 12 s`."""
        if self.silent_seconds is not None:
            return f"{self.host} silent {self.silent_seconds:.0f} s"
        return f"{self.host} {self.running} of {self.parallel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """A queue: how many jobs wait, the first for `oldest_seconds`, and how many workers serve it."""

    queue: str
    waiting: int
    oldest_seconds: float
    workers: int


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """The workers and the queues; both are empty where no workers are used."""

    hosts: tuple[HostStatus, ...] = ()
    queues: tuple[QueueStatus, ...] = ()

    def lines(self) -> list[str]:
        """Returns what a person wants to know, in lines: hosts, jobs that wait, queues unserved."""
        lines = []
        if self.hosts:
            lines.append(f"hosts: {', '.join(each.format() for each in self.hosts)}")
        if waiting := sum(each.waiting for each in self.queues):
            oldest = max(each.oldest_seconds for each in self.queues)
            lines.append(f"waiting for a worker: {waiting}, the first for {oldest:.0f} s")
        return [*lines, *self.problems()]

    def problems(self) -> list[str]:
        """Returns a line for each queue in which jobs wait and that no worker serves."""
        return [
            f"no worker serves the queue {each.queue}, and {each.waiting} wait there:"
            f" start `nkwire worker --queue {each.queue}`"
            for each in self.queues
            if each.waiting and not each.workers
        ]


class Workers(Facet):
    """The workers of all hosts. All but `status` need PostgreSQL."""

    def register(self, row: WorkerRow) -> None:
        """Stores a worker that begins, in the place of silent ones of its machine."""

        def work(connection: Connection) -> None:
            connection.execute(text(_REPLACED_SQL), {"host": row.host, "machine": row.machine})
            _insert(connection, row)

        self._database.write(work)

    def beat(self, row: WorkerRow, number: int | None) -> Beat:
        """Says that a worker lives. `number`: its own in procrastinate's table, None before it has one.

        Stores it again if it was forgotten: it was silent for long, and another one took its place.
        """

        def work(connection: Connection) -> Beat:
            values = {"name": row.name, "number": number}
            if not connection.execute(text(_BEAT_SQL), values).rowcount:
                _insert(connection, row)
                connection.execute(text(_BEAT_SQL), values)
            known = connection.execute(text(_JOB_BEAT_SQL), {"number": number}).first()
            held = connection.scalars(text(_HELD_SQL), {"number": number}).all()
            return Beat(known is not None, frozenset(held))

        return self._database.write(work)

    def are_reading(self, outlet: str) -> bool:
        """Whether a worker that is heard reads an outlet now; False where there are none."""

        def work(connection: Connection) -> bool:
            if not have_jobs(connection):
                return False
            return connection.execute(text(_READS_SQL), {"outlet": outlet}).first() is not None

        return self._database.read(work)

    def seconds_held(self, job: int) -> float:
        """Returns how long the worker that does a job surely has it, unless it beats again.

        0 or less if it was given to another worker, or is about to be.
        """
        values = {"job": job, "silent": SILENT_SECONDS}
        held = self._database.read(
            lambda connection: connection.scalar(text(_HELD_FOR_SQL), values)
        )
        return float(held or 0)

    def remove(self, name: str) -> None:
        """Forgets a worker that has ended."""
        self._database.write(
            lambda connection: connection.execute(delete(worker).where(worker.c.name == name))
        )

    def forget_old(self, age: timedelta = WORKER_RETENTION) -> None:
        """Forgets workers that have been silent for longer than `age`."""

        def work(connection: Connection) -> None:
            for statement in (_FORGET_SQL, _FORGET_JOB_WORKERS_SQL):
                connection.execute(text(statement), {"age": age})

        self._database.write(work)

    def status(self) -> FleetStatus:
        """Returns the workers and the queues; nothing where there are no job tables."""

        def work(connection: Connection) -> FleetStatus:
            if not have_jobs(connection):
                return FleetStatus()
            rows = connection.execute(text(_WORKERS_SQL)).all()
            waiting = connection.execute(text(_WAITING_SQL), {"tasks": TASKS}).all()
            hosts = tuple(
                HostStatus(
                    host=row.host,
                    running=row.running,
                    parallel=row.parallel,
                    queues=tuple(row.queues.split(",")),
                    silent_seconds=float(row.age) if row.is_silent else None,
                )
                for row in rows
            )
            return FleetStatus(hosts, _queue_statuses(hosts, waiting))

        return self._database.read(work)


def _insert(connection: Connection, row: WorkerRow) -> None:
    values: dict[str, Any] = {name: getattr(row, name) for name in row.__slots__}
    now = database_now(connection)
    values |= {"queues": ",".join(row.queues), "started_at": now, "beat_at": now}
    connection.execute(insert(worker), values)


def _queue_statuses(hosts: Sequence[HostStatus], waiting: Sequence[Any]) -> tuple[QueueStatus, ...]:
    found = {row.queue_name: row for row in waiting}
    if not hosts and not found:
        return ()
    living = [each for each in hosts if each.silent_seconds is None]
    return tuple(
        QueueStatus(
            queue=queue,
            waiting=found[queue].waiting if queue in found else 0,
            oldest_seconds=float(found[queue].age or 0) if queue in found else 0.0,
            workers=sum(queue in each.queues for each in living),
        )
        for queue in Queue
    )
