import random
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Connection, text

from storage import Database, open_database
from storage.dialects import lock_placement
from storage.errors import DiskFull, StorageError, Unavailable
from storage.invariants import check_invariants
from storage.records import Article, SaveOutcome

Make = Callable[..., Article]


class PostgresServer(Protocol):
    def execute(self, statement: str) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@pytest.fixture
def sqlite_file(new_corpus: Callable[[str], str]) -> Path:
    return Path(new_corpus("sqlite").removeprefix("sqlite:///"))


def test_sqlite_is_told_to_wait_to_log_ahead_and_to_keep_references(sqlite_file: Path) -> None:
    database = open_database(f"sqlite:///{sqlite_file}")
    asked = ("journal_mode", "busy_timeout", "synchronous", "foreign_keys")
    told = database.read(lambda c: [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked])
    assert told == ["wal", 20000, 1, 1]
    database.close()


def test_a_writer_waits_for_another_and_then_writes(sqlite_file: Path, make: Make) -> None:
    database = open_database(f"sqlite:///{sqlite_file}")
    other = sqlite3.connect(sqlite_file, check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    timer.start()
    assert [r.outcome for r in database.save([make(1)])] == [SaveOutcome.NEW]
    timer.join()
    other.close()
    database.close()


@pytest.mark.threats("R11")
def test_a_writer_that_waits_in_vain_says_so_and_keeps_nothing(
    sqlite_file: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.BUSY_TIMEOUT_SECONDS", 0.1)
    database = open_database(f"sqlite:///{sqlite_file}", patience=0.2)
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="database is locked"):
        database.save([make(1)])
    assert database.articles.count() == 0
    other.execute("ROLLBACK")
    assert [r.outcome for r in database.save([make(1)])] == [SaveOutcome.NEW]
    other.close()
    database.close()


def test_readers_see_what_was_there_when_they_began(database: Database, make: Make) -> None:
    database.save([make(n) for n in range(3)])
    reader = database.articles.iter()
    next(reader)
    database.save([make(n) for n in range(3, 6)])
    assert len(list(reader)) == 2


@pytest.mark.threats("R12")
def test_a_full_disk_is_named_and_what_was_stored_stays(sqlite_file: Path, make: Make) -> None:
    database = open_database(f"sqlite:///{sqlite_file}")
    database.save([make(1)])

    def limit(pages: int) -> Callable[[Connection], None]:
        return lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}").close()

    database.outside(limit(1))
    with pytest.raises(DiskFull, match="no room"):
        database.save([make(n) for n in range(2, 60)])
    assert database.articles.count() == 1
    assert check_invariants(database) == []
    database.outside(limit(10**6))
    assert [r.outcome for r in database.save([make(2)])] == [SaveOutcome.NEW]
    database.close()


def test_other_errors_of_the_database_come_as_ours(database: Database) -> None:
    with pytest.raises(StorageError, match="the database refused"):
        database.read(lambda c: c.execute(text("SELECT * FROM nowhere")))
    with (
        pytest.raises(StorageError, match="the database refused"),
        database.reading() as connection,
    ):
        connection.execute(text("SELECT * FROM nowhere"))


@pytest.mark.threats("R11")
@pytest.mark.postgres
def test_connections_that_are_cut_lose_nothing_and_double_nothing(
    postgres_server: PostgresServer, new_corpus: Callable[[str], str], make: Make
) -> None:
    database = open_database(new_corpus("postgresql"), patience=60)
    name = database.engine.url.database
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    chosen = random.Random()

    def cutter() -> None:
        for _ in range(20):
            time.sleep(chosen.uniform(0.01, 0.2))
            postgres_server.execute(cut)

    thread = threading.Thread(target=cutter)
    thread.start()
    acknowledged = [
        receipt.article_id
        for start in range(0, 120, 4)
        for receipt in database.save([make(n) for n in range(start, start + 4)])
    ]
    thread.join()
    assert len(set(acknowledged)) == database.articles.count() == 120
    assert check_invariants(database, acknowledged) == []
    database.close()


@pytest.mark.threats("R11")
@pytest.mark.postgres
def test_a_server_that_crashes_and_comes_back_is_waited_for(
    postgres_server: PostgresServer, new_corpus: Callable[[str], str], make: Make
) -> None:
    database = open_database(new_corpus("postgresql"), patience=60)
    database.save([make(1)])
    postgres_server.stop()
    starter = threading.Timer(0.3, postgres_server.start)
    starter.start()
    assert [r.outcome for r in database.save([make(2)])] == [SaveOutcome.NEW]
    starter.join()
    assert database.articles.count() == 2
    database.close()


@pytest.mark.postgres
def test_placing_waits_for_the_one_who_places(new_corpus: Callable[[str], str], make: Make) -> None:
    url = new_corpus("postgresql")
    first, second = open_database(url), open_database(url)
    done: list[float] = []

    def save() -> None:
        second.save([make(1)])
        done.append(time.monotonic())

    def hold(connection: Connection) -> float:
        lock_placement(connection)
        thread.start()
        time.sleep(0.3)
        assert done == []
        return time.monotonic()

    thread = threading.Thread(target=save)
    released = first.write(hold)
    thread.join()
    assert done[0] >= released
    first.close()
    second.close()
