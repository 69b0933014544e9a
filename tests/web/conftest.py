"""A web process on loopback with an invented corpus, and a client that sends what it is told to."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from storage import open_database
from tests.web import corpus
from web import server
from web.options import DeclaredOutlet, WebOptions

DECLARED = {
    name: DeclaredOutlet(
        name=name,
        title=name.title(),
        languages=("en",),
        rights={"seoul-ilbo": "lead", "haebang": "none"}.get(name, "full"),
        agency_rank=rank,
    )
    for name, rank in corpus.RANKS.items()
}


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running web process. `Host` is right unless the headers say otherwise."""

    port: int
    options: WebOptions
    base: str = field(init=False, default="")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", path, headers)

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(
                answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
            )
        finally:
            connection.close()


@contextmanager
def serving(options: WebOptions) -> Iterator[Site]:
    """Serves with these options on a free port until the block ends."""
    with server.serving(options) as port:
        yield Site(port, options)


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Path:
    """A database file with the invented corpus. Tests that write copy it."""
    path = tmp_path_factory.mktemp("web") / "nkwire.db"
    shutil.copy(empty_sqlite, path)
    with open_database(f"sqlite:///{path}", seed=1) as database:
        corpus.fill(database)
    return path


@pytest.fixture(scope="session")
def site(filled_sqlite: Path) -> Iterator[Site]:
    """A web process on the invented corpus, for tests that only read."""
    options = WebOptions(database_url=f"sqlite:///{filled_sqlite}", port=0, outlets=DECLARED)
    with serving(options) as running:
        yield running


@pytest.fixture
def ids(filled_sqlite: Path) -> Callable[[str], int]:
    """The id of the article with a key of `tests.web.corpus`."""
    with open_database(f"sqlite:///{filled_sqlite}") as database:
        found = {key: database.articles.find(key)[0] for key in corpus.article_keys()}
    return found.__getitem__
