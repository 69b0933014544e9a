"""A database with procrastinate's tables, a leader, and workers that are only rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from crawler.fleet.extra import prepare_jobs
from storage import Database, open_database
from storage.fleet.orders import Order
from storage.fleet.workers import WorkerRow

LEADER = "alpha:1:aa:1"
SLOT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FETCH = "SELECT id FROM procrastinate_fetch_job_v2(NULL, :worker)"


@pytest.fixture
def database(new_corpus: Callable[[str], str]) -> Iterator[Database]:
    """An empty PostgreSQL database with job tables, whose lease LEADER holds."""
    with open_database(new_corpus("postgresql"), patience=30) as opened:
        prepare_jobs(opened)
        opened.leases.acquire("scheduler", LEADER, 60)
        yield opened


@pytest.fixture
def hand_out(database: Database) -> Callable[..., bool]:
    """Gives an outlet's slot out, as LEADER unless another owner is named."""

    def give(outlet: str, slot_at: datetime = SLOT, owner: str = LEADER) -> bool:
        order = Order(outlet=outlet, slot_at=slot_at)
        return database.jobs.hand_out(order, owner, lease_name="scheduler")

    return give


@pytest.fixture
def fetch(database: Database) -> Callable[[int], int | None]:
    """Takes the next job as procrastinate's worker does; None if there is none."""

    def take(worker: int) -> int | None:
        job = database.write(lambda c: c.scalar(text(FETCH), {"worker": worker}))
        return None if job is None else int(job)

    return take


def worker_row(host: str, silent: float = 60, queues: tuple[str, ...] = ("default",)) -> WorkerRow:
    """A worker that has the name of its host."""
    return WorkerRow(
        name=host, host=host, machine=host, pid=1, parallel=4, queues=queues, silent=silent
    )


@pytest.fixture
def worker(database: Database) -> Callable[..., int]:
    """Registers a worker, here and in procrastinate's table; returns its number there."""

    def register(host: str, silent: float = 60, queues: tuple[str, ...] = ("default",)) -> int:
        row = worker_row(host, silent, queues)
        database.workers.register(row)
        asked = text("SELECT worker_id FROM procrastinate_register_worker_v1()")
        number = database.write(lambda c: c.scalar(asked))
        assert number is not None
        assert database.workers.beat(row, number).is_known
        return int(number)

    return register
