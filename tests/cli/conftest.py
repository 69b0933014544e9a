"""The command as its user meets it: in this process, or installed-like in one of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from cli.app import run
from tests.cli import child
from tests.cli.forked import Forks, forks
from tests.cli.listeners import hook, post, silent

__all__ = ["hook", "post", "silent"]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What a command line answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Said]


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test stands in a folder of its own, without settings from outside."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("NKWIRE_")]:
        monkeypatch.delenv(name)
    return folder


@pytest.fixture
def nkwire(capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Run a command line in this process."""

    def call(*arguments: object) -> Said:
        code = run([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return call


@pytest.fixture(scope="session")
def forked() -> Iterator[Forks]:
    """Runs the whole command in processes that need not load anything first."""
    with forks() as found:
        yield found


@pytest.fixture
def nkwire_alone(
    children: ProcessPoolExecutor, an_empty_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., CompletedProcess[str]]:
    """Run a command line in a process of its own, which need not load anything first."""

    def call(*arguments: str) -> CompletedProcess[str]:
        folder = tmp_path_factory.mktemp("said")
        return children.submit(child.command, arguments, an_empty_folder, folder).result(120)

    return call


@pytest.fixture
def program() -> list[str]:
    """The start of a command line that runs the command in a process of its own."""
    return [sys.executable, str(ROOT / "nkwire.py")]


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes of which none is left behind."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def write(an_empty_folder: Path) -> Callable[..., Path]:
    """Write a file of JSON lines; what is bytes is written as it is."""

    def lines(name: str, *rows: dict[str, Any] | bytes) -> Path:
        path = an_empty_folder / name
        whole = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        path.write_bytes(b"\n".join(whole) + b"\n")
        return path

    return lines


TEXT = """The Ryongsan Tile Factory has put a new tunnel kiln into operation after eleven months of
work by its own engineers and builders. The kiln, which is sixty-four metres long, burns powdered
anthracite from the nearby Sohung mine instead of heavy oil and fires 12,000 roof tiles a day, twice
as many as the two chamber kilns that it replaces. Technicians of the factory worked out a way to lead
the waste heat back into the drying rooms, so that the tiles dry in nineteen hours even in the rainy
season and the loss by cracking has fallen to three in a hundred.""".replace("\n", " ")
OTHER = """After a winter in dock the ferry between Nampho and the island of Sokdo will sail on
Tuesdays and Fridays again, the shipping office announced. The old steamer has been given a new
propeller shaft and forty more seats below deck, and parcels for the lighthouse and the oyster farms
will be taken on board until an hour before she sails.""".replace("\n", " ")


@pytest.fixture
def articles() -> list[dict[str, Any]]:
    """Two copies of one report, and another article."""
    return [
        {
            "id": "first",
            "url": "https://agency.example/1",
            "outlet": "agency",
            "title": "New Kiln Put into Operation",
            "text": TEXT,
            "language": "en",
            "published_at": "2026-03-01T08:00:00Z",
        },
        {
            "id": "second",
            "url": "https://herald.example/kiln",
            "outlet": "herald",
            "title": "Kiln goes into operation",
            "text": TEXT,
            "language": "en",
            "published_at": "2026-03-01T10:00:00Z",
        },
        {
            "id": "third",
            "url": "https://herald.example/ferry",
            "outlet": "herald",
            "title": "Ferry will sail again",
            "text": OTHER,
            "language": "en",
            "published_at": "2026-03-03",
        },
    ]


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first import of the articles made, for the tests that need no other."""
    return tmp_path_factory.mktemp("imported") / "data"


@pytest.fixture
def corpus(
    nkwire: Command,
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
    imported: Path,
) -> list[dict[str, Any]]:
    """The articles in the default database."""
    file = write("articles.jsonl", *articles)
    if imported.exists():
        shutil.copytree(imported, an_empty_folder / "data")
        return articles
    assert nkwire("import", file).code == 0
    shutil.copytree(an_empty_folder / "data", imported)
    return articles
