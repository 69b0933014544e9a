"""Databases and invented articles for the storage tests."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from storage import Database, open_database
from storage.records import Article, Capture

WORDS = ("harbour", "lantern", "granite", "orchard", "meadow", "copper", "violin", "saddle")
NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    def new_database(self, template: str = ...) -> str: ...

    def drop_database(self, url: str) -> None: ...


Write = Callable[[int], str]
Make = Callable[..., Article]


@pytest.fixture(scope="session")
def sqlite_template(empty_sqlite: Path) -> Path:
    """An empty database with all tables, to copy."""
    return empty_sqlite


@pytest.fixture
def new_corpus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes the URL of a new database of the kind asked for, with all tables and no articles."""
    made: list[str] = []

    def maker(kind: str) -> str:
        if kind == "sqlite":
            template = request.getfixturevalue("sqlite_template")
            return f"sqlite:///{shutil.copy(template, tmp_path / f'{uuid4().hex}.db')}"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        made.append(server.new_database(request.getfixturevalue("empty_postgres")))
        return made[-1]

    yield maker
    for url in made:
        request.getfixturevalue("postgres_server").drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def corpus_url(request: pytest.FixtureRequest, new_corpus: Callable[[str], str]) -> str:
    """The URL of a database of each kind in turn, with all tables and no articles."""
    return new_corpus(request.param)


@pytest.fixture
def database(corpus_url: str) -> Iterator[Database]:
    """An open database of each kind in turn, without articles."""
    opened = open_database(corpus_url, patience=30)
    yield opened
    opened.close()


@pytest.fixture
def write() -> Write:
    """An invented text of 120 words for each number: any two share next to nothing."""

    def writer(number: int) -> str:
        chosen = random.Random(number)
        words = [f"{chosen.choice(WORDS)}{chosen.randrange(100)}" for _ in range(120)]
        return " ".join(words).capitalize() + "."

    return writer


@pytest.fixture
def make(write: Write) -> Make:
    """An article by number; `at`: hours after noon at which its page was fetched, None: imported."""

    def maker(number: int, *, at: float | None = None, **fields: object) -> Article:
        url = str(fields.pop("url", f"https://outlet.test/{number}"))
        fetched = None if at is None else NOON + timedelta(hours=at)
        given: dict[str, object] = {
            "outlet": "herald",
            "title": f"Headline {number}",
            "text": write(number),
            "language": "en",
            "capture": fetched and Capture(url, fetched, 200),
        }
        return Article(url=url, **given | fields)  # type: ignore[arg-type]

    return maker


@pytest.fixture
def hour() -> Callable[[float], datetime]:
    """The instant so many hours after noon."""
    return lambda hours: NOON + timedelta(hours=hours)
