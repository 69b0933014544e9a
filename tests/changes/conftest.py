"""Databases of both kinds with all tables: copied, since making the tables takes a while."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from storage import Database, open_database


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    def new_database(self, template: str = ...) -> str: ...

    def drop_database(self, url: str) -> None: ...


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open database of each kind in turn, without articles."""
    if request.param == "sqlite":
        empty = request.getfixturevalue("empty_sqlite")
        opened = open_database(f"sqlite:///{shutil.copy(empty, tmp_path / 'nkwire.db')}")
        yield opened
        opened.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database(request.getfixturevalue("empty_postgres"))
    opened = open_database(url, patience=30)
    yield opened
    opened.close()
    server.drop_database(url)
