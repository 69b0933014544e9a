import asyncio
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from cli.demo.site import HOSTS, Site, serve_site
from cli.service.live import ServiceBoard, format_time_until
from crawler.processes.children import ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import open_database
from storage.records import Run, RunOutcome

SERVICE = """
import asyncio, sys
from cli.service.service import Service
from crawler.config.config import load_config
from crawler.processes.children import ProcessLimits
from crawler.registry import outlets

if __name__ == "__main__":
    demo = outlets("cli.demo.spiders")
    config = load_config()
    url = config.resolved_database_url()
    service = lambda: Service(url, config, ProcessLimits(), "cli.service.tasks:crawl_demo", demo)
    for _ in sys.argv[1:]:
        print(asyncio.run(service().run_once()))
    if not sys.argv[1:]:
        sys.exit(asyncio.run(service().serve()))
"""


@pytest.fixture
def service(
    an_empty_folder: Path,
    program: list[str],
    started: Callable[..., subprocess.Popen[str]],
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the service for the demo's invented outlets, which are served meanwhile.

    Its children get settings of the environment and of the file.
    """
    (an_empty_folder / "service.py").write_text(SERVICE)
    with serve_site(Site(datetime.now(UTC))) as port:
        env = {
            **os.environ,
            "PYTHONPATH": str(Path(program[1]).parent),
            "NKWIRE_ALLOW_ADDRESSES": "127.0.0.1/32",
            "NKWIRE_HOME": str(an_empty_folder),
        }
        pairs = [f"{host}=127.0.0.1:{port}" for host in HOSTS]
        (an_empty_folder / "nkwire.toml").write_text(f"resolve = {pairs}\n")
        yield lambda *arguments: started(program[0], "service.py", *arguments, env=env)


def outcomes(folder: Path) -> dict[str, RunOutcome | None]:
    if not (folder / "nkwire.db").exists():
        return {}
    database = open_database(f"sqlite:///{folder}/nkwire.db")
    try:
        return {name: run.outcome for name, run in database.runs.last_by_outlet().items()}
    finally:
        database.close()


def test_the_service_reads_all_outlets_and_stops_cleanly(
    service: Callable[..., subprocess.Popen[str]], an_empty_folder: Path
) -> None:
    process = service()
    end = time.monotonic() + 120
    whole = {f"demo-{name}": RunOutcome.OK for name in ("agency", "herald", "radio")}
    while outcomes(an_empty_folder) != whole and time.monotonic() < end:
        time.sleep(0.2)
    assert outcomes(an_empty_folder) == whole
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "leading: 3 outlets" in log
    assert "demo-agency: ok, 3 new, 0 edited in" in log
    assert " scrapy." not in log
    assert "Traceback" not in log


def test_once_reads_what_is_due_and_says_how(
    service: Callable[..., subprocess.Popen[str]], an_empty_folder: Path
) -> None:
    said, _ = service("once", "once").communicate(timeout=120)
    first, second = said.splitlines()
    assert first.count("outcome=<RunOutcome.OK") == 3
    assert second == "[]"


BREAK_THE_FILE = """
import asyncio
from pathlib import Path
from crawler.crawl.options import CrawlOptions
from crawler.processes.children import ProcessLimits, ProcessPool

if __name__ == "__main__":
    options = CrawlOptions(home=Path.cwd(), dry_run=True)
    pool = ProcessPool("cli.service.tasks:crawl_demo", lambda _: options, ProcessLimits())
    Path("nkwire.toml").write_text("contact = = 3")
    run = asyncio.run(pool.run("demo-agency")).to_run()
    print(run.outcome, run.cause)
"""


def test_a_file_of_settings_that_breaks_later_fails_the_run_and_not_the_service(
    service: Callable[..., subprocess.Popen[str]], an_empty_folder: Path
) -> None:
    (an_empty_folder / "service.py").write_text(BREAK_THE_FILE)
    said, log = service().communicate(timeout=120)
    assert said == "failed nkwire.toml is no TOML: Invalid value (at line 1, column 11)\n"
    assert log == ""


@pytest.mark.slow
def test_of_two_services_on_one_file_the_second_stands_by_and_says_so(
    service: Callable[..., subprocess.Popen[str]], an_empty_folder: Path
) -> None:
    first = service()
    assert first.stderr is not None
    assert any("leading: 3 outlets" in line for line in first.stderr)
    second = service()
    assert second.stderr is not None
    told = "standing by: another scheduler serves this database"
    assert any(told in line for line in second.stderr)
    once, _ = service("once").communicate(timeout=120)
    assert once == "None\n"


def test_the_board_shows_what_runs_what_comes_and_what_was(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/nkwire.db")
    run = database.runs.begin("kcna")
    run.outcome, run.counts = RunOutcome.DEGRADED, {"stored.new": 12}
    database.runs.finish(run)
    console = Console(width=120, record=True, file=(tmp_path / "out").open("w"))

    async def look() -> None:
        cadences = [Cadence(outlet=name, every=timedelta(hours=1)) for name in ("kcna", "rodong")]
        scheduler = Scheduler(database, ProcessPool("os:abort", str, ProcessLimits()), cadences)
        board = ServiceBoard(scheduler, database, tmp_path)
        showing = asyncio.create_task(board.show(console))
        await asyncio.sleep(0.5)
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
        board.log.handle(board_record())
        console.print(board)

    asyncio.run(look())
    database.close()
    console.file.close()
    text = console.export_text()
    assert "standing by" in text
    kcna = next(line for line in text.splitlines() if line.startswith("kcna"))
    assert "degraded" in kcna
    assert "12" in kcna
    rodong = next(line for line in text.splitlines() if line.startswith("rodong"))
    assert "never" in rodong
    assert "\\x1b[31m look out" in text


def board_record() -> logging.LogRecord:
    return logging.LogRecord("test", logging.WARNING, "", 0, "\x1b[31m look out", None, None)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "now"), (30.5, "in 30 s"), (600.5, "in 10 min"), (3 * 3600 + 1, "in 3 h")],
)
def test_times_to_come_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert format_time_until(datetime.now(UTC) + timedelta(seconds=seconds)) == said


def test_an_unknown_time_is_a_dash() -> None:
    assert format_time_until(None) == "–"


def test_a_run_is_shown_before_it_has_ended(tmp_path: Path) -> None:
    from cli.service.live import last_run_cells

    row = last_run_cells(Run(outlet="kcna", started_at=datetime.now(UTC)))
    assert str(row[1]) == "running"
