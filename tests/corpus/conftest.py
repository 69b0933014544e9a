"""Databases with a few invented articles: Korean, English, Chinese, Japanese, Russian."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol, TypeAlias

import pytest

from storage import Database, open_database
from storage.records import Article, Capture


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    def new_database(self, template: str = ...) -> str: ...

    def drop_database(self, url: str) -> None: ...


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

MakeArticle: TypeAlias = Callable[..., Article]
OpenCorpus: TypeAlias = Callable[..., Database]


@pytest.fixture
def make_article() -> MakeArticle:
    """An article of the first minute of the corpus, `n` minutes later, with what is given."""

    def make(n: int = 0, **fields: object) -> Article:
        at = NOON + timedelta(minutes=n)
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
            "fetched_at": NOON + timedelta(minutes=minutes),
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
