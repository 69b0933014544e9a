"""Databases with a few invented articles: Korean, English, Chinese, Japanese, Russian."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest

from storage import Database, open_database
from storage.records import Article, Capture

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


@pytest.fixture
def open_corpus() -> Iterator[OpenCorpus]:
    """Opens databases that are closed when the test is over."""
    opened: list[Database] = []

    def open_(url: str, seed: int = 7) -> Database:
        opened.append(open_database(url, seed=seed))
        return opened[-1]

    yield open_
    for database in opened:
        database.close()


@pytest.fixture
def corpus(database_url: str, open_corpus: OpenCorpus) -> Database:
    """An empty database of each kind in turn."""
    return open_corpus(database_url)


@pytest.fixture
def sqlite_corpus(tmp_path_factory: pytest.TempPathFactory, open_corpus: OpenCorpus) -> Database:
    """An empty SQLite database."""
    return open_corpus(f"sqlite:///{tmp_path_factory.mktemp('corpus') / 'nkwire.db'}")
