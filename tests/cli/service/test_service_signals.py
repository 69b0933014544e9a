"""Signals in any phase of a service: while it starts, while it runs, and a second one."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import open_database
from tests.watching import alive, until

ROOT = Path(__file__).parents[3]
TASKS = """
import os, pathlib, signal, time
def crawl(outlet, options):
    if pathlib.Path("deaf").exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pathlib.Path("child").write_text(str(os.getpid()))
    while True:
        time.sleep(0.1)
"""
SERVICE = """
import asyncio, sys
from cli.app import app
from cli.commands import crawl
from cli.running import run as service
import typer

crawl.CRAWL = service.CRAWL = "signaltasks:crawl"
if __name__ == "__main__":
    from cli.app import run
    sys.exit(run(sys.argv[1:]))
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the command in a folder of its own; children ignore SIGTERM if a file `deaf` is there."""
    (tmp_path / "signaltasks.py").write_text(TASKS)
    (tmp_path / "service.py").write_text(SERVICE)
    processes: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "service.py", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "NKWIRE_HOME": "data"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=before,  # noqa: PLW1509  no threads here
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def child(folder: Path) -> int:
    file = folder / "child"
    return int(file.read_text() or 0) if file.exists() else 0


@pytest.mark.slow
@pytest.mark.threats("R10")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_the_service_starts_harms_nothing(
    number: signal.Signals, start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "data" / "nkwire.db"
    process = start("run")
    assert until(file.exists)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    # Before it handles the signal, the signal itself ends it.
    assert process.returncode in (0, 130, -number)
    assert "Traceback" not in err
    with open_database(f"sqlite:///{file}"), closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.slow
@pytest.mark.threats("R10")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_each_signal_that_asks_for_an_end_stops_the_service_and_its_children(
    number: signal.Signals, start: Start, tmp_path: Path
) -> None:
    process = start("run")
    assert until(lambda: child(tmp_path) > 0)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (0, False)
    assert until(lambda: not alive(child(tmp_path)))


@pytest.mark.slow
@pytest.mark.threats("R10")
def test_under_nohup_a_hangup_stops_nothing(start: Start, tmp_path: Path) -> None:
    process = start("run", before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN) and None)
    assert until(lambda: child(tmp_path) > 0)
    process.send_signal(signal.SIGHUP)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.slow
@pytest.mark.threats("R10")
@pytest.mark.parametrize("arguments", [("run",), ("run", "--once")])
def test_a_second_interrupt_ends_it_at_once_with_one_line(
    arguments: tuple[str, ...], start: Start, tmp_path: Path
) -> None:
    (tmp_path / "deaf").touch()
    process = start(*arguments)
    assert until(lambda: child(tmp_path) > 0)
    process.send_signal(signal.SIGINT)
    assert until(lambda: process.poll() is not None, 2) is False
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "nkwire: interrupted"
    assert "Traceback" not in err
    assert until(lambda: not alive(child(tmp_path)))


@pytest.mark.threats("R11", "R14")
@pytest.mark.parametrize("arguments", [("run",), ("run", "--once")])
def test_a_database_that_cannot_be_used_is_one_line_for_each_of_two_services(
    arguments: tuple[str, ...], start: Start, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nkwire.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 64)
    for process in [start(*arguments), start(*arguments)]:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out, err.count("\n")) == (2, "", 1), err
        assert err.startswith("nkwire: ")
