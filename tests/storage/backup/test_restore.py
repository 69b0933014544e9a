"""What a restore puts in place, what it refuses, and what a kill leaves."""

import gzip
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection

from dedup.errors import NkwireError
from storage import open_database
from storage.backup.backup import back_up
from storage.backup.restore import Restored, restore
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import (
    InvalidRequest,
    NoDatabase,
    NotADatabase,
    SchemaError,
    StorageError,
)
from storage.records import Article
from storage.schema import alembic_config

LEASE = "scheduler"
Make = Callable[..., Article]


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def titles(file: Path) -> set[str]:
    with open_database(url(file), create=False) as database:
        return {str(each.title) for each in database.articles.iter()}


@pytest.fixture
def filled(empty_corpus: Callable[[int], Path]) -> Callable[..., None]:
    """Makes a database with one article."""

    def fill(file: Path, article: Article) -> None:
        shutil.copy(empty_corpus(1), file)
        with open_database(url(file)) as database:
            database.save([article])

    return fill


@pytest.fixture
def backup(tmp_path: Path, make: Make, filled: Callable[..., None]) -> Path:
    """A backup of one article."""
    filled(tmp_path / "source.db", make(1, title="Backed up"))
    with open_database(url(tmp_path / "source.db"), reading_only=True) as database:
        back_up(database, tmp_path / "backup.db")
    return tmp_path / "backup.db"


@pytest.fixture
def target(tmp_path: Path, make: Make, filled: Callable[..., None]) -> Path:
    """A database of one other article."""
    folder = tmp_path / "home"
    folder.mkdir()
    filled(folder / "nkwire.db", make(2, title="Before"))
    return folder / "nkwire.db"


def put_back(backup: Path, target: Path, *, replace: bool = True) -> Restored:
    return restore(backup, target, lease=LEASE, replace=replace)


