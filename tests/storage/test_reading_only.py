"""A database that is open for reading only makes nothing, migrates nothing and changes nothing."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from storage import Database, open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import NoDatabase, ReadOnly, SchemaError, StorageError
from storage.migrations import HEAD
from storage.records import Article
from storage.schema import load_revision
from storage.tables.articles import metadata
from tests.storage.migrations.conftest import make_old

__all__ = ["make_old"]  # a fixture

EXTRA_STATEMENTS = (
    "CREATE TABLE extra (n INTEGER)",
    "DROP INDEX ix_article_time",
    "UPDATE meta SET value = ''",
)


def all_rows(database: TransactionalEngine) -> dict[str, list[tuple[object, ...]]]:
    def load(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }

    return database.read(load)


@pytest.mark.threats("R12")
def test_every_change_is_refused(
    corpus_url: str, make: Callable[..., Article], database: Database
) -> None:
    database.save([make(1), make(2)])
    before = all_rows(database)
    with open_database(corpus_url, reading_only=True, patience=5, statement_seconds=5) as opened:
        assert [row.id for row in opened.articles.iter()] == [1, 2]
        assert opened.search("headline")
        with pytest.raises(ReadOnly, match="reading only"):
            opened.save([make(3)])
        with pytest.raises(ReadOnly):
            opened.outlets.declare_ranks({"herald": 3})
        with pytest.raises(ReadOnly):
            opened.recluster()
        for change in (opened.read, opened.outside):
            for table in metadata.sorted_tables:
                with pytest.raises(StorageError):
                    change(lambda connection, of=table: connection.execute(of.delete()))  # type: ignore[misc]
            for statement in EXTRA_STATEMENTS:
                with pytest.raises(StorageError):
                    change(lambda connection, of=statement: connection.execute(text(of)))  # type: ignore[misc]
        with pytest.raises(StorageError), opened.snapshot() as connection:
            connection.execute(text("DELETE FROM article"))
    assert all_rows(database) == before


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(NoDatabase):
        open_database(f"sqlite:///{path}", reading_only=True)
    assert not path.exists()


def test_a_database_without_tables_stays_so(database_url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "nkwire.db") as made:
        made.execute("PRAGMA user_version = 1")
    made.close()
    with pytest.raises(SchemaError, match="has no tables yet"):
        open_database(database_url, reading_only=True, patience=5)
    assert revision(database_url) is None


def test_an_older_database_is_not_migrated(
    database_url: str, make_old: Callable[[str, str], None]
) -> None:
    make_old("0018", "SELECT 1")
    with pytest.raises(SchemaError, match=r"older nkwire \(revision 0018\): `nkwire upgrade`"):
        open_database(database_url, reading_only=True, patience=5)
    assert revision(database_url) == "0018"
    open_database(database_url, patience=5).close()
    open_database(database_url, reading_only=True, patience=5).close()
    assert revision(database_url) == HEAD


def test_a_newer_database_is_named(database_url: str) -> None:
    with open_database(database_url, patience=5) as opened:
        opened.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaError, match="newer nkwire"):
        open_database(database_url, reading_only=True, patience=5)


def revision(url: str) -> str | None:
    engine = TransactionalEngine(make_engine(parse_url(url), create=True), patience=5)
    try:
        return engine.read(load_revision)
    finally:
        engine.close()
