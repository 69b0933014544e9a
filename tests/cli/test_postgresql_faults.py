"""A PostgreSQL database that is down, refuses or is not ours is told in one line."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from storage.export import export
from tests.cli.looking import LOOKING, fill

pytestmark = [pytest.mark.threats("R11"), pytest.mark.postgres]
TEXT = "The tunnel kiln burns powdered anthracite and fires twelve thousand tiles a day. " * 6


class Server(Protocol):
    """What is asked of the server in tests/conftest.py."""

    port: int

    def execute(self, statement: str) -> None: ...

    def new_database(self, template: str = ...) -> str: ...


@pytest.fixture
def filled(postgres_url: str) -> str:
    fill(postgres_url, TEXT)
    return postgres_url


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.options.DATABASE_WAIT_SECONDS", 0.2)


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def tells(said: Any, code: int, words: str) -> bool:
    lines = [line for line in said.err.splitlines() if line.startswith("nkwire: ")]
    return (
        said.code == code and len(lines) == 1 and words in lines[0] and "Traceback" not in said.err
    )


def test_all_looking_commands_work_where_nothing_can_be_written(
    filled: str, nkwire: Callable[..., Any], tmp_path: Path
) -> None:
    execute(
        filled, f"ALTER DATABASE {filled.rsplit('/', 1)[1]} SET default_transaction_read_only = on"
    )
    for line in LOOKING.values():
        if not line.startswith("backup"):
            said = nkwire(*line.format(out=tmp_path).split(), "--database", filled)
            assert (said.code, "Traceback" in said.err) == (0, False), (line, said.err)
    assert tells(nkwire("schedule", "pause", "kcna", "--database", filled), 2, "may only be read")


def test_a_server_that_is_down_is_out_of_reach(nkwire: Callable[..., Any]) -> None:
    for line in ("status", "export -", "schedule pause kcna"):
        said = nkwire(*line.split(), "--database", "postgresql://u@127.0.0.1:1/x")
        assert tells(said, 4, "out of reach")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 50])
def test_another_service_at_the_port_is_told(answer: bytes, nkwire: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(100)
                    client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        port = listener.getsockname()[1]
        said = nkwire("status", "--database", f"postgresql://u@127.0.0.1:{port}/x")
    assert tells(said, 4, "out of reach")


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("postgresql://nkwire@127.0.0.1:{port}/nowhere", 2, "does not exist"),
        ("postgresql://stranger@127.0.0.1:{port}/postgres", 2, "does not exist"),
        ("postgresql://nkwire@127.0.0.1:{port}/postgres?foo=bar", 2, "foo"),
        ("postgresql://nkwire@127.0.0.1:{port}/postgres?connect_timeout=x", 2, "connect_timeout"),
        ("postgresql://nkwire@127.0.0.1:{port}/postgres", 2, "no tables yet"),
        ("postgresql://nkwire@127.0.0.1:99999/postgres", 2, "99999"),
        ("postgresql://nkwire@127.0.0.1:0x/postgres", 2, "database URL"),
    ],
)
def test_a_wrong_address_is_the_users_error(
    url: str, code: int, words: str, postgres_server: Server, nkwire: Callable[..., Any]
) -> None:
    said = nkwire("status", "--database", url.format(port=postgres_server.port))
    assert tells(said, code, words), said.err


def test_a_database_of_another_program_is_not_changed(
    postgres_url: str, nkwire: Callable[..., Any]
) -> None:
    execute(postgres_url, "CREATE TABLE bookmarks (id integer)")
    for line in ("status", "schedule pause kcna"):
        said = nkwire(*line.split(), "--database", postgres_url)
        assert tells(said, 2, "contains other tables (bookmarks")
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == [("bookmarks",)]


@pytest.fixture(params=["SQL_ASCII", "LATIN1"])
def other_encoding(request: pytest.FixtureRequest, postgres_server: Server) -> Iterator[str]:
    name = f"enc_{request.param.lower()}"
    postgres_server.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{request.param}' LOCALE 'C'"
    )
    yield f"postgresql://nkwire@127.0.0.1:{postgres_server.port}/{name}"
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_another_encoding_is_refused(other_encoding: str, nkwire: Callable[..., Any]) -> None:
    for line in ("status", "schedule pause kcna"):
        said = nkwire(*line.split(), "--database", other_encoding)
        assert tells(said, 2, "encoding")
        assert "createdb --encoding=UTF8" in said.err


def test_missing_rights_are_told(
    filled: str, postgres_server: Server, nkwire: Callable[..., Any]
) -> None:
    execute(filled, "DROP ROLE IF EXISTS reader")
    execute(filled, "CREATE ROLE reader LOGIN")
    reader = filled.replace("nkwire@", "reader@")
    try:
        assert tells(nkwire("show", "1", "--database", reader), 2, "permission denied")
        execute(filled, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        assert nkwire("show", "1", "--database", reader).code == 0
        execute(filled, "REVOKE SELECT ON version FROM reader")
        assert tells(nkwire("show", "1", "--database", reader), 2, "permission denied")
        said = nkwire("schedule", "pause", "kcna", "--database", reader)
        assert tells(said, 2, "permission denied")
    finally:
        execute(filled, "DROP OWNED BY reader")
        execute(filled, "DROP ROLE reader")


def test_a_connection_that_breaks_in_the_middle_leaves_no_half_export(
    filled: str, nkwire: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _, name = filled.rpartition("/")
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE pid <> pg_backend_pid() AND datname = '{name}'"
    )
    plain = export.export

    def interrupted(*arguments: Any, **named: Any) -> int:
        execute(f"{server}/postgres", kill)
        return plain(*arguments, **named)

    monkeypatch.setattr(export, "export", interrupted)
    said = nkwire("export", tmp_path / "corpus.jsonl", "--database", filled)
    assert said.code == 0 or tells(said, 4, "out of reach"), said.err
    left = [path.name for path in tmp_path.iterdir() if "corpus" in path.name]
    assert "corpus.jsonl" in left if said.code == 0 else left == []