@contextmanager
def opened_by_another_process(file: Path, sql: str) -> Iterator[None]:
    """Another process runs a statement, and is killed with the database open at the end."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute(sql).fetchall()
        os.write(writing, b"!")
        signal.pause()
    os.close(writing)
    assert os.read(reading, 1) == b"!"
    os.close(reading)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


RENAME = "UPDATE version SET title = 'From the log'"


def test_a_backup_takes_the_place_of_nothing(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "home" / "nkwire.db"
    done = put_back(backup, target, replace=False)
    assert (done.kept, done.articles, done.outlets, done.was_outdated) == (None, 1, 1, False)
    assert [each.name for each in target.parent.iterdir()] == ["nkwire.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert titles(target) == {"Backed up"}


def test_what_was_there_is_kept_under_a_dated_name(backup: Path, target: Path) -> None:
    before = backup.read_bytes()
    done = put_back(backup, target)
    assert done.kept
    assert done.kept.name.startswith("nkwire.db.replaced-2")
    assert titles(target) == {"Backed up"}
    assert titles(done.kept) == {"Before"}
    assert backup.read_bytes() == before


def test_the_log_of_a_killed_writer_goes_with_the_old_database(backup: Path, target: Path) -> None:
    with opened_by_another_process(target, RENAME):
        pass
    assert target.with_name("nkwire.db-wal").stat().st_size
    done = put_back(backup, target)
    assert titles(target) == {"Backed up"}
    assert done.kept
    assert titles(done.kept) == {"From the log"}


def test_a_log_without_its_database_is_not_played_back_into_the_new_one(
    backup: Path, target: Path
) -> None:
    with opened_by_another_process(target, RENAME):
        pass
    target.unlink()
    put_back(backup, target, replace=False)
    assert not target.with_name("nkwire.db-wal").exists()
    assert titles(target) == {"Backed up"}


def test_a_database_that_is_none_any_more_is_replaced(backup: Path, target: Path) -> None:
    target.write_bytes(b"no database at all" * 1000)
    done = put_back(backup, target)
    assert titles(target) == {"Backed up"}
    assert done.kept
    assert done.kept.read_bytes().startswith(b"no database")


def test_a_link_stays_and_what_it_leads_to_is_replaced(
    backup: Path, target: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(target)
    put_back(backup, link)
    assert link.is_symlink()
    assert titles(target) == {"Backed up"}


def test_an_older_backup_is_brought_up_to_date(tmp_path: Path, target: Path) -> None:
    old = tmp_path / "old.db"
    with TransactionalEngine(make_engine(parse_url(url(old)), create=True)) as database:
        database.write(lambda connection: upgrade_to("0010", connection))
    done = put_back(old, target)
    assert (done.revision, done.was_outdated) == ("0010", True)
    with open_database(url(target), reading_only=True) as restored:
        restored.ping()


def upgrade_to(revision: str, connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def test_a_database_that_a_service_makes_meanwhile_is_not_replaced_unasked(
    backup: Path, tmp_path: Path
) -> None:
    target = tmp_path / "nkwire.db"
    pid = os.fork()
    if not pid:

        def make_first(event: str, given: tuple[object, ...]) -> None:
            if event in ("os.link", "os.rename") and str(given[1]) == str(target):
                target.write_bytes(b"of the service")

        sys.addaudithook(make_first)
        try:
            put_back(backup, target, replace=False)
        except InvalidRequest as error:
            os._exit(3 if "exists already" in str(error) else 1)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    assert target.read_bytes() == b"of the service"


def empty(backup: Path) -> Path:
    return _write(backup, b"")


def nothing(backup: Path) -> Path:
    return backup.with_name("missing.db")


def packed(backup: Path) -> Path:
    return Path(shutil.move(_write(backup, gzip.compress(backup.read_bytes())), f"{backup}.gz"))


def dumped(backup: Path) -> Path:
    return _write(backup, b"PGDMP" + bytes(1000))


def text(backup: Path) -> Path:
    return _write(backup, b"url,title,text\n" * 100)


def foreign(backup: Path) -> Path:
    backup.unlink()
    with sqlite3.connect(backup) as connection:
        connection.execute("CREATE TABLE mine (a)")
    connection.close()
    return backup


def newer(backup: Path) -> Path:
    with sqlite3.connect(backup) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    return backup


def damaged(backup: Path) -> Path:
    with sqlite3.connect(backup) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'version'"
        (page,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with backup.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    return backup


def cut(backup: Path) -> Path:
    return _write(backup, backup.read_bytes()[:300_000])


def _write(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (empty, NotADatabase, "is empty: name a file"),
        (nothing, NoDatabase, "no backup at"),
        (packed, NotADatabase, "gunzip"),
        (dumped, NotADatabase, "pg_restore"),
        (text, NotADatabase, "is not a SQLite database"),
        (foreign, SchemaError, "other tables"),
        (newer, SchemaError, "newer nkwire"),
        (damaged, StorageError, "backup.db is damaged .*: restore an earlier backup"),
        (cut, StorageError, "backup.db is damaged .*: restore an earlier backup"),
    ],
)
def test_what_is_no_sound_backup_is_refused_and_nothing_changes(
    spoil: Callable[[Path], Path],
    error: type[NkwireError],
    words: str,
    backup: Path,
    target: Path,
) -> None:
    before = target.read_bytes()
    with pytest.raises(error, match=words):
        put_back(spoil(backup), target)
    assert target.read_bytes() == before
    assert [each.name for each in target.parent.iterdir()] == ["nkwire.db"]


def test_a_database_that_is_there_is_replaced_only_if_asked(backup: Path, target: Path) -> None:
    with pytest.raises(InvalidRequest, match="--replace"):
        put_back(backup, target, replace=False)
    with pytest.raises(InvalidRequest, match="is the database itself"):
        put_back(target, target)
    assert titles(target) == {"Before"}


def test_a_running_service_is_not_robbed_of_its_database(backup: Path, target: Path) -> None:
    with open_database(url(target)) as database:
        assert database.leases.acquire(LEASE, "a service", 30)
    with pytest.raises(InvalidRequest, match="a service runs"):
        put_back(backup, target)
    assert titles(target) == {"Before"}


@pytest.mark.parametrize("spoilt", [False, True], ids=["sound", "damaged"])
def test_a_database_that_another_process_has_open_is_left_alone(
    spoilt: bool, backup: Path, target: Path
) -> None:
    with opened_by_another_process(target, "SELECT count(*) FROM article"):
        if spoilt:
            target.write_bytes(b"no database at all" * 1000)
        with pytest.raises(InvalidRequest, match="another process has"):
            put_back(backup, target)


WATCHED = ("os.rename", "os.link", "os.remove", "open", "sqlite3.connect")


def killed_at(number: int, backup: Path, target: Path) -> bool:
    """Restores in a process that kills itself at its n-th change of a file; whether it did."""
    pid = os.fork()
    if not pid:
        remaining = iter(range(number))

        def kill(event: str, _: object) -> None:
            if event in WATCHED and next(remaining, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        try:
            put_back(backup, target)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


@pytest.mark.threats("R18")
def test_a_kill_at_any_instant_leaves_the_old_or_the_new_database(
    backup: Path, target: Path, tmp_path: Path
) -> None:
    with opened_by_another_process(target, RENAME):
        pass
    seen = []
    for number in range(1000):
        folder = tmp_path / "again"
        shutil.copytree(target.parent, folder)
        was_killed = killed_at(number, backup, folder / "nkwire.db")
        seen.append(titles(folder / "nkwire.db"))
        shutil.rmtree(folder)
        if not was_killed:
            break
    assert number > 10
    assert all(each in ({"From the log"}, {"Backed up"}) for each in seen)
    assert seen[0] == {"From the log"}
    assert seen[-1] == {"Backed up"}


def test_after_a_kill_the_next_restore_removes_the_draft(backup: Path, target: Path) -> None:
    draft = target.with_name(".nkwire.db.999999999.0123456789abcdef.part")
    draft.touch()
    put_back(backup, target)
    assert not draft.exists()


def test_a_restored_database_is_written_to(backup: Path, target: Path, make: Make) -> None:
    put_back(backup, target)
    with open_database(url(target), create=False) as database:
        database.save([make(3, title="After")])
    assert titles(target) == {"Backed up", "After"}
