"""Each command under each lack: a documented code, one line, nothing half written, data intact."""

import itertools
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import typer

from cli.app import app
from crawler.registry import outlets
from storage import open_database
from storage.invariants import check_invariants
from storage.records import Article
from storage.runs.slots import ScheduleOverride
from tests.cli.conftest import ROOT
from tests.cli.exit_code_rows import (
    FORKED_CELLS,
    LACKS,
    NEEDS_SEALED_FOLDERS,
    QUICK,
    ROWS,
    SERVICES,
    command_names,
    seal,
)
from tests.cli.forked import Forks
from tests.watching import until

DOCUMENTED = {0, 1, 2, 3, 4, 130}
LONGEST = 120  # seconds
PAGE = "<html><head><title>A kiln</title></head><body><p>%s</p></body></html>" % ("Tiles. " * 80)
# Loading takes a second, so each command meets one lack from its start; the next meets the next.
STARTS = zip(ROWS, itertools.cycle(LACKS), strict=False)
CELLS = [
    *(pytest.param(*cell, id="-".join(cell)) for cell in QUICK),
    *(
        pytest.param(*cell, id="-".join(cell), marks=pytest.mark.slow)
        for cell in STARTS
        if cell not in QUICK
    ),
]


def test_each_command_has_a_row() -> None:
    assert sorted(command_names(typer.main.get_command(app))) == sorted(ROWS)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that commands read, and a database in which only two outlets are read."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "page.html").write_text(PAGE)
    (folder / "pages.warc.gz").write_bytes(b"")
    articles = [
        Article(
            outlet="kcna",
            url=f"https://kcna.example/{number}",
            title=f"Kiln {number}",
            text=f"{number} tiles. " * 90,
        )
        for number in range(1, 4)
    ]
    names = ("outlet", "url", "title", "text")
    rows = [json.dumps({name: getattr(each, name) for name in names}) for each in articles]
    (folder / "articles.jsonl").write_text("\n".join(rows))
    with open_database(f"sqlite:///{folder / 'nkwire.db'}", seed=1) as database:
        database.save(articles)
        for name in outlets():
            if name not in ("kcna", "rodong"):
                database.schedule.set_override(name, ScheduleOverride(enabled=False))
    shutil.copy(folder / "nkwire.db", folder / "backup.db")
    return folder


@pytest.fixture
def cell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short name: sockets are made below it, and their paths are bounded."""
    return tmp_path_factory.mktemp("c")


def prepare(command: str, lack: str, folder: Path, data: Path) -> tuple[list[str], dict[str, str]]:
    """Fills the folder of a command. Returns its arguments and its environment."""
    for name in ("home", "out", "t", "here", "said"):
        (folder / name).mkdir(parents=True)
    file = folder / "home" / "nkwire.db"
    shutil.copy(data / "nkwire.db", file)
    if lack == NEEDS_SEALED_FOLDERS:
        seal(folder / "home", folder / "out", folder / "here")
    line = ROWS[command].format(db=f"sqlite:///{file}", out=folder / "out", data=data)
    hosts = [host for name in ("kcna", "rodong") for host in outlets()[name].hosts]
    env = {name: value for name, value in os.environ.items() if not name.startswith("NKWIRE_")} | {
        "NKWIRE_HOME": str(folder / "home"),
        "NKWIRE_RESOLVE": ",".join(f"{host}=127.0.0.1:9" for host in (*hosts, "a.example")),
        "NKWIRE_ALLOW_ADDRESSES": "127.0.0.0/8",
        "TMPDIR": str(folder / "t"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return shlex.split(line), env


def run(command: str, lack: str, folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command in an interpreter of its own."""
    line, env = prepare(command, lack, folder, data)
    said, printed = folder / "said" / "err", folder / "said" / "out"
    with said.open("w") as errors, printed.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "nkwire.py"), *line],
            cwd=folder / "here",
            env=env,
            stdout=output,
            stderr=errors,
            preexec_fn=LACKS[lack],  # noqa: PLW1509  the tests start no threads here
        )
    if command in SERVICES:
        until(lambda: process.poll() is not None or printed.stat().st_size > 0)
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail(f"{line} hangs: {said.read_text()}")
    words = printed.read_text(), said.read_text()
    return subprocess.CompletedProcess(line, process.returncode, *words)


def assert_harmless(done: subprocess.CompletedProcess[str], lack: str, folder: Path) -> None:
    """A documented code, a line, no traceback, nothing half written, and the data intact."""
    # A library in Rust ends the process itself if it finds no memory.
    is_aborted = done.returncode == -signal.SIGABRT and "memory allocation of" in done.stderr
    assert done.returncode in DOCUMENTED or ("memory" in lack and is_aborted), done
    # SystemError is what Python itself raises if an import finds no memory.
    is_out_of_memory = "memory" in lack and "SystemError" in done.stderr
    assert "Traceback" not in done.stderr or is_out_of_memory, done.stderr
    report = done.stdout if done.returncode == 3 else ""  # of an outlet that was checked
    assert not done.returncode or (done.stderr + report).strip(), "a code without a line"
    left = [*folder.rglob("*.part"), *(folder / "t").iterdir()]
    if "memory" in lack:  # without it nothing can be cleared away: the next start does
        left = [each for each in left if not each.name.startswith("nkwire-")]
    assert left == []
    file = folder / "home" / "nkwire.db"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    file.parent.chmod(0o755)
    file.chmod(0o644)
    with open_database(f"sqlite:///{file}") as database:
        assert check_invariants(database) == []
        assert database.articles.count() >= 3


@pytest.mark.threats("R11", "R12")
@pytest.mark.parametrize(("command", "lack"), CELLS)
def test_a_command_that_lacks_something_says_so_and_harms_nothing(
    command: str, lack: str, cell: Path, data: Path
) -> None:
    assert_harmless(run(command, lack, cell, data), lack, cell)


@pytest.mark.slow
@pytest.mark.threats("R11", "R12")
@pytest.mark.parametrize(("command", "lack"), FORKED_CELLS)
def test_each_command_stands_each_lack_once_it_runs(
    command: str, lack: str, cell: Path, data: Path, forked: Forks
) -> None:
    line, env = prepare(command, lack, cell, data)
    done = forked.run(
        line,
        cell / "here",
        env,
        files=cell / "said",
        before=lack,
        is_stopped=command in SERVICES,
    )
    assert_harmless(done, lack, cell)
    if lack == "nothing":
        assert done.returncode != 4, done.stderr


@pytest.mark.slow
@pytest.mark.threats("R12")
@pytest.mark.parametrize("command", ["ccnews", "crawl", "run", "demo"])
def test_a_folder_of_temporary_files_with_a_long_name_is_the_users_error(
    command: str, cell: Path, data: Path, forked: Forks
) -> None:
    line, env = prepare(command, "nothing", cell, data)
    long = cell / "t" / ("n" * 120)
    long.mkdir()
    done = forked.run(line, cell / "here", env | {"TMPDIR": str(long)}, files=cell / "said")
    assert done.returncode == 2
    assert "shorter path" in done.stderr
    assert "Traceback" not in done.stderr
    assert [*long.iterdir()] == []
