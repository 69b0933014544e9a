"""Whatever ends `run --once` early is told, with what was not read; the service goes on (R11, R14)."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import scheduler
from cli.service.service import _format_unread
from crawler.processes import children, fork_server
from crawler.processes.children import ChildResult, ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.errors import StorageError, Unavailable
from storage.records import RunOutcome, StopReason

NAMES = ("kcna", "rodong", "yonhap")
TASK = """
from storage import open_database
from storage.records import RunOutcome

def crawl(outlet, url):
    with open_database(url) as database:
        run = database.runs.begin(outlet)
        run.outcome = RunOutcome.OK
        database.runs.finish(run)
    return run
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/nkwire.db", patience=1) as opened:
        yield opened


@pytest.fixture
def make(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Scheduler]:
    """A scheduler of three outlets."""
    (tmp_path / "breaktasks.py").write_text(TASK)
    monkeypatch.syspath_prepend(str(tmp_path))
    url = f"sqlite:///{tmp_path}/nkwire.db"

    def build(task: str = "breaktasks:crawl", **limits: Any) -> Scheduler:
        pool = ProcessPool(task, lambda _: url, ProcessLimits(**limits))
        every, jitter = timedelta(hours=1), timedelta(0)
        cadences = [Cadence(outlet=name, every=every, jitter=jitter) for name in NAMES]
        return Scheduler(database, pool, cadences)

    return build


def raising(error: Exception) -> Callable[..., Any]:
    def call(*_: object, **__: object) -> Any:
        raise error

    return call


@pytest.mark.threats("R11")
@pytest.mark.parametrize(
    "error",
    [
        OSError(24, "Too many open files"),
        OSError(23, "Too many open files in system"),
        OSError(12, "Cannot allocate memory"),
        BlockingIOError(11, "Resource temporarily unavailable"),
        PermissionError(13, "Permission denied"),
        ConnectionRefusedError(111, "Connection refused"),
        EOFError("unexpected EOF"),
        MemoryError(),
        RuntimeError("can't start new thread"),
        ValueError("a fault of our own"),
    ],
    ids=lambda error: f"{type(error).__name__} {error.args[:1]}",
)
def test_children_that_cannot_start_are_killed_runs_and_no_slot_is_lost(
    error: Exception,
    make: Callable[..., Scheduler],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(children, "start_process", raising(error))
    results = asyncio.run(make().run_once())
    assert results is not None
    assert sorted(each.outlet for each in results) == sorted(NAMES)
    for name in NAMES:
        run = database.runs.latest(name)[0]
        assert (run.outcome, run.stop_reason) == (RunOutcome.KILLED, StopReason.DIED)
        assert run.cause.startswith("its process could not be started: ")
        assert str(error) in run.cause
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(Path(str(database.engine.url.database)).parent))
    again = asyncio.run(make().run_once())
    assert again is not None
    assert {each.exit_code for each in again} == {0}
    assert len(again) == len(NAMES)


