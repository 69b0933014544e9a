import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname

import pytest

from cli.demo.site import HOSTS, Site, serve_site
from cli.service.live import format_time_until
from storage import open_database
from storage.files.machine import machine_name
from storage.records import Run, RunOutcome

ROOT = Path(__file__).parents[3]
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
    with open_database(f"sqlite:///{an_empty_folder}/nkwire.db") as database:
        runs = database.runs.latest()
        [owner] = {run.owner for run in runs}  # the scheduler, by its pid
        assert owner.split(":")[:2] == [gethostname(), str(process.pid)]
        assert {run.machine for run in runs} == {machine_name()} == {owner.split(":")[-1]}
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "leading: 3 outlets" in log
    assert "standing by" not in log  # nobody else serves a new database
    assert log.index("nkwire.service: stopping") < log.index("nkwire.service: stopped")
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
    told = f"pid {first.pid}, since 20"
    assert any(
        "standing by: another scheduler leads" in line and told in line for line in second.stderr
    )
    once, _ = service("once").communicate(timeout=120)
    assert once == "None\n"


def test_once_while_another_leads_names_it_and_promises_nothing(
    nkwire_alone: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    url = "sqlite:///led.db"
    with open_database(url) as database:
        database.leases.acquire("scheduler", "elsewhere:12:ab12cd34:1700000000:0123-1", 60)
    done = nkwire_alone("run", "--once", "--database", url)
    leader = "host elsewhere, pid 12, since 2023-11-14 22:13 UTC"
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        f"nothing was read: another scheduler leads this database: {leader}; try again later\n"
    )


@pytest.mark.slow
def test_without_a_network_each_outlet_has_one_line_and_the_outage_one(
    service: Callable[..., subprocess.Popen[str]], an_empty_folder: Path
) -> None:
    pairs = [f"{host}=127.0.0.1:1" for host in HOSTS]  # nothing listens there
    (an_empty_folder / "nkwire.toml").write_text(f"resolve = {pairs}\n")
    _, log = service("once").communicate(timeout=120)
    lines = log.splitlines()
    assert sorted(line.split()[4] for line in lines[:3]) == [
        "demo-agency:", "demo-herald:", "demo-radio:"
    ]  # fmt: skip
    assert all(": unreachable, 0 new, 0 edited in " in line for line in lines[:3])
    assert "Is this machine's network out? 3 outlets of 3 could not be reached" in lines[3]
    assert len(lines) == 4


def test_run_reads_only_the_outlets_that_are_chosen_also_those_of_ones_own(
    service: Callable[..., subprocess.Popen[str]],
    started: Callable[..., subprocess.Popen[str]],
    program: list[str],
    an_empty_folder: Path,
) -> None:
    own = an_empty_folder / "my_outlets"
    own.mkdir()
    for name in ("agency", "herald"):
        code = (ROOT / "cli" / "demo" / "spiders" / f"{name}.py").read_text()
        (own / f"{name}.py").write_text(code.replace('"demo-', '"my-'))
    with (an_empty_folder / "nkwire.toml").open("a") as settings:
        settings.write('outlets_folder = "my_outlets"\nhome = "here"\noutlets = ["my-agency"]\n')
        settings.write('allow_addresses = ["127.0.0.1/32"]\n')
    (an_empty_folder / "nkwire.toml").rename(an_empty_folder / "other.toml")
    arguments = ("run", "--once", "--json", "--config", "other.toml")
    out, err = started(*program, *arguments).communicate(timeout=120)
    assert [(run["outlet"], run["outcome"], err) for run in json.loads(out)] == [
        ("my-agency", "ok", "")
    ]


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


@pytest.mark.slow  # 30 s; tests/cli/service/test_archiving.py checks the same without children
def test_the_service_archives_what_its_runs_and_killed_ones_recorded(
    service: Callable[..., subprocess.Popen[str]], an_empty_folder: Path
) -> None:
    mounted = an_empty_folder / "mounted"
    with (an_empty_folder / "nkwire.toml").open("a") as settings:
        settings.write(f'archive = "file://{mounted}"\n')
    process = service()  # no disk is mounted yet
    end = time.monotonic() + 120
    while RunOutcome.OK not in outcomes(an_empty_folder).values() and time.monotonic() < end:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    assert log.count("there is no such folder: make it") == 1
    assert "Traceback" not in log
    mounted.mkdir()
    process = service()
    while not list(mounted.rglob("*.warc.gz")) and time.monotonic() < end:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in log
    here = {file.name: file.read_bytes() for file in (an_empty_folder / "warc").rglob("*.warc.gz")}
    assert {file.name: file.read_bytes() for file in mounted.rglob("*.warc.gz")} == here
