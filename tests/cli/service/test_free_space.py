"""Nothing is fetched while too little room is left, and that is told (R12)."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from cli.demo.site import HOSTS, Site, serve_site
from cli.service.alerting import AlertSender
from cli.service.free_space import find_lack_of_space, free_bytes, watched_folders
from cli.service.monitor import Monitor
from crawler.processes.children import ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import open_database
from storage.engine import parse_url
from tests.small_disk import empty, fill, small_disk
from tests.watching import until

FAR_TOO_MUCH = str(1 << 30)
Command = Callable[..., Any]


@pytest.mark.threats("R12")
def test_each_folder_that_a_crawl_writes_to_is_watched(tmp_path: Path) -> None:
    found = watched_folders(tmp_path / "home", parse_url(f"sqlite:///{tmp_path}/db/nkwire.db"))
    assert found["home"] == tmp_path / "home"
    assert found["recordings"] == tmp_path / "home" / "warc"
    assert found["database"] == tmp_path / "db"
    assert found["temporary files"].is_dir()
    assert "database" not in watched_folders(tmp_path, parse_url("postgresql://h/x"))


@pytest.mark.threats("R12")
@pytest.mark.parametrize("name", ["home", "recordings", "database", "temporary files"])
def test_a_full_file_system_is_named_whichever_folder_it_holds(name: str, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 8192) as disk:
        folders = {"home": tmp_path, "recordings": tmp_path, "database": tmp_path}
        folders |= {name: disk / "not" / "made yet"}
        assert find_lack_of_space(folders, None) == ""
        fill(disk, but=200 << 10)
        told = find_lack_of_space(folders, None)
        assert f"0 MB are free for the {name} ({disk}/not/made yet)" in told
        assert find_lack_of_space(folders, 0) == ""
        empty(disk)
        assert find_lack_of_space(folders, None) == ""
        assert f"for the {name} (" in find_lack_of_space({name: disk}, 9)


@pytest.mark.threats("R12")
def test_a_file_system_without_room_for_files_is_full_too(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 8192) as disk:
        subprocess.run(["mount", "-o", "remount,nr_inodes=40", str(disk)], check=True)
        assert find_lack_of_space({"home": disk}, None) == ""
        for number in range(39):
            (disk / str(number)).touch()
        assert "has room for 0 files" in find_lack_of_space({"home": disk}, None)


def test_a_small_file_system_keeps_a_twentieth_free_and_a_large_one_a_gigabyte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def told(total: int, free: int) -> str:
        blocks = (4096, 4096, total // 4096, free // 4096, free // 4096, 0, 0, 0, 0, 255)
        monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(blocks))
        return find_lack_of_space({"home": Path("/")}, None)

    assert told(100 << 30, 1025 << 20) == ""
    assert told(100 << 30, 1023 << 20)
    assert told(100 << 20, 6 << 20) == ""
    assert told(100 << 20, 4 << 20)


def test_a_file_system_that_does_not_say_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "statvfs", refuse)
    assert find_lack_of_space({"home": Path("/")}, None) == ""
    assert free_bytes(Path("/")) == 0


@pytest.mark.threats("R12")
@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--once"),
        ("crawl", "kcna"),
        ("ingest", "pages.warc.gz"),
        ("import", "articles.jsonl"),
        ("ccnews", "pages.warc.gz"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_would_fetch_or_import_says_so_first_and_makes_nothing(
    arguments: tuple[str, ...],
    nkwire: Command,
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("pages.warc.gz", "articles.jsonl"):
        (an_empty_folder / name).touch()
    monkeypatch.setenv("NKWIRE_KEEP_FREE_MB", FAR_TOO_MUCH)
    said = nkwire(*arguments)
    assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
    assert said.err.startswith("nkwire: nothing is read: ")
    assert "1,073,741,824 MB are to be kept free (NKWIRE_KEEP_FREE_MB)" in said.err
    assert not (an_empty_folder / "data").exists()


def test_status_says_that_nothing_is_fetched(
    nkwire: Command, an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database("sqlite:///data/nkwire.db").close()
    assert "nothing is fetched" not in nkwire("status").err
    monkeypatch.setenv("NKWIRE_KEEP_FREE_MB", FAR_TOO_MUCH)
    said = nkwire("status")
    assert (said.code, said.err.startswith("nothing is fetched: ")) == (0, True)


SERVICE = """
import asyncio, sys
from cli.service import alerting, service
from cli.service.monitor import Monitor
from crawler.config.config import load_config
from crawler.processes.children import ProcessLimits
from crawler.registry import outlets

if __name__ == "__main__":
    service.SPACE_INTERVAL_SECONDS = alerting.CHECK_INTERVAL_SECONDS = 0.3
    config = load_config()
    monitor = Monitor(0)
    open("port", "w").write(str(monitor.port))
    made = service.Service(
        config.resolved_database_url(), config, ProcessLimits(lease=3),
        "cli.service.tasks:crawl_demo", outlets("cli.demo.spiders"), monitor,
    )
    sys.exit(asyncio.run(made.serve()))
