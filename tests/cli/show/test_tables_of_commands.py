"""Every command that prints a table, over a filled database: on narrow terminals and in a pipe."""

import fcntl
import json
import os
import pty
import re
import struct
import termios
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from storage import open_database
from storage.records import Article, Capture, RunOutcome, SourceState
from storage.reports.working_out import work_out
from tests.cli.conftest import OTHER, TEXT
from tests.cli.forked import Forks

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTLETS = (
    "kcna",
    "조선중앙통신영문판",
    "herald-of-the-northern-province",
    *(f"newspaper-number-{number}" for number in range(18)),
)
COMMANDS = {
    "status": "outlet",
    "stories": "outlets",
    "runs": "outlet",
    "alerts list": "outlet",
    "carriage": "",
    "carriage --wide": "",
    "carriage --report r1": "outlet",
    "latency": "outlet",
    "changes --all": "outlet",
    "gaps": "outlet",
    "show s1": "",
    "show 1": "",
    "schedule list": "outlet",
    "schedule sources kcna": "",
    "revisits": "outlet",
    "outlets": "outlet",
    "explain 1 2": "",
    "search kiln": "outlet",
    "search kiln --count-by outlet": "outlet",
    "stats --by outlet": "",
    "config": "",
}
"""Each command, and the key of its JSON whose values no terminal may cut."""
PARTIAL_DATE = re.compile(r"\d{4}-\d\d?(?![\d-])|\d{4}-\d\d-\d?(?!\d)| \d\d:\d?(?!\d)")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with reports, edits, runs, gaps, sources and changes of health."""
    folder = tmp_path_factory.mktemp("filled")
    with open_database(f"sqlite:///{folder / 'nkwire.db'}", seed=1) as database:
        database.outlets.declare_ranks({"kcna": 0})
        database.save(
            [
                Article(
                    outlet=outlet,
                    url=f"https://{number}.example/kiln",
                    title=f"New kiln of the Ryongsan Tile Factory put into operation, 새 가마 {number}",
                    text=TEXT,
                    language="en",
                    published_at=NOON + timedelta(hours=number),
                )
                for number, outlet in enumerate(OUTLETS)
            ]
        )
        for hour in (1, 2):
            page = "https://ferry.example/1"
            text = f"{OTHER} {'The captain is another one. ' * hour}"
            capture = Capture(page, NOON + timedelta(hours=hour), 200)
            database.save(
                [Article(outlet=OUTLETS[2], url=page, title="Ferry", text=text, capture=capture)]
            )
        for outlet in OUTLETS[:3]:
            for _ in range(3):
                run = database.runs.begin(outlet)
                run.outcome, run.ended_at = RunOutcome.UNREACHABLE, datetime.now(UTC)
                run.counts = {"source.unreachable": 2}
                run.cause = "2 of 2 sources unreachable: the name has no address, " * 2
                database.runs.finish(run)
            database.health.assess(outlet, datetime.now(UTC))
        database.sources.save(
            SourceState(
                outlet="kcna",
                source="https://kcna.test/a-feed-with-a-rather-long-name-of-its-own.xml",
                failures=2,
                failure="hard",
                problem="HTTP status 410",
                failing_since=NOON,
                next_at=NOON,
            )
        )
        work_out(database)
    return folder


def call(line: Sequence[str], folder: Path, forked: Forks, width: int | None) -> str:
    """Returns what a command prints to a terminal of this width, or without one into a file."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("NKWIRE_")
    }
    environment |= {"NKWIRE_HOME": str(folder), "NO_COLOR": "1", "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    if width is None:
        out = folder / "out"
        assert forked.call(line, folder, environment, out=out, err=folder / "err") == 0
        return out.read_text()
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    seen: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(leader, 65536):
                seen.append(data)
        except OSError:
            return

    reader = threading.Thread(target=read)
    reader.start()
    terminal = Path(os.ttyname(follower))
    code = forked.call(line, folder, environment, out=terminal, err=folder / "err")
    os.close(follower)
    reader.join()
    os.close(leader)
    assert code == 0, (folder / "err").read_text()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", b"".join(seen).decode())
    return plain.replace("\r\n", "\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_name_id_or_date_is_cut(command: str, filled: Path, forked: Forks) -> None:
    line = command.split()
    piped = call(line, filled, forked, None)
    assert "…" not in piped or command == "search kiln"  # a snippet begins in the middle
    key = COMMANDS[command]
    rows = json.loads(call([*line, "--json"], filled, forked, None)) if key else []
    names = [row[key] for row in rows]
    for width in (60, 100):
        shown = call(line, filled, forked, width)
        assert "…" not in shown or command == "search kiln", width
        assert not PARTIAL_DATE.search(shown), shown
        for name in names:
            assert (name if isinstance(name, str) else name[0]) in shown, (width, shown)
        if command.split()[0] not in ("show", "explain", "search"):
            assert all(cell_len(text) <= width for text in shown.splitlines()), shown


def test_every_command_with_a_table_is_tried() -> None:
    source = Path(__file__).parents[3] / "cli"
    files = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "print_table(" in path.read_text("utf-8")
    }
    assert files == {
        *("commands/alerts.py", "commands/changes.py", "commands/reports.py", "commands/runs.py"),
        *("commands/revisits.py", "commands/schedule.py", "commands/show.py"),
        *("commands/snapshots.py", "commands/status.py", "demo/command.py"),
        *("show/carriage_tables.py", "show/chains.py", "show/evaluation.py", "show/printing.py"),
        *("show/run_reports.py", "show/hit_counts.py", "settings/command.py", "charts/stats.py"),
    }, "add the command above"


@pytest.mark.parametrize(
    "line", ["runs", "stories --json", "show 1", "export -", "outlets", "search kiln", "--help"]
)
def test_a_reader_that_goes_away_ends_a_command_well(
    line: str, filled: Path, forked: Forks
) -> None:
    fifo = filled / "fifo"
    fifo.unlink(missing_ok=True)
    os.mkfifo(fifo)

    def look_and_leave() -> None:
        with fifo.open("rb"):
            return  # a writer waits until somebody opens it

    reader = threading.Thread(target=look_and_leave)
    reader.start()
    environment = {**os.environ, "NKWIRE_HOME": str(filled), "PYTHONUNBUFFERED": "1"}
    err = filled / "err"
    code = forked.call(line.split(), filled, environment, out=fifo, err=err)
    reader.join()
    assert (code, "nkwire:" in err.read_text(), "Traceback" in err.read_text()) == (0, False, False)
