import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import scheduler
from crawler.processes.children import ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.records import RunOutcome, StopReason
from storage.runs.schedule_state import effective_cadences
from storage.runs.slots import ScheduleOverride
from tests.watching import alive, until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TASKS = """
import os, pathlib, signal, time
from storage import open_database
from storage.records import RunOutcome

def crawl(outlet, where):
    url, folder = where
    database = open_database(url)
    run = database.runs.begin(outlet)
    with pathlib.Path(folder, "pids").open("a") as pids:
        pids.write(f"{outlet} {os.getpid()}\\n")
    if outlet == "raises":
        raise RuntimeError("planned")
    if outlet == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if outlet == "hangs":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(0.1)
    run.outcome = RunOutcome.OK
    database.runs.finish(run)
    database.close()
    return run
"""
SERVICE = """
import asyncio, logging, sys
from datetime import timedelta
from crawler.processes.children import ProcessPool, ProcessLimits
from crawler.processes.signals import on_stop_signal
from scheduler import Cadence, Scheduler
from storage import open_database

async def serve(url, folder, names):
    database = open_database(url, patience=2)
    crew = ProcessPool("servicetasks:crawl", lambda _: (url, folder), ProcessLimits(grace=1, lease=6))
    cadences = [Cadence(outlet=name, every=timedelta(hours=1)) for name in names]
    service = Scheduler(database, crew, cadences)
    on_stop_signal(service.stop)
    await service.serve()
    database.close()

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(serve(sys.argv[1], sys.argv[2], sys.argv[3:]))
"""


ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
on_both_databases = pytest.mark.parametrize("url", ["sqlite", ON_POSTGRESQL], indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, SQLite unless the test asks for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/nkwire.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def make(
    tmp_path: Path, url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Scheduler]:
    """A scheduler of outlets by name, whose children run TASKS."""
    (tmp_path / "servicetasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(str(tmp_path))

    def build(
        *names: str,
        every: timedelta = HOUR,
        limits: ProcessLimits = ProcessLimits(),  # noqa: B008
    ) -> Scheduler:
        crew = ProcessPool("servicetasks:crawl", lambda _: (url, str(tmp_path)), limits)
        return Scheduler(database, crew, [Cadence(outlet=name, every=every) for name in names])

    return build


@pytest.fixture
def service(tmp_path: Path, url: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the service as a process of its own; none is left behind."""
    (tmp_path / "servicetasks.py").write_text(TASKS)
    (tmp_path / "service.py").write_text(SERVICE)
    path = os.pathsep.join((str(tmp_path), str(Path(scheduler.__file__).parent)))
    started: list[subprocess.Popen[str]] = []

    def start(*names: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(tmp_path / "service.py"), url, str(tmp_path), *names],
            env={**os.environ, "PYTHONPATH": path},
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ran(folder: Path) -> list[tuple[str, int]]:
    """Outlet and pid of every child that ran so far."""
    try:
        lines = (folder / "pids").read_text().splitlines()
    except FileNotFoundError:
        return []
    return [(name, int(pid)) for name, pid in map(str.split, lines)]


def test_the_operators_word_goes_before_the_declaration() -> None:
    declared = [Cadence(outlet=name, every=HOUR, between=(HOUR, 2 * HOUR)) for name in "abcd"]
    overrides = {
        "a": ScheduleOverride(enabled=False),
        "b": ScheduleOverride(every=2 * HOUR),
        "d": ScheduleOverride(cron="0 6 * * *", quiet="01:00-02:00"),
    }
    found = effective_cadences(declared, overrides)
    assert [(each.outlet, each.every, each.cron) for each in found] == [
        ("b", 2 * HOUR, ""),
        ("c", HOUR, ""),
        ("d", HOUR, "0 6 * * *"),
    ]
    assert [each.between for each in found] == [(), (HOUR, 2 * HOUR), ()]
    assert found[2].quiet is not None


@pytest.mark.threats("R14")
@on_both_databases
def test_once_runs_what_is_due_and_nothing_twice(
    make: Callable[..., Scheduler], database: Database, tmp_path: Path
) -> None:
    assert asyncio.run(make("kcna", "rodong").run_once()) is not None
    assert asyncio.run(make("kcna", "rodong", "yonhap").run_once()) is not None
    assert sorted(name for name, _ in ran(tmp_path)) == ["kcna", "rodong", "yonhap"]
    assert {run.outcome for run in database.runs.latest()} == {RunOutcome.OK}


def test_what_befalls_one_outlet_is_recorded_and_touches_no_other(
    make: Callable[..., Scheduler], database: Database
) -> None:
    asyncio.run(make("raises", "dies", "kcna").run_once())
    last = database.runs.last_by_outlet()
    assert last["kcna"].outcome is RunOutcome.OK
    assert last["raises"].outcome is RunOutcome.FAILED
    assert last["raises"].cause == "RuntimeError: planned"
    assert last["dies"].outcome is RunOutcome.KILLED
    assert last["dies"].cause == "killed by SIGKILL"


@pytest.mark.threats("R17")
def test_a_hung_run_is_killed_and_recorded_so(
    make: Callable[..., Scheduler], database: Database
) -> None:
    asyncio.run(make("hangs", limits=ProcessLimits(deadline=3, grace=0.5)).run_once())
    run = database.runs.last_by_outlet()["hangs"]
    assert (run.outcome, run.cause) == (RunOutcome.KILLED, "deadline of 3 s passed")


@pytest.mark.threats("R14")
def test_once_yields_to_a_running_service(
    make: Callable[..., Scheduler], database: Database, tmp_path: Path
) -> None:
    assert database.leases.acquire(scheduler.LEASE_NAME, "somebody else", 60)
    assert asyncio.run(make("kcna").run_once()) is None
    assert ran(tmp_path) == []


def test_outlets_are_read_on_their_cadence(
    make: Callable[..., Scheduler], database: Database, tmp_path: Path
) -> None:
    async def serve_for_three_ticks() -> None:
        service = make("kcna", every=timedelta(seconds=1))
        serving = asyncio.create_task(service.serve())
        while len(ran(tmp_path)) < 3:
            await asyncio.sleep(0.05)
        assert service.is_leader
        while not service.next_runs():
            await asyncio.sleep(0.01)
        service.stop()
        await serving

    asyncio.run(serve_for_three_ticks())
    slot_at = database.schedule.last_taken(NOW)["kcna"].slot_at
    assert slot_at is not None
    assert slot_at.microsecond == 0


@pytest.mark.threats("R16")
def test_a_run_after_downtime_is_caught_up_once(
    make: Callable[..., Scheduler], database: Database, tmp_path: Path
) -> None:
    run = database.runs.begin("kcna")
    run.outcome = RunOutcome.OK
    database.runs.finish(run)

    async def serve_for_a_while() -> None:
        service = make("kcna", "rodong")
        serving = asyncio.create_task(service.serve())
        while not ran(tmp_path) or service.pool.running:
            await asyncio.sleep(0.05)
        due = service.next_runs()
        service.stop()
        await serving
        slot = Cadence(outlet="kcna", every=HOUR).next_slot(run.started_at)
        assert slot is not None
        assert slot <= due["kcna"] <= slot + timedelta(minutes=1)

    asyncio.run(serve_for_a_while())
    assert [name for name, _ in ran(tmp_path)] == ["rodong"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_stops_the_service_and_all_children(
    number: signal.Signals,
    service: Callable[..., subprocess.Popen[str]],
    database: Database,
    tmp_path: Path,
) -> None:
    process = service("hangs")
    assert until(lambda: bool(ran(tmp_path)))
    process.send_signal(number)
    assert process.wait(timeout=60) == 0
    assert not any(alive(pid) for _, pid in ran(tmp_path))
    run = database.runs.last_by_outlet()["hangs"]
    assert (run.outcome, run.cause) == (RunOutcome.KILLED, "the service was stopped")
    assert run.stop_reason is StopReason.SERVICE_STOPPED


@pytest.mark.threats("R14")
@pytest.mark.parametrize(
    "url",
    [
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow]),
    ],
    indirect=True,
)
def test_another_scheduler_stands_by_and_takes_over(
    service: Callable[..., subprocess.Popen[str]], database: Database, tmp_path: Path
) -> None:
    leader = service("hangs")
    assert until(lambda: bool(ran(tmp_path)))
    follower = service("hangs")
    assert follower.stderr is not None
    assert "standing by" in follower.stderr.readline()
    assert len(ran(tmp_path)) == 1
    leader.kill()
    assert until(lambda: not alive(ran(tmp_path)[0][1]))
    assert until(lambda: len(ran(tmp_path)) == 2)
    killed = database.runs.latest("hangs")[1]
    assert (killed.outcome, killed.cause) == (
        RunOutcome.KILLED,
        "the process ended and did not say why",
    )


@pytest.mark.threats("R14")
def test_a_leader_that_is_killed_is_replaced_before_its_lease_is_long_over(
    service: Callable[..., subprocess.Popen[str]], database: Database, tmp_path: Path
) -> None:
    leader = service("kcna")
    assert until(lambda: bool(ran(tmp_path)))
    follower = service("kcna", "rodong")
    assert follower.stderr is not None
    assert "standing by" in follower.stderr.readline()
    leader.kill()
    leader.wait()
    # The lease is the one thing that is waited for: nobody polls past its end.
    left = database.leases.seconds_left(scheduler.LEASE_NAME)
    assert until(
        lambda: not database.leases.seconds_left(scheduler.LEASE_NAME) or len(ran(tmp_path)) > 1
    )
    assert left <= ProcessLimits().lease
    assert until(lambda: len(ran(tmp_path)) == 2)
    assert [name for name, _ in ran(tmp_path)] == ["kcna", "rodong"]


def test_the_operators_changes_hold_without_a_restart(
    make: Callable[..., Scheduler],
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "CHECK_INTERVAL_SECONDS", 0.05)

    async def serve_and_change() -> None:
        service = make("kcna", "rodong")
        serving = asyncio.create_task(service.serve())
        while set(service.next_runs()) != {"kcna", "rodong"}:
            await asyncio.sleep(0.02)
        database.schedule.set_override("kcna", ScheduleOverride(enabled=False))
        database.schedule.set_override("rodong", ScheduleOverride(cron="0 0 1 1 *"))
        while set(service.next_runs()) != {"rodong"}:
            await asyncio.sleep(0.02)
        assert service.next_runs()["rodong"].strftime("%d %b %H:%M") == "01 Jan 00:00"
        database.schedule.set_override("kcna", ScheduleOverride(every=timedelta(seconds=1)))
        while sum(name == "kcna" for name, _ in ran(tmp_path)) < 3:
            await asyncio.sleep(0.02)
        service.stop()
        await serving

    asyncio.run(asyncio.wait_for(serve_and_change(), 120))


def is_free(database: Database) -> bool:
    """Whether no transaction of another process is open, so that everybody can write."""
    if database.engine.dialect.name == "postgresql":
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        busy = f"{others} AND pid <> pg_backend_pid() AND state <> 'idle'"
        return not database.read(lambda connection: connection.exec_driver_sql(busy).scalar())
    file = str(database.engine.url.database)
    with closing(sqlite3.connect(file, timeout=0.2)) as free:
        try:
            free.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


def freeze(process: subprocess.Popen[str], database: Database) -> None:
    """Stop a process, but in no transaction: nobody else could write until it ends."""
    while True:
        process.send_signal(signal.SIGSTOP)
        if is_free(database):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)


@pytest.mark.threats("R14", "R15")
@on_both_databases
def test_a_leader_that_slept_through_its_lease_yields(
    service: Callable[..., subprocess.Popen[str]], database: Database, tmp_path: Path
) -> None:
    leader = service("hangs")
    assert until(lambda: bool(ran(tmp_path)))
    freeze(leader, database)
    follower = service("kcna")
    assert until(lambda: len(ran(tmp_path)) == 2)
    leader.send_signal(signal.SIGCONT)
    assert until(lambda: not alive(ran(tmp_path)[0][1]))
    assert follower.poll() is None
    assert leader.stderr is not None
    assert any("standing by" in line for line in leader.stderr)
    assert until(lambda: database.runs.last_by_outlet()["hangs"].cause == "lease lost")