"""


@pytest.fixture
def service(
    an_empty_folder: Path, program: list[str], started: Callable[..., subprocess.Popen[str]]
) -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Starts the service for the demo's outlets, with its files in a folder."""
    (an_empty_folder / "service.py").write_text(SERVICE)
    alerts = an_empty_folder / "alerts"
    with serve_site(Site(datetime.now(UTC))) as port:

        def start(home: Path) -> subprocess.Popen[str]:
            env: Mapping[str, str] = {
                **os.environ,
                "PYTHONPATH": str(Path(program[1]).parent),
                "NKWIRE_ALLOW_ADDRESSES": "127.0.0.1/32",
                "NKWIRE_HOME": str(home),
                "NKWIRE_RESOLVE": ",".join(f"{host}=127.0.0.1:{port}" for host in HOSTS),
                "NKWIRE_ALERT_COMMAND": f"sh -c 'cat >> {alerts}; echo >> {alerts}'",
            }
            return started(program[0], "service.py", env=env)

        yield start


def ask(port: str, path: str) -> str:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        return error.read().decode()


@pytest.mark.slow
@pytest.mark.threats("R12")
def test_a_service_on_a_full_disk_waits_tells_and_goes_on_by_itself(
    service: Callable[[Path], subprocess.Popen[str]], an_empty_folder: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", 64 << 10) as disk:
        fill(disk, but=2 << 20)
        process = service(disk)
        url = f"sqlite:///{disk}/nkwire.db"
        assert until((an_empty_folder / "port").exists)
        port = (an_empty_folder / "port").read_text()
        assert until(lambda: "nothing is fetched" in ask(port, "/health"))
        assert "nkwire_fetching_stopped 1.0" in ask(port, "/metrics")
        assert json.loads(ask(port, "/health"))["role"] == "leader"
        alerts = an_empty_folder / "alerts"
        assert until(lambda: alerts.exists() and "nothing is fetched" in alerts.read_text())
        with open_database(url) as database:
            assert database.runs.latest() == []
        empty(disk)
        with open_database(url) as database:
            assert until(lambda: len(database.runs.latest(outcome="ok")) == 3)
        assert until(lambda: "there is room again" in alerts.read_text())
        assert "nkwire_fetching_stopped 0.0" in ask(port, "/metrics")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
        assert process.returncode == 0
        assert log.count("nothing is fetched") == 1
        assert log.count("there is room again") == 1
        told = [json.loads(line)["text"] for line in alerts.read_text().split("\n") if line]
        assert [text.partition(":")[0] for text in told] == [
            "nothing is fetched",
            "there is room again",
        ]


TASKS = """
import time

from storage import open_database
def crawl(outlet, url):
    with open_database(url) as database:
        database.runs.begin(outlet)
    while True:
        time.sleep(0.1)
"""


@pytest.mark.threats("R12")
def test_runs_are_stopped_for_want_of_room_and_repeated_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spacetasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(str(tmp_path))
    url = f"sqlite:///{tmp_path}/nkwire.db"

    async def hold_and_go_on() -> None:
        with open_database(url) as database:
            pool = ProcessPool("spacetasks:crawl", lambda _: url, ProcessLimits(grace=2, lease=3))
            hour = timedelta(hours=1)
            service = Scheduler(database, pool, [Cadence(outlet="kcna", every=hour)])
            serving = asyncio.create_task(service.serve())
            while not database.runs.latest():
                await asyncio.sleep(0.05)
            await service.hold_starts("no room")
            assert (service.is_leader, service.pool.running) == (True, {})
            monitor = Monitor(0)
            monitor.attach(service, database, tmp_path)
            assert "nothing is fetched: no room" in monitor.health().problems
            monitor.close()
            await asyncio.sleep(4)
            assert service.is_leader
            assert [run.cause for run in database.runs.latest()] == ["no room"]
            await service.allow_starts()
            while len(database.runs.latest()) < 2:
                await asyncio.sleep(0.05)
            service.stop()
            await serving

    asyncio.run(asyncio.wait_for(hold_and_go_on(), 120))


def test_a_notice_is_sent_once_by_each_channel_that_works(tmp_path: Path) -> None:
    class Channel:
        name = "test"

        def __init__(self, failures: int) -> None:
            self.failures, self.said = failures, list[str]()

        async def send(self, message: Mapping[str, Any]) -> None:
            if self.failures:
                self.failures -= 1
                raise OSError("down")
            self.said.append(message["text"])

    good, bad = Channel(0), Channel(10)
    with open_database(f"sqlite:///{tmp_path}/nkwire.db") as database:
        sender = AlertSender(database, [good, bad])
        sender.notify("no room")
        for _ in range(3):
            asyncio.run(sender.send_pending())
    assert (good.said, bad.said) == (["no room"], [])
