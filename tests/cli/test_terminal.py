"""Every command with texts that steer a terminal: in the database, in files, in its arguments."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.command_lines import command_line, every_command, takes, write_files
from tests.cli.forked import Forks

pytestmark = pytest.mark.threats("S14")
ROOT = Path(__file__).parents[2]
NKWIRE = [sys.executable, str(ROOT / "nkwire.py")]
HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202egnp \u061c\u200b\u2066x\u2069 \ufff9\U000e0041\U000e007f"
    " \u3164\ufeff\u2060\u2028\u180e\ue000 a\rb\x7f"
)
HIDDEN = set(
    "\x07\x9b\u202e\u061c\u200b\u2066\u2069\ufff9\U000e0041\U000e007f\u3164\ufeff\u2060\u2028\u180e\ue000"
)
POISONED = {"title", "author", "section", "text", "lead", "note", "cause", "evidence", "url"}
# They serve until they are stopped, or bring their own texts.
LEFT_OUT = {("web",), ("demo",), ("run",), ("crawl",)}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database in which every text is hostile, written past what cleans it."""
    folder = tmp_path_factory.mktemp("stage")
    write_files(folder)
    url = f"sqlite:///{folder / 'hostile.db'}"
    for line in (["import", "articles.jsonl"], ["snapshot", "create", "frozen", "--out", "frozen"]):
        said = subprocess.run(
            [*NKWIRE, *line, "--database", url], cwd=folder, check=False, capture_output=True
        )
        assert said.returncode == 0, said.stderr
    poison(folder / "hostile.db")
    articles = (folder / "articles.jsonl").read_text("utf-8")
    escaped = HOSTILE.encode("utf-8").decode("latin-1")
    (folder / "articles.jsonl").write_text(f'{{"{HOSTILE}": 1}}\n{HOSTILE}{escaped}\n{articles}')
    page = (folder / "page.html").read_text()
    (folder / "page.html").write_text(page.replace("A report", HOSTILE))
    return folder


def poison(file: Path) -> None:
    connection = sqlite3.connect(file)
    poisoned = set()
    with connection:
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        ).fetchall():
            for _, column, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                if column in POISONED and kind.upper() == "TEXT" and "search" not in table:
                    connection.execute(f"UPDATE {table} SET {column} = ? || rowid", (HOSTILE,))
                    poisoned.add(column)
    connection.close()
    assert poisoned >= {"title", "text", "url"}


def on_a_terminal(arguments: Sequence[str], folder: Path, forked: Forks) -> str:
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    seen: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(leader, 65536):
                seen.append(data)
        except OSError:
            return  # the other end is closed

    reader = threading.Thread(target=read)
    reader.start()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200", "NO_COLOR": "1"}
    terminal = Path(os.ttyname(follower))
    forked.call(arguments, folder, environment, out=terminal, err=terminal)
    os.close(follower)
    reader.join()
    os.close(leader)
    return b"".join(seen).decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def in_a_pipe(arguments: Sequence[str], folder: Path, forked: Forks) -> str:
    """What a command writes where nobody looks."""
    out, err = folder / "piped.out", folder / "piped.err"
    forked.call(arguments, folder, os.environ, out=out, err=err)
    said = out.read_bytes() + err.read_bytes()
    out.unlink()
    err.unlink()
    return said.decode("utf-8", "surrogateescape")


def assert_is_safe(shown: str, line: object) -> None:
    assert not HIDDEN & set(shown), line
    # rich draws a bar and writes bold; nothing else begins with ESC.
    assert "\x1b[31m" not in shown, line
    assert "\x1b]" not in shown, line
    assert "\\x1b[1m" not in shown, line  # rich's own codes are not shown as text
    assert "a\rb" not in shown, line


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(set(every_command()) - LEFT_OUT), ids=" ".join)
def test_no_stored_text_steers_the_terminal(
    path: tuple[str, ...], stage: Path, forked: Forks
) -> None:
    url = f"sqlite:///{stage / 'hostile.db'}"
    line = [*command_line(path), *(["--database", url] if takes(path, "database") else [])]
    assert_is_safe(on_a_terminal(line, stage, forked), line)
    shown = in_a_pipe([*line, *(["--json"] if takes(path, "as_json") else [])], stage, forked)
    assert_is_safe(shown, line)
    assert "\x1b" not in shown


LINES = [
    (HOSTILE,),
    ("show", HOSTILE),
    ("stories", "--outlet", HOSTILE),
    (f"--{HOSTILE}",),
    ("stories", "--database", HOSTILE),
    ("import", HOSTILE),
    ("schedule", "set", "kcna", HOSTILE),
    ("search", f'"{HOSTILE}'),
    ("snapshot", "create", HOSTILE),
    ("outlet", "new", HOSTILE, HOSTILE),
    ("export", "-", "--format", HOSTILE),
    ("show", HOSTILE, "--help"),
    ("extract", HOSTILE),
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line).partition("\x1b")[0])
def test_what_a_person_typed_does_not_steer_the_terminal(
    line: tuple[str, ...], stage: Path, forked: Forks
) -> None:
    url = f"sqlite:///{stage / 'hostile.db'}"
    takes_url = "--database" not in line and line[0] in ("show", "stories", "search", "export")
    arguments = [*line, *(["--database", url] if takes_url else [])]
    assert_is_safe(on_a_terminal(arguments, stage, forked), line)


def test_an_export_to_a_terminal_is_text_and_into_a_pipe_data(stage: Path, forked: Forks) -> None:
    url = f"sqlite:///{stage / 'hostile.db'}"
    for format in ("csv", "jsonl"):
        line = ["export", "-", "--format", format, "--database", url]
        shown = on_a_terminal(line, stage, forked)
        assert_is_safe(shown, line)
        assert "\\u202e" in shown
        assert "\u202e" in in_a_pipe(line, stage, forked)  # bytes as they are stored


def test_an_import_counts_articles_on_a_terminal(tmp_path: Path, forked: Forks) -> None:
    row = {"url": "https://paper.example/1", "title": "A kiln", "text": "Rain fell."}
    rows = [row | {"url": f"https://paper.example/{number}"} for number in range(201)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    shown = on_a_terminal(["import", "a.jsonl"], tmp_path, forked)
    assert "importing a.jsonl: 201 articles" in shown
    assert "201 new" in shown
