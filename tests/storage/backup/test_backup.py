import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from storage import Database, open_database
from storage.backup.backup import back_up
from storage.errors import Damaged, StorageError
from storage.invariants import check_invariants
from storage.records import Article

Make = Callable[..., Article]


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    programs: Path

    def new_database(self, template: str = ...) -> str: ...

    def drop_database(self, url: str) -> None: ...


@contextmanager
def writing(url: str, make: Make, stored: list[int]) -> Iterator[None]:
    """Somebody who stores article after article meanwhile; `stored` are those reported stored."""
    over = threading.Event()

    def work() -> None:
        with open_database(url) as database:
            number = 1000
            while not over.is_set():
                receipts = database.save([make(number), make(number + 1)])
                stored.extend(receipt.article_id for receipt in receipts)
                number += 2

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def restore(
    request: pytest.FixtureRequest, corpus_url: str, tmp_path: Path
) -> Iterator[Callable[[Path], str]]:
    """Restores a backup as docs/operations.md says; the URL of what it gave."""
    made: list[str] = []

    def restored(file: Path) -> str:
        if corpus_url.startswith("sqlite"):
            return f"sqlite:///{shutil.copy(file, tmp_path / f'{file.name}.restored')}"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        made.append(server.new_database())
        subprocess.run(["pg_restore", "--no-owner", "--dbname", made[-1], file], check=True)
        return made[-1]

    yield restored
    for url in made:
        request.getfixturevalue("postgres_server").drop_database(url)


@pytest.fixture(autouse=True)
def programs(
    request: pytest.FixtureRequest, corpus_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own pg_dump comes first."""
    if corpus_url.startswith("postgresql"):
        server: PostgresServer = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("PATH", f"{server.programs}{os.pathsep}{os.environ['PATH']}")
        if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
            pytest.skip("no pg_dump and pg_restore on this machine")


@pytest.mark.threats("R18")
def test_a_backup_taken_during_writes_is_whole(
    database: Database,
    corpus_url: str,
    make: Make,
    restore: Callable[[Path], str],
    tmp_path: Path,
) -> None:
    stored = [receipt.article_id for receipt in database.save([make(n) for n in range(20)])]
    taken: list[tuple[Path, list[int]]] = []
    with writing(corpus_url, make, stored):
        for number in range(3):
            while len(stored) < 20 + 10 * (number + 1):
                threading.Event().wait(0.02)
            acknowledged = list(stored)
            file = tmp_path / f"backup-{number}"
            back_up(database, file)
            taken.append((file, acknowledged))
    assert list(tmp_path.glob("*.part")) == []
    for file, acknowledged in taken:
        with open_database(restore(file), create=False) as restored:
            assert check_invariants(restored, acknowledged) == []
            assert restored.scheme.seed == database.scheme.seed


def test_a_restored_database_is_written_to_as_before(
    database: Database, make: Make, restore: Callable[[Path], str], tmp_path: Path
) -> None:
    ids = [receipt.article_id for receipt in database.save([make(1), make(2)])]
    back_up(database, tmp_path / "backup")
    with open_database(restore(tmp_path / "backup")) as restored:
        (receipt,) = restored.save([make(3)])
        assert receipt.article_id > max(ids)
        assert check_invariants(restored, [*ids, receipt.article_id]) == []


def test_a_file_that_is_there_is_left_alone(database: Database, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("mine")
    with pytest.raises(FileExistsError):
        back_up(database, tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "mine"


def test_where_nothing_can_be_written_nothing_is_left(database: Database, tmp_path: Path) -> None:
    with pytest.raises((OSError, StorageError)):
        back_up(database, tmp_path / "nowhere" / "backup")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("corpus_url", ["sqlite"], indirect=True)
def test_a_damaged_database_gives_no_backup(
    database: Database, make: Make, corpus_url: str, tmp_path: Path
) -> None:
    database.save([make(n) for n in range(50)])
    database.close()
    file = Path(corpus_url.removeprefix("sqlite:///"))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'version'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with file.open("r+b") as pages:
        pages.seek((root - 1) * size)
        pages.write(b"\xff" * size)
    with pytest.raises(Damaged, match="nkwire verify") as found:
        back_up(database, tmp_path / "backup")
    assert "\n" not in str(found.value)
    assert not (tmp_path / "backup").exists()
