import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import BadUrl, NoDatabase, SchemaError, StorageError
from storage.migrations import HEAD
from storage.schema import alembic_config, load_revision, upgrade
from storage.tables.articles import metadata

ROOT = Path(__file__).parents[2]


def connect(url: str) -> TransactionalEngine:
    return TransactionalEngine(make_engine(parse_url(url), create=True), patience=20)


def migrate(connected: TransactionalEngine, target: str) -> None:
    def work(connection: object) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, target)

    connected.write(work)


def test_the_code_names_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


# Indexes on expressions cannot be compared; tests/storage/browsing shows that they are used.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_the_migrated_tables_are_those_of_the_models(database_url: str) -> None:
    connected = connect(database_url)
    upgrade(connected)

    def ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
        if kind == "index" and str(name).startswith("ix_article_") and str(name).endswith("time"):
            return False
        # The full-text index differs from database to database, so it is no model.
        table = name if kind == "table" else getattr(thing, "table").name  # noqa: B009
        return not str(table).startswith("search")

    with connected.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []
    connected.close()


def test_the_inverted_indexes_of_sqlite_have_no_row_ids(tmp_path: Path) -> None:
    connected = connect(f"sqlite:///{tmp_path / 'nkwire.db'}")
    upgrade(connected)
    asked = text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")
    assert {"band", "fingerprint"} <= connected.read(lambda c: set(c.scalars(asked)))
    connected.close()


def test_a_downgrade_is_refused_with_the_way_back(tmp_path: Path) -> None:
    environment = {**os.environ, "NKWIRE_DATABASE_URL": f"sqlite:///{tmp_path / 'nkwire.db'}"}
    asked = [sys.executable, "-m", "alembic", "downgrade", "base"]
    answer = subprocess.run(
        asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode != 0
    assert "downgrades are not supported: restore a backup" in answer.stdout + answer.stderr
    assert not (tmp_path / "nkwire.db").exists()


@pytest.mark.threats("R18")
def test_a_database_of_the_first_revision_is_brought_up_to_date(database_url: str) -> None:
    connected = connect(database_url)
    migrate(connected, "0001")
    assert connected.read(load_revision) == "0001"
    connected.close()
    database = open_database(database_url)
    assert database.read(load_revision) == HEAD
    database.close()


def _open(url: str) -> str:
    database = open_database(url)
    name = database.scheme.name
    database.close()
    return name


def test_processes_that_start_at_once_make_one_database(database_url: str) -> None:
    with multiprocessing.get_context("forkserver").Pool(3) as pool:
        names = pool.map(_open, [database_url] * 3)
    assert len(set(names)) == 1


def test_the_tables_of_a_newer_version_are_left_alone(database_url: str) -> None:
    open_database(database_url).close()
    connected = connect(database_url)
    connected.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    connected.close()
    with pytest.raises(SchemaError, match=r"newer nkwire \(revision 9999\)"):
        open_database(database_url)


def test_a_database_of_something_else_is_left_alone(database_url: str) -> None:
    connected = connect(database_url)
    connected.write(lambda c: c.execute(text("CREATE TABLE invoice (id INTEGER)")))
    connected.close()
    with pytest.raises(SchemaError, match="other tables"):
        open_database(database_url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nkwire.db"
    path.write_bytes(b"these are the minutes of a meeting" * 200)
    with pytest.raises(StorageError, match="not a SQLite database"):
        open_database(f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nkwire.db", "not a database URL"),
        ("mysql://localhost/x", "not a database URL|not supported"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("nosuch://x", "not a database URL"),
        ("postgresql+asyncpg://localhost/x", "the driver asyncpg is not supported: leave it out"),
        ("postgresql+psycopg2://localhost/x", "the driver psycopg2 is not supported"),
        ("sqlite+aiosqlite:///x.db", "the driver aiosqlite is not supported"),
    ],
)
def test_a_url_that_cannot_be_used_is_named(url: str, message: str) -> None:
    with pytest.raises(BadUrl, match=message):
        open_database(url)


def test_a_missing_database_is_not_made_by_those_who_only_look(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "nkwire.db"
    with pytest.raises(NoDatabase, match="no database at"):
        open_database(f"sqlite:///{path}", create=False)
    assert not path.parent.exists()


@pytest.mark.postgres
def test_a_wrong_postgresql_address_is_an_error_and_not_a_wait(postgres_url: str) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        open_database(postgres_url + "x")


def test_the_migrations_run_from_any_folder(tmp_path: Path) -> None:
    code = "from storage import open_database; open_database('sqlite:///here.db').close()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "here.db").exists()
