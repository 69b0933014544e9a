"""The storm of benchmarks/fleet sees what it looks for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from benchmarks.fleet.evaluation import judge, made_up_delays, percentile
from crawler.fleet.extra import prepare_jobs
from storage import Database, open_database
from storage.fleet.orders import Order
from storage.records import RunOutcome

pytestmark = pytest.mark.postgres

SLOT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FETCH = "SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)"
END = "SELECT procrastinate_finish_job_v1(:job, 'failed', false)"


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    with open_database(postgres_url, patience=10) as opened:
        prepare_jobs(opened)
        yield opened


def do(database: Database, outlet: str, slot_at: datetime, outcome: RunOutcome | None) -> int:
    """Writes a job, takes it, records a run unless it has no outcome, and ends it."""
    database.jobs.order([Order(outlet=outlet, slot_at=slot_at)])
    job = database.write(lambda c: c.scalar(text(FETCH)))
    assert job is not None
    if outcome:
        run = database.runs.begin(outlet, job=job, slot_at=slot_at)
        run.outcome = outcome
        database.runs.finish(run)
    database.write(lambda c: c.execute(text(END), {"job": job}).all())
    return int(job)


def test_what_was_lost_double_and_overlapping_is_counted(database: Database) -> None:
    do(database, "kcna", SLOT, RunOutcome.OK)
    killed = do(database, "rodong", SLOT, RunOutcome.KILLED)
    verdict = judge(database)
    assert (verdict.slots, verdict.ok, verdict.killed, verdict.lost) == (2, 1, 1, 1)
    do(database, "rodong", SLOT + timedelta(minutes=1), RunOutcome.OK)
    before = datetime.now(UTC) - timedelta(hours=1)
    assert judge(database).lost == 0
    delays, missing = made_up_delays(database, [(before, {killed})])
    assert missing == 0
    assert delays[0] == pytest.approx(3600, abs=60)
    do(database, "kcna", SLOT, RunOutcome.OK)  # the same slot once more
    lost = do(database, "herald", SLOT, None)
    assert made_up_delays(database, [(before, {lost})]) == ([], 1)
    verdict = judge(database)
    assert (verdict.lost, verdict.double, verdict.overlapping, verdict.unfinished) == (1, 1, 0, 0)
    database.runs.begin("kcna", started_at=datetime.now(UTC) - timedelta(minutes=5))
    verdict = judge(database)
    assert (verdict.overlapping, verdict.unfinished) == (1, 1)


def test_percentiles_of_few_values() -> None:
    assert percentile([], 95) == 0
    assert percentile([3.0], 50) == 3
    assert percentile([1.0, 2.0, 3.0], 50) == 2
