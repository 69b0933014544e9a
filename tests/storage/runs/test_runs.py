import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from storage import Database, open_database
from storage.identity import compute_identity
from storage.records import (
    Article,
    Capture,
    CaptureOutcome,
    CaptureResult,
    PageClass,
    Run,
    RunOutcome,
    SourceState,
    TimePrecision,
)
from storage.runs.slots import ScheduleOverride
from storage.tables.processes import lease
from storage.tables.runs import run

Make = Callable[..., Article]


def test_a_run_is_recorded_with_its_outcome_and_counts(database: Database) -> None:
    begun = database.runs.begin("kcna", kind="ingest")
    assert database.runs.last_by_outlet()["kcna"] == begun
    begun.outcome, begun.cause = RunOutcome.DEGRADED, "2 pages without a title"
    begun.counts = {"new": 5, "rejected": 2}
    database.runs.finish(begun)
    [held] = database.runs.latest()
    assert held == begun
    assert (held.kind, held.pid) == ("ingest", os.getpid())
    assert held.ended_at is not None


def test_runs_come_newest_first_and_by_outlet(database: Database) -> None:
    ids = [database.runs.begin(name).id for name in ("kcna", "rodong", "kcna")]
    assert [each.id for each in database.runs.latest()] == ids[::-1]
    assert [each.id for each in database.runs.latest("kcna", limit=1)] == [ids[2]]
    assert {name: each.id for name, each in database.runs.last_by_outlet().items()} == {
        "kcna": ids[2],
        "rodong": ids[1],
    }


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_runs_of_dead_processes_are_closed_as_killed(database: Database) -> None:
    dead = database.runs.begin("kcna", pid=dead_pid())
    alive = database.runs.begin("rodong")
    assert [each.id for each in database.runs.close_dead()] == [dead.id]
    held = database.runs.last_by_outlet()
    assert (held["kcna"].outcome, held["kcna"].ended_at is None) == (RunOutcome.KILLED, False)
    assert held["rodong"] == alive
    assert database.runs.close_dead() == []


def age(database: Database, begun: Run, days: float) -> None:
    earlier = begun.started_at - timedelta(days=days)
    mine = update(run).where(run.c.id == begun.id)
    database.write(lambda c: c.execute(mine.values(started_at=earlier)))


def test_a_pid_that_was_given_out_again_is_not_the_run(database: Database) -> None:
    begun = database.runs.begin("kcna")
    # This process began long after the run did, so it cannot be the one that crawls.
    age(database, begun, 400)
    assert [each.id for each in database.runs.close_dead()] == [begun.id]


def test_what_is_remembered_of_a_source_is_replaced(database: Database) -> None:
    assert database.sources.state("kcna", "https://kcna.test/feed") is None
    state = SourceState(outlet="kcna", source="https://kcna.test/feed", etag='"a"', failures=3)
    database.sources.save(state)
    state.etag, state.failures, state.polled_at = '"b"', 0, datetime.now(UTC)
    database.sources.save(state)
    assert database.sources.state("kcna", "https://kcna.test/feed") == state


@pytest.mark.threats("R14")
def test_only_one_owner_holds_a_lease_and_may_renew_it(database: Database) -> None:
    assert database.leases.acquire("scheduler", "a", 60)
    assert not database.leases.acquire("scheduler", "b", 60)
    assert database.leases.acquire("scheduler", "a", 60)
    assert database.leases.token("scheduler", "a") == 1
    assert database.leases.token("scheduler", "b") is None
    assert database.leases.owner("scheduler") == "a"
    assert database.leases.owner("another") == ""


