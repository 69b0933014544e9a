"""Databases and invented articles for the storage tests: empty ones are copied, which is quick."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol, TypeAlias
from uuid import uuid4

import pytest

from storage import Database, open_database
from storage.records import Article, Capture
from tests.storage.invented_reports import carriers, make_carrier

__all__ = ["carriers", "make_carrier"]  # fixtures

WORDS = ("harbour", "lantern", "granite", "orchard", "meadow", "copper", "violin", "saddle")
NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
CORPUS_START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    def new_database(self, template: str = ...) -> str: ...

    def drop_database(self, url: str) -> None: ...


Write = Callable[[int], str]
Make = Callable[..., Article]
MakeArticle: TypeAlias = Callable[..., Article]
OpenCorpus: TypeAlias = Callable[..., Database]


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


@pytest.fixture
def make_article() -> MakeArticle:
    """An article of the first minute of the corpus, `n` minutes later, with what is given."""

    def make(n: int = 0, **fields: object) -> Article:
        at = CORPUS_START + timedelta(minutes=n)
        plain: dict[str, object] = {
            "outlet": "kcna",
            "url": f"https://example.org/{n}",
            "title": f"Headline {n}",
            "text": f"Body {n}",
            "language": "en",
            "published_at": at,
            "first_seen_at": at + timedelta(minutes=5),
        }
        return Article(**(plain | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture
def captured() -> Callable[..., Capture]:
    """A capture so many minutes after the first."""

    def make(minutes: int, **fields: object) -> Capture:
        plain: dict[str, object] = {
            "url": "https://example.org/page",
            "fetched_at": CORPUS_START + timedelta(minutes=minutes),
            "status": 200,
        }
        return Capture(**(plain | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def empty_corpus(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """An empty SQLite database with all tables and this seed, to copy."""

    @cache
    def make(seed: int) -> Path:
        path = tmp_path_factory.mktemp("empty") / f"{seed}.db"
        open_database(f"sqlite:///{path}", seed=seed).close()
        return path

    return make


@pytest.fixture
def open_corpus(empty_corpus: Callable[[int], Path]) -> Iterator[OpenCorpus]:
    """Opens databases that are closed when the test is over."""
    opened: list[Database] = []

    def open_(url: str, seed: int = 7) -> Database:
        path = Path(url.removeprefix("sqlite:///"))
        if url.startswith("sqlite") and not path.exists():
            shutil.copy(empty_corpus(seed), path)
        opened.append(open_database(url, seed=seed))
        return opened[-1]

    yield open_
    for database in opened:
        database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def corpus(
    request: pytest.FixtureRequest, tmp_path: Path, open_corpus: OpenCorpus
) -> Iterator[Database]:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        yield open_corpus(f"sqlite:///{tmp_path / 'nkwire.db'}")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database(request.getfixturevalue("empty_postgres"))
    opened = open_corpus(url)
    yield opened
    opened.close()
    server.drop_database(url)


@pytest.fixture
def sqlite_corpus(tmp_path_factory: pytest.TempPathFactory, open_corpus: OpenCorpus) -> Database:
    """An empty SQLite database."""
    return open_corpus(f"sqlite:///{tmp_path_factory.mktemp('corpus') / 'nkwire.db'}")