@pytest.mark.threats("R11")
@pytest.mark.parametrize(
    ("part", "name", "unread"),
    [
        ("runs", "close_dead", NAMES),
        ("schedule", "overrides", NAMES),
        ("schedule", "last_taken", NAMES),
        ("runs", "latest", NAMES),
        ("schedule", "take_slot", NAMES),
    ],
)
@pytest.mark.parametrize(
    "error",
    [StorageError("the file is damaged"), Unavailable("gone"), OSError(24, "Too many open files")],
    ids=["damaged", "gone", "files"],
)
def test_a_database_that_fails_midway_is_told_with_all_that_was_not_read(
    part: str,
    name: str,
    unread: tuple[str, ...],
    error: Exception,
    make: Callable[..., Scheduler],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = make()
    monkeypatch.setattr(getattr(database, part), name, raising(error))
    assert asyncio.run(service.run_once()) == []
    assert service.unread == set(unread)
    line = _format_unread(service)
    assert line == f"the schedule broke off: {error}; not read: kcna, rodong, yonhap"


@pytest.mark.threats("R11")
def test_a_fault_in_one_outlet_leaves_the_others_alone(
    make: Callable[..., Scheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make()
    run = service.pool.run

    async def fail_once(outlet: str, *, browser: bool = False) -> ChildResult | None:
        if outlet == "rodong":
            raise ZeroDivisionError("planned")
        return await run(outlet, browser=browser)

    monkeypatch.setattr(service.pool, "run", fail_once)
    results = asyncio.run(service.run_once())
    assert results is not None
    assert sorted(each.outlet for each in results) == ["kcna", "yonhap"]
    assert _format_unread(service) == "the schedule broke off: planned; not read: rodong"


@pytest.mark.threats("R14", "R11")
def test_a_lease_that_is_lost_midway_is_told_with_what_waited(
    make: Callable[..., Scheduler], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make(lease=1.5, parallel=1)
    acquire, calls = database.leases.acquire, []

    def lose(*arguments: Any) -> bool:
        calls.append(arguments)
        return len(calls) < 3 and acquire(*arguments)

    async def hang(outlet: str, *, browser: bool = False) -> ChildResult | None:
        await asyncio.sleep(3)
        return None

    monkeypatch.setattr(database.leases, "acquire", lose)
    monkeypatch.setattr(service.pool, "run", hang)
    assert asyncio.run(service.run_once()) == []
    assert _format_unread(service) == (
        "the schedule broke off: the lease was lost: another scheduler took it; "
        "not read: kcna, rodong, yonhap"
    )


@pytest.mark.threats("R11")
def test_a_service_whose_schedule_breaks_off_says_so_and_begins_again(
    make: Callable[..., Scheduler],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(scheduler, "RETRY_DELAY", timedelta(seconds=0.5))
    overrides, calls = database.schedule.overrides, []

    def fail_twice() -> Any:
        calls.append(1)
        if len(calls) < 3:
            raise StorageError("the file is damaged")
        return overrides()

    async def serve_until_all_ran() -> None:
        service = make()
        serving = asyncio.create_task(service.serve())
        while len(database.runs.latest(outcome="ok")) < len(NAMES):
            await asyncio.sleep(0.05)
        service.stop()
        await serving

    monkeypatch.setattr(database.schedule, "overrides", fail_twice)
    asyncio.run(asyncio.wait_for(serve_until_all_ran(), 120))
    told = "the schedule broke off: the file is damaged"
    assert caplog.messages.count(told) == 2


@pytest.mark.threats("R11")
def test_a_child_that_could_not_start_is_tried_again_soon(
    make: Callable[..., Scheduler], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "START_RETRY_DELAY", timedelta(seconds=0.5))
    start, calls = fork_server.start_process, []

    def fail_first(process: Any) -> None:
        calls.append(1)
        if len(calls) <= len(NAMES):
            raise BlockingIOError(11, "Resource temporarily unavailable")
        start(process)

    async def serve_until_all_ran() -> None:
        service = make()
        service.cadences = {}
        serving = asyncio.create_task(service.serve())
        while len(database.runs.latest(outcome="ok")) < len(NAMES):
            await asyncio.sleep(0.05)
        service.stop()
        await serving

    monkeypatch.setattr(children, "start_process", fail_first)
    asyncio.run(asyncio.wait_for(serve_until_all_ran(), 150))
    assert len(database.runs.latest(outcome="killed")) == len(NAMES)


@pytest.mark.threats("R11")
def test_a_database_that_does_not_answer_at_once_is_no_other_scheduler(
    make: Callable[..., Scheduler],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(database.leases, "acquire", raising(Unavailable("gone")))
    monkeypatch.setattr(database.leases, "seconds_left", raising(Unavailable("gone")))

    async def serve_shortly() -> None:
        service = make(lease=0.3)
        serving = asyncio.create_task(service.serve())
        await asyncio.sleep(1.5)
        service.stop()
        await serving

    asyncio.run(serve_shortly())
    assert caplog.messages == ["cannot read the lease: gone"]
    service = make()
    assert asyncio.run(service.run_once()) is None
    assert isinstance(service.lease.problem, Unavailable)