@pytest.mark.threats("R15")
def test_a_lease_given_up_or_run_out_goes_to_the_next_with_a_larger_token(
    database: Database,
) -> None:
    database.leases.acquire("scheduler", "a", 60)
    database.leases.release("scheduler", "b")
    assert not database.leases.acquire("scheduler", "b", 60)
    database.leases.release("scheduler", "a")
    assert database.leases.owner("scheduler") == ""
    assert database.leases.acquire("scheduler", "b", 60)
    past = update(lease).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    database.write(lambda c: c.execute(past))
    assert database.leases.token("scheduler", "b") is None
    assert database.leases.acquire("scheduler", "a", 60)
    assert database.leases.token("scheduler", "a") == 3


def test_overrides_are_kept_and_taken_back(database: Database) -> None:
    database.schedule.set_override(
        "kcna", ScheduleOverride(enabled=False, every=timedelta(hours=2))
    )
    database.schedule.set_override("rodong", ScheduleOverride(enabled=True))
    assert database.schedule.overrides() == {
        "kcna": ScheduleOverride(False, timedelta(hours=2)),
        "rodong": ScheduleOverride(True),
    }
    database.schedule.set_override("kcna", ScheduleOverride())
    assert database.schedule.overrides().keys() == {"rodong"}


def test_declaring_outlets_again_needs_no_writer(database: Database, corpus_url: str) -> None:
    database.outlets.declare_ranks({"kcna": 0, "yonhap": 1})
    other = open_database(corpus_url, patience=0)

    def declare_meanwhile(connection: object) -> None:
        other.outlets.declare_ranks({"kcna": 0, "yonhap": 1})

    database.write(declare_meanwhile)
    other.close()


def test_the_state_of_outlets_counts_what_is_there(
    database: Database, make: Make, hour: Callable[[float], datetime]
) -> None:
    database.save(
        [
            make(1, at=1, published_at=hour(-1)),
            make(2, at=1, page_class=PageClass.STUB),
            make(3, at=1, outlet="times"),
        ]
    )
    edited = make(1, at=2, title="Another")
    database.save([edited])
    assert edited.capture is not None
    gone = Capture(edited.url, hour(3), 410)
    database.record_capture(
        "herald", compute_identity("", "", edited.url), gone, CaptureResult(CaptureOutcome.GONE)
    )
    begun = database.runs.begin("kcna")
    herald, kcna, times = sorted(database.outlets.status(), key=lambda status: status.outlet)
    assert (herald.articles, herald.stubs, herald.edited, herald.gone) == (2, 1, 1, 1)
    assert (herald.stories, herald.last_captured_at) == (2, hour(3))
    assert herald.last_published_at == hour(-1)
    assert (kcna.articles, kcna.last_run) == (0, begun)
    assert (times.articles, times.last_run) == (1, None)


def test_the_last_publication_of_an_outlet_is_as_precise_as_it_is_stated(
    database: Database, make: Make, hour: Callable[[float], datetime]
) -> None:
    day = datetime(2026, 7, 18, 15, tzinfo=UTC)  # midnight in Seoul
    database.save(
        [
            make(1, at=1, published_at=hour(-2), published_precision=TimePrecision.MINUTE),
            make(2, at=1, published_at=day, published_precision=TimePrecision.DAY, outlet="times"),
        ]
    )
    herald, times = sorted(database.outlets.status(), key=lambda status: status.outlet)
    assert (str(herald.last_published), str(times.last_published)) == (
        "2026-07-19T10:00:00Z",
        "2026-07-19",
    )


def test_who_waits_for_a_lease_knows_how_long(database: Database) -> None:
    assert database.leases.seconds_left("scheduler") == 0
    database.leases.acquire("scheduler", "a", 60)
    assert 0 < database.leases.seconds_left("scheduler") <= 60
    database.leases.release("scheduler", "a")
    assert database.leases.seconds_left("scheduler") == 0


@pytest.mark.threats("R16")
def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(database: Database) -> None:
    database.leases.acquire("scheduler", "a", 60)
    far = update(lease).values(expires_at=datetime.now(UTC) + timedelta(hours=2))
    database.write(lambda c: c.execute(far))
    assert database.leases.seconds_left("scheduler") == 0
    assert database.leases.acquire("scheduler", "b", 60)
