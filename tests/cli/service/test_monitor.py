import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from cli.errors import UserError
from cli.service.metrics import FolderSize, RunTally
from cli.service.monitor import Monitor
from crawler.processes.children import ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.health.assessment import HealthState
from storage.records import Article, RunOutcome
from storage.tables.runs import run as run_table

HOUR = timedelta(hours=1)
Look = Callable[[Scheduler, asyncio.AbstractEventLoop], None]
Serve = Callable[..., None]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/nkwire.db", patience=0.2)
    yield opened
    opened.close()


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    made = Monitor(0)
    yield made
    made.close()


@pytest.fixture
def serve(database: Database, monitor: Monitor, tmp_path: Path) -> Serve:
    """Runs a scheduler of outlets that are not due, and calls a function while it leads."""

    def serving(look: Look, lease: float = 9) -> None:
        async def until_looked() -> None:
            cadences = [Cadence(outlet="kcna", every=HOUR)]
            scheduler = Scheduler(
                database, ProcessPool("os:abort", str, ProcessLimits(lease=lease)), cadences
            )
            monitor.attach(scheduler, database, tmp_path)
            loop = asyncio.get_running_loop()
            serving = asyncio.create_task(scheduler.serve())
            while not scheduler.next_runs():
                await asyncio.sleep(0.02)
            await asyncio.to_thread(look, scheduler, loop)
            scheduler.stop()
            await serving

        ended(database, "kcna", RunOutcome.OK, 0)
        asyncio.run(until_looked())

    return serving


def ended(database: Database, outlet: str, outcome: RunOutcome, hours_ago: float) -> None:
    run = database.runs.begin(outlet)
    run.outcome, run.ended_at = outcome, datetime.now(UTC) - hours_ago * HOUR
    database.runs.finish(run)


