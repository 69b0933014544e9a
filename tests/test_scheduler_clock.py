"""A clock that jumps while the service runs: no due slot is read twice, and none is lost (R16)."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import apscheduler.schedulers.base
import pytest

import scheduler
from crawler.processes import schedule_loading
from crawler.processes.children import ChildResult, ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.records import RunOutcome
from storage.runs import clock, runs

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
REAL_NOW = datetime.now


class Clock:
    """The wall clock of this process, which can be set."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self, tz: tzinfo | None = None) -> datetime:
        return REAL_NOW(tz) + self.shift

    def set_to(self, at: datetime) -> None:
        self.shift = at - REAL_NOW(UTC)


@pytest.fixture
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that the scheduler, its jobs and the database read."""
    wall = Clock()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return wall.now(tz)

    for module in (scheduler, schedule_loading, clock, runs, apscheduler.schedulers.base):
        monkeypatch.setattr(module, "datetime", Shifted)
    offset = clock.wall_clock_offset
    monkeypatch.setattr(
        scheduler, "wall_clock_offset", lambda: offset() + wall.shift.total_seconds()
    )
    monkeypatch.setattr(scheduler, "CHECK_INTERVAL_SECONDS", 0.1)
    return wall


class QuickPool(ProcessPool):
    """Records a run in this process at once, by the clock of the test."""

    def __init__(self, database: Database, wall_clock: Clock) -> None:
        super().__init__("storage:open_database", lambda _: None, ProcessLimits(lease=1.5))
        self.database, self.wall_clock = database, wall_clock
        self.scheduler: Scheduler

    async def run(self, outlet: str, *, browser: bool = False) -> ChildResult:
        started_at = self.wall_clock.now(UTC)
        slot = self.scheduler.running_slots[outlet]
        run = self.database.runs.begin(outlet, started_at=started_at, **slot._asdict())
        run.outcome = RunOutcome.OK
        self.database.runs.finish(run)
        return ChildResult(
            outlet=outlet, started_at=started_at, pid=os.getpid(), exit_code=0, run=run
        )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/nkwire.db") as opened:
        yield opened


@pytest.fixture
def serve(database: Database, wall_clock: Clock) -> Callable[..., Scheduler]:
    def make(*cadences: Cadence) -> Scheduler:
        pool = QuickPool(database, wall_clock)
        pool.scheduler = Scheduler(database, pool, cadences)
        return pool.scheduler

    return make


def slots_read(database: Database) -> list[datetime]:
    return sorted(run.slot_at for run in database.runs.latest(limit=500) if run.slot_at)


async def settle(service: Scheduler, turns: float = 2.5) -> None:
    """Lets the scheduler see a jump, and run what is due."""
    await asyncio.sleep(turns)
    while service.running_slots:
        await asyncio.sleep(0.05)


CADENCE = Cadence(outlet="kcna", every=HOUR, jitter=timedelta())
HALF_PAST = CADENCE.next_slot(REAL_NOW(UTC)) or REAL_NOW(UTC)
HALF_PAST += timedelta(minutes=30)


@pytest.mark.threats("R16")
@pytest.mark.parametrize("jump", [HOUR, DAY, YEAR], ids=["hour", "day", "year"])
def test_a_jump_ahead_and_back_reads_each_due_slot_once(
    jump: timedelta,
    serve: Callable[..., Scheduler],
    database: Database,
    wall_clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def jump_and_back() -> None:
        wall_clock.set_to(HALF_PAST)
        service = serve(CADENCE)
        serving = asyncio.create_task(service.serve())
        await settle(service)
        for at in (HALF_PAST + jump, HALF_PAST, HALF_PAST + HOUR):
            wall_clock.set_to(at)
            await settle(service)
        service.stop()
        await serving

    asyncio.run(asyncio.wait_for(jump_and_back(), 60))
    first = HALF_PAST - timedelta(minutes=30)
    # Ahead one slot was due; after the way back the next hour is due, unless it was read ahead.
    assert Counter(slots_read(database)) == Counter({first, first + jump, first + HOUR})
    assert sum("the clock has jumped by" in line for line in caplog.messages) == 3
    assert "the clock was ahead: slots that were taken in the future are forgotten" in (
        caplog.messages
    )


@pytest.mark.threats("R16")
@pytest.mark.parametrize("jump", [HOUR, DAY, YEAR], ids=["hour", "day", "year"])
def test_a_jump_back_reads_nothing_twice_and_what_is_due_then(
    jump: timedelta, serve: Callable[..., Scheduler], database: Database, wall_clock: Clock
) -> None:
    async def jump_back() -> None:
        wall_clock.set_to(HALF_PAST)
        service = serve(CADENCE)
        serving = asyncio.create_task(service.serve())
        await settle(service)
        for at in (HALF_PAST - jump, HALF_PAST - jump + HOUR):
            wall_clock.set_to(at)
            await settle(service)
        service.stop()
        await serving

    asyncio.run(asyncio.wait_for(jump_back(), 60))
    first = HALF_PAST - timedelta(minutes=30)
    # The slot of the time before was never read: it is due. The next one is, too.
    assert Counter(slots_read(database)) == Counter({first - jump, first - jump + HOUR, first})


@pytest.mark.threats("R16")
@pytest.mark.parametrize(
    ("night", "zone"),
    [("2026-03-29T00:30+00:00", "Europe/Berlin"), ("2026-10-25T00:30+00:00", "Europe/Berlin")],
    ids=["begin of summer time", "end of summer time"],
)
def test_the_nights_that_clocks_change_have_as_many_slots_as_others(
    night: str,
    zone: str,
    serve: Callable[..., Scheduler],
    database: Database,
    wall_clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", zone)
    start = datetime.fromisoformat(night)

    async def serve_through() -> None:
        wall_clock.set_to(start)
        service = serve(Cadence(outlet="kcna", every=HOUR, cron="10 * * * *", jitter=timedelta()))
        serving = asyncio.create_task(service.serve())
        await settle(service)
        for hours in (1, 2, 3):
            wall_clock.set_to(start + hours * HOUR)
            await settle(service)
        service.stop()
        await serving

    asyncio.run(asyncio.wait_for(serve_through(), 60))
    ten_past = start - timedelta(minutes=20)
    assert slots_read(database) == [ten_past + hours * HOUR for hours in range(4)]


@pytest.mark.threats("R16")
def test_a_lease_that_is_lost_to_a_clock_ahead_is_told_with_its_reason(
    serve: Callable[..., Scheduler],
    database: Database,
    wall_clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def lose_the_lease() -> None:
        service = serve(CADENCE)
        serving = asyncio.create_task(service.serve())
        await settle(service)
        assert service.is_leader
        wall_clock.shift += HOUR  # for the database, the lease is over
        assert database.leases.acquire(scheduler.LEASE_NAME, "somebody else", 300)
        await settle(service)
        assert not service.is_leader
        service.stop()
        await serving

    asyncio.run(asyncio.wait_for(lose_the_lease(), 60))
    assert "the lease is lost: another scheduler took it" in caplog.messages


@pytest.mark.threats("R16")
def test_a_database_that_does_not_answer_is_named_as_the_reason_and_once(
    serve: Callable[..., Scheduler],
    database: Database,
    wall_clock: Clock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hang(*_: object) -> bool:
        raise TimeoutError

    async def lose_the_database() -> None:
        service = serve(CADENCE)
        serving = asyncio.create_task(service.serve())
        await settle(service)
        monkeypatch.setattr(database.leases, "acquire", hang)
        await settle(service)
        monkeypatch.undo()
        service.stop()
        await serving

    asyncio.run(asyncio.wait_for(lose_the_database(), 60))
    told = [line for line in caplog.messages if "lease" in line]
    assert told == [
        "cannot renew the lease: the database does not answer",
        "the lease is lost: the database does not answer",
    ]
