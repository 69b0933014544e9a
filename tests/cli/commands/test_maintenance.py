import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import open_database
from storage.records import Article, Capture, RunOutcome


def test_a_backup_is_a_database_of_its_own(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    said = nkwire("backup", "copy.db")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("copy.db: ")
    with open_database("sqlite:///copy.db", create=False) as copy:
        assert copy.articles.count() == len(corpus)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("taken.db", "taken.db exists already: name a new file"),
        ("no/where.db", "no/where.db"),
        (".", "Is a directory"),
        ("/", "Is a directory"),
    ],
)
def test_a_backup_that_cannot_be_written_is_the_users_error(
    file: str,
    told: str,
    nkwire: Callable[..., Any],
    corpus: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    (an_empty_folder / "taken.db").touch()
    said = nkwire("backup", file)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert told in said.err


def test_without_a_database_there_is_nothing_to_back_up(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    said = nkwire("backup", "copy.db")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert list(an_empty_folder.iterdir()) == []


def test_a_backup_is_put_back_and_what_was_there_is_kept(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    assert nkwire("backup", "copy.db").code == 0
    said = nkwire("restore", "copy.db")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "data/nkwire.db exists already: with --replace" in said.err
    (an_empty_folder / "data/nkwire.db").write_bytes(b"no database at all" * 1000)
    said = nkwire("status")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "is not a SQLite database" in said.err
    assert "nkwire restore BACKUP --replace" in said.err
    said = nkwire("restore", "copy.db", "--replace")
    assert (said.code, said.out) == (0, "")
    assert "3 articles of 2 outlets" in said.err
    assert "the database that was there is now " in said.err
    assert len(list((an_empty_folder / "data").glob("nkwire.db*"))) == 2
    assert len(nkwire("stories", "--json").json) == 1
    said = nkwire("restore", "copy.db", "--database", "postgresql://localhost/x")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "copy.db is a backup of SQLite, which does not fit into PostgreSQL" in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.db",), "no backup at missing.db"),
        (("notes.txt",), "notes.txt is not a SQLite database: name a file that `nkwire backup`"),
        (("notes.txt", "--database", "postgresql://localhost/x"), "pg_restore --no-owner"),
    ],
)
def test_what_cannot_be_restored_is_said_in_one_line(
    arguments: tuple[str, ...], words: str, nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    (an_empty_folder / "notes.txt").write_text("some notes\n" * 100)
    said = nkwire("restore", *arguments)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert words in said.err
    assert not (an_empty_folder / "data").exists()


def test_logs_go_after_their_time_and_recordings_only_if_asked(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    logs = an_empty_folder / "data" / "logs"
    logs.mkdir()
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for name in ("crawls-2020-01-01.log", f"crawls-{today}.log", "mine-2020-99-99.log", "mine.log"):
        (logs / name).touch()
    said = nkwire("tidy", "--dry-run")
    assert said.err.startswith("1 log file would be deleted; recordings are kept for ever")
    said = nkwire("tidy")
    assert (said.code, said.out) == (0, "")
    assert sorted(file.name for file in logs.iterdir()) == [
        f"crawls-{today}.log",
        "mine-2020-99-99.log",
        "mine.log",
    ]


@pytest.mark.parametrize("folder", ["data", "away"])  # the home folder, and another
def test_old_recordings_are_expired_to_verify(
    nkwire: Callable[..., Any],
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    folder: str,
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=400)
    url = f"sqlite:///{folder}/nkwire.db"
    with open_database(url) as database:
        run = database.runs.begin("kcna")
        run.outcome, run.ended_at = RunOutcome.OK, long_ago
        database.runs.finish(run)
        file = f"kcna-{run.started_at:%Y%m%dT%H%M%SZ}-{run.id}.warc.gz"
        capture = Capture("https://a.example/1", long_ago, 200, warc_file=file, warc_offset=0)
        database.save(
            [Article(outlet="kcna", url=capture.url, title="T", text="Text", capture=capture)],
            run.id,
        )
    path = an_empty_folder / folder / "warc" / "kcna" / file
    path.parent.mkdir(parents=True)
    path.touch()
    os.utime(path, (0, 0))
    monkeypatch.setenv("NKWIRE_KEEP_WARC_DAYS", "365")
    assert "1 recording deleted" in nkwire("tidy", "--database", url).err
    assert not path.exists()
    said = nkwire("verify", "--database", url)
    assert (said.code, said.out, said.err) == (0, "1 expired\n", "")


@pytest.mark.parametrize("value", ["0", "-3", "soon", "1.5"])
@pytest.mark.parametrize("command", [("tidy",), ("run",), ("run", "--once")], ids=" ".join)
def test_a_time_that_is_none_is_the_users_error(
    command: tuple[str, ...],
    value: str,
    nkwire: Callable[..., Any],
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NKWIRE_KEEP_WARC_DAYS", value)
    said = nkwire(*command)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert f"NKWIRE_KEEP_WARC_DAYS='{value}' must be a number of days" in said.err
    assert list(an_empty_folder.iterdir()) == []