def get(monitor: Monitor, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{monitor.port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def metrics(monitor: Monitor) -> dict[tuple[str, str], float]:
    """Values by name and first label's value."""
    status, text = get(monitor, "/metrics")
    assert status == 200
    return {
        (sample.name, "".join(list(sample.labels.values())[:1])): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_service_that_leads_is_healthy(serve: Serve, monitor: Monitor) -> None:
    def look(*_: object) -> None:
        status, body = get(monitor, "/health")
        assert (status, json.loads(body)) == (
            200,
            {"status": "ok", "role": "leader", "problems": []},
        )

    serve(look)


def test_one_that_stands_by_is_healthy_too(
    monitor: Monitor, database: Database, tmp_path: Path
) -> None:
    scheduler = Scheduler(database, ProcessPool("os:abort", str, ProcessLimits()), [])
    monitor.attach(scheduler, database, tmp_path)
    assert monitor.health().role == "standby"
    assert metrics(monitor)["nkwire_leader", ""] == 0


def test_before_the_service_is_there_it_is_not_healthy(monitor: Monitor) -> None:
    status, body = get(monitor, "/health")
    assert (status, json.loads(body)["problems"]) == (503, ["the service is starting"])


def test_a_loop_that_hangs_is_not_healthy(serve: Serve, monitor: Monitor) -> None:
    hang, over = threading.Event(), time.monotonic() + 60

    def look(_: Scheduler, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(hang.wait)
        while not (problems := monitor.health().problems) and time.monotonic() < over:
            time.sleep(0.05)
        hang.set()
        assert "the scheduler's loop has not turned for" in problems[0]

    serve(look, lease=1)


def test_a_job_that_is_not_started_is_not_healthy(
    serve: Serve, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(scheduler: Scheduler, _: object) -> None:
        due = {"kcna": datetime.now(UTC) - timedelta(minutes=10)}
        monkeypatch.setattr(scheduler, "next_runs", lambda: due)
        status, body = get(monitor, "/health")
        assert status == 503
        assert "an outlet has been due for 600 s" in body
        assert metrics(monitor)["nkwire_scheduler_lag_seconds", ""] == pytest.approx(600, abs=60)

    serve(look)


def test_a_database_that_is_gone_is_told(
    serve: Serve, monitor: Monitor, database: Database, tmp_path: Path
) -> None:
    def look(*_: object) -> None:
        database.close()
        (tmp_path / "nkwire.db").rename(tmp_path / "away.db")
        (tmp_path / "nkwire.db").mkdir()
        status, body = get(monitor, "/health")
        assert status == 503
        assert "unable to open database file" in body
        found = metrics(monitor)
        assert found["nkwire_database_up", ""] == 0
        assert found["nkwire_leader", ""] == 1
        (tmp_path / "nkwire.db").rmdir()
        (tmp_path / "away.db").rename(tmp_path / "nkwire.db")

    serve(look)


def test_the_metrics_tell_how_things_stand(
    serve: Serve, monitor: Monitor, database: Database, tmp_path: Path
) -> None:
    ended(database, "kcna", RunOutcome.QUIET, 2)
    ended(database, "rodong", RunOutcome.QUIET, 2)  # which this service does not read
    ended(database, "rodong", RunOutcome.REFUSED, 1)
    database.save([Article(outlet="kcna", url="https://a.example/1", title="T", text="x" * 99)])
    (tmp_path / "warc" / "kcna").mkdir(parents=True)
    (tmp_path / "warc" / "kcna" / "a.warc.gz").write_bytes(b"x" * 1234)

    def look(*_: object) -> None:
        found = metrics(monitor)
        assert found["nkwire_runs_total", "ok"] == 1
        assert found["nkwire_runs_total", "refused"] == 1
        assert found["nkwire_runs_total", "failed"] == 0
        assert found["nkwire_last_success_age_seconds", "kcna"] == pytest.approx(0, abs=600)
        assert ("nkwire_last_success_age_seconds", "rodong") not in found
        assert found["nkwire_articles", ""] == 1
        assert found["nkwire_leader", ""] == 1
        assert found["nkwire_children_running", ""] == 0
        assert found["nkwire_scheduler_lag_seconds", ""] < 300
        assert found["nkwire_database_bytes", ""] > 4096
        assert found["nkwire_warc_bytes", ""] == 1234
        assert found["nkwire_database_up", ""] == 1
        assert found["process_resident_memory_bytes", ""] > 1 << 20

    serve(look)


def test_the_metrics_tell_how_each_outlet_stands(
    monitor: Monitor, database: Database, tmp_path: Path
) -> None:
    for hours in (3, 2, 1):
        ended(database, "rodong", RunOutcome.UNREACHABLE, hours)
        ended(database, "tass", RunOutcome.UNREACHABLE, hours)  # which is not read
    database.health.assess("rodong")
    database.health.assess("tass")
    stands = database.health.current()["rodong"].state
    cadences = [Cadence(outlet="rodong", every=HOUR)]
    scheduler = Scheduler(database, ProcessPool("os:abort", str, ProcessLimits()), cadences)
    monitor.attach(scheduler, database, tmp_path)
    _, text = get(monitor, "/metrics")
    lines = [line for line in text.splitlines() if line.startswith("nkwire_outlet_health{")]
    assert not any("tass" in line for line in lines)
    said = {line.partition('state="')[2].partition('"')[0]: line.split()[-1] for line in lines}
    assert said == {state: "1.0" if state is stands else "0.0" for state in HealthState}


def test_runs_are_counted_once_when_they_settle(database: Database) -> None:
    ended(database, "kcna", RunOutcome.OK, 3)
    ended(database, "kcna", RunOutcome.OK, 0.01)
    tally = RunTally(database)
    assert tally.count()[0][RunOutcome.OK] == 2
    ended(database, "kcna", RunOutcome.EMPTY, 0)
    numbers, successes = tally.count()
    assert (numbers[RunOutcome.OK], numbers[RunOutcome.EMPTY]) == (2, 1)
    assert datetime.now(UTC) - successes["kcna"] < HOUR
    # What has settled is read no more, even if it were changed.
    database.write(lambda c: c.execute(update(run_table).values(outcome="failed")))
    assert tally.count()[0][RunOutcome.OK] == 1


def test_a_folder_that_is_not_there_has_no_bytes(tmp_path: Path) -> None:
    assert FolderSize(tmp_path / "none").measure() == 0


def test_a_large_folder_is_measured_rarely(tmp_path: Path) -> None:
    size = FolderSize(tmp_path)
    assert size.measure() == 0
    (tmp_path / "new").write_bytes(b"x")
    assert size.measure() == 0


def test_other_paths_are_not_found(monitor: Monitor) -> None:
    assert get(monitor, "/")[0] == 404


def test_a_port_in_use_is_the_users_error(monitor: Monitor) -> None:
    with pytest.raises(UserError, match=f"cannot listen on port {monitor.port} of 127.0.0.1"):
        Monitor(monitor.port)
