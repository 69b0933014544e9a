"""What a visitor is told while the database is not as it should be, and that this passes."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dedup.records import DecisionVerb
from storage import open_database
from storage.errors import StorageError
from storage.migrations import HEAD
from tests.conftest import PostgresServer
from tests.web import corpus
from tests.web.conftest import Answer, Site, serving
from web.corpus import RETRY_SECONDS, Corpus
from web.options import WebOptions

ARTICLES = f"{len(corpus.articles())} articles"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nkwire.db"


@pytest.fixture
def site(path: Path) -> Iterator[Site]:
    with serving(WebOptions(database_url=f"sqlite:///{path}", port=0)) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_unexpected_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record for record in caplog.records if record.exc_info] == []


def once_ready(site: Site) -> Answer:
    """The answer once what went wrong is not told from memory any more."""
    deadline = time.monotonic() + 5 * RETRY_SECONDS
    while True:
        answer = site.get("/about")
        if answer.status == 200 or time.monotonic() > deadline:
            return answer
        time.sleep(RETRY_SECONDS / 4)


def assert_out_of_reach(site: Site, words: str) -> None:
    for address in ("/about", "/about.json"):
        answer = site.get(address)
        assert answer.status == 503
        assert answer.headers["retry-after"] == "10"
        assert answer.headers["cache-control"] == "no-store"
        assert words in answer.text.replace("&#39;", "'").replace("&lt;", "<")
        assert "Traceback" not in answer.text


def assert_alive(site: Site) -> None:
    answer = once_ready(site)
    assert answer.status == 200, answer.text
    assert ARTICLES in answer.text


def set_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        yield


def test_a_missing_file_is_told_and_shown_once_it_is_there(
    site: Site, path: Path, filled_sqlite: Path
) -> None:
    assert_out_of_reach(site, f"no database at {path}")
    assert not path.exists()
    shutil.copy(filled_sqlite, path)
    assert_alive(site)


def test_strangers_are_not_told_where_the_database_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "nkwire.db"
    with serving(WebOptions(database_url=f"sqlite:///{path}", port=0, public=True)) as site:
        for address in ("/", "/reports.json", "/health"):
            answer = site.get(address)
            assert answer.status == 503
            assert "The database cannot be read now." in answer.text
            assert str(tmp_path) not in answer.text
    assert f"no database at {path}" in caplog.text


@pytest.mark.parametrize("content", [b"", b"not a database\n" * 400])
def test_a_file_that_is_no_database_is_told(
    site: Site, path: Path, filled_sqlite: Path, content: bytes
) -> None:
    path.write_bytes(content)
    assert_out_of_reach(site, "is not a SQLite database" if content else "is empty")
    assert path.read_bytes() == content
    path.unlink()
    shutil.copy(filled_sqlite, path)
    assert_alive(site)


def test_half_of_a_file_is_told_as_damaged_and_the_whole_one_is_shown(
    site: Site, path: Path, filled_sqlite: Path
) -> None:
    shutil.copy(filled_sqlite, path)
    assert_alive(site)
    part = path.with_suffix(".part")
    part.write_bytes(filled_sqlite.read_bytes()[: 40 * 4096])
    part.replace(path)
    assert_out_of_reach(site, "damaged")
    shutil.copy(filled_sqlite, part)
    part.replace(path)
    assert_alive(site)


def test_other_tables_are_told_and_left_alone(site: Site, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE shopping (what TEXT)")
    before = path.read_bytes()
    assert_out_of_reach(site, "the database contains other tables (shopping ...)")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("revision", "words"),
    [("0001", "`nkwire upgrade` brings it up to date"), ("9999", "of a newer nkwire")],
)
def test_tables_of_another_version_are_told_also_while_it_runs(
    site: Site, path: Path, filled_sqlite: Path, revision: str, words: str
) -> None:
    shutil.copy(filled_sqlite, path)
    assert_alive(site)
    set_revision(path, revision)
    assert_out_of_reach(site, words)
    set_revision(path, HEAD)
    assert_alive(site)


def test_a_replaced_file_is_shown(
    site: Site, path: Path, empty_sqlite: Path, filled_sqlite: Path
) -> None:
    shutil.copy(empty_sqlite, path)
    assert "0 articles" in once_ready(site).text
    etag = site.get("/about").headers["etag"]
    other = path.with_suffix(".other")
    shutil.copy(filled_sqlite, other)
    other.replace(path)
    assert_alive(site)
    assert site.get("/about", {"If-None-Match": etag}).status == 200


def test_a_file_that_another_holds_is_told_soon(
    site: Site, path: Path, filled_sqlite: Path
) -> None:
    shutil.copy(filled_sqlite, path)
    with locked(path):
        began = time.monotonic()
        assert_out_of_reach(site, "busy or out of reach")
        assert time.monotonic() - began < 8
    assert_alive(site)


def test_a_folder_in_place_of_the_file_is_told(site: Site, path: Path) -> None:
    path.mkdir()
    assert_out_of_reach(site, "is a folder")


def test_what_a_web_process_opens_refuses_every_change(path: Path, filled_sqlite: Path) -> None:
    shutil.copy(filled_sqlite, path)
    opened = Corpus(f"sqlite:///{path}")
    try:
        database = opened.open()
        with pytest.raises(StorageError):
            database.decisions.add(1, 2, DecisionVerb.CANNOT_LINK)
        with pytest.raises(StorageError):
            database.outlets.declare_ranks({"kcna": 9})
        with database.engine.connect() as connection, pytest.raises(DBAPIError, match="readonly"):
            connection.execute(text("DELETE FROM article"))
    finally:
        opened.close()
    with open_database(f"sqlite:///{path}") as written:
        assert written.articles.count() == len(corpus.articles())


@pytest.mark.postgres
def test_a_server_that_is_down_is_told_and_used_again(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.new_database()
    with serving(WebOptions(database_url=url, port=0)) as site:
        assert_out_of_reach(site, "no tables yet")
        with open_database(url, seed=1) as database:
            corpus.fill(database)
        assert_alive(site)
        postgres_server.stop()
        try:
            assert_out_of_reach(site, "busy or out of reach")
        finally:
            postgres_server.start()
        assert_alive(site)


def test_an_address_where_nobody_answers_is_told() -> None:
    with serving(WebOptions(database_url="postgresql://nkwire@127.0.0.1:1/x", port=0)) as site:
        assert_out_of_reach(site, "busy or out of reach")


def test_many_visitors_do_not_wait_for_one_another() -> None:
    with serving(WebOptions(database_url="postgresql://nkwire@127.0.0.1:1/x", port=0)) as site:
        began = time.monotonic()
        assert [site.get("/about").status for _ in range(6)] == [503] * 6
        assert time.monotonic() - began < 12
