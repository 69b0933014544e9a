"""Searching the texts: the same hits in the same order on SQLite and PostgreSQL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Unpack

from sqlalchemy import Connection, Select, select, text
from sqlalchemy.exc import DBAPIError

from storage.batches import batched
from storage.engine import Connected
from storage.errors import StorageError
from storage.reading.redirects import resolve_story
from storage.reading.rows import Filters
from storage.reading.selects import TIME, conditions
from storage.search import fulltext, query
from storage.search.snippet import Snippet, snippet
from storage.tables.articles import article, version
from storage.tables.columns import AnyRow, among

MOST = 1000
"""Hits of one search; who wants more exports with `words`."""
SECONDS = 30.0
_AT_ONCE = 100
_MOST_AT_ONCE = 10_000
_STEPS = 10_000
_SLOW = "no answer in {:g} s: ask for less common words"


class TooSlow(StorageError):
    """A search took longer than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that was found. `snippet`: the passage of its text, or of its title alone."""

    id: int
    outlet: str
    url: str
    language: str
    title: str
    at: datetime
    story_id: int
    snippet: Snippet


def search(
    database: Connected,
    words: str,
    *,
    collapse: bool = False,
    limit: int = 50,
    seconds: float = SECONDS,
    **filters: Unpack[Filters],
) -> list[Hit]:
    """The articles with these words (see `storage.search.query`), the latest first.

    `collapse`: of each story only its latest hit. At most `limit` and never more than 1,000.
    Raises `query.BadQuery`, and TooSlow after so many `seconds`.
    """
    node = query.parse(words)
    asked = _Asked(node, resolve_story(database, filters))
    wanted = max(0, min(limit, MOST))
    with database.reading() as connection, _hurried(connection, seconds):
        rows = _in_time(_rows(connection, asked, wanted), seconds)
        return [_hit(row, node) for row in islice(_firsts(rows, collapse), wanted)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search: the words, and which articles."""

    node: query.Node
    filters: Filters

    def latest(self, dialect: str, low: int | None, below: int | None) -> Select[int, int]:
        """The statement for what is found in these places."""
        where = conditions(self.filters)
        return fulltext.latest(self.node, dialect, where, low=low, below=below)

    def bounds(self) -> tuple[int | None, int | None]:
        """The places of the days that may be meant."""
        since, until = self.filters.get("since"), self.filters.get("until")
        low = fulltext.place_of(since, 0) if since else None
        return low, fulltext.day_of(fulltext.place_of(until, 0)).stop if until else None


def _rows(connection: Connection, asked: _Asked, wanted: int) -> Iterator[AnyRow]:
    """The articles found, the latest first, as rows with their words."""
    decided = fulltext.is_decided(asked.node, connection.dialect.name)
    for ids in _ids(connection, asked, wanted):
        for some in batched(connection.scalars(_IN_ORDER, {"ids": ids}).all(), _AT_ONCE):
            rows = {row.id: row for row in connection.execute(_ROWS.where(article.c.id.in_(some)))}
            for i in some:
                if decided or holds(asked.node, rows[i]):
                    yield rows[i]


def _ids(connection: Connection, asked: _Asked, wanted: int) -> Iterator[list[int]]:
    """The articles that may be meant, those of whole days at a time, the latest day first.

    At first about as many as are wanted, then more: some may turn out not to do.
    """
    dialect = connection.dialect.name
    low, below = asked.bounds()
    size = min(max(wanted, 1), _AT_ONCE)
    while True:
        found = connection.execute(asked.latest(dialect, low, below).limit(size)).all()
        ids = [row.article_id for row in found]
        if len(found) < size:
            yield ids
            return
        below = fulltext.day_of(found[-1].place).start
        others = asked.latest(dialect, below, found[-1].place)
        yield ids + [row.article_id for row in connection.execute(others)]
        size = min(size * 4, _MOST_AT_ONCE)


def holds(node: query.Node, row: AnyRow) -> bool:
    """Whether a row with `title`, `text` and `lead` is what the query asks for."""
    return query.holds(node, fulltext.words_of(row.title, row.text, row.lead))


def _firsts(rows: Iterator[AnyRow], collapse: bool) -> Iterator[AnyRow]:
    seen: set[int] = set()
    for row in rows:
        if not collapse or row.story_id not in seen:
            seen.add(row.story_id)
            yield row


def _hit(row: AnyRow, node: query.Node) -> Hit:
    return Hit(
        id=row.id,
        outlet=row.outlet,
        url=row.url,
        language=row.language,
        title=row.title,
        at=row.published_at or row.first_seen_at,
        story_id=row.story_id,
        snippet=snippet(row.text or row.lead, node),
    )


def _in_time(rows: Iterator[AnyRow], seconds: float) -> Iterator[AnyRow]:
    deadline = time.monotonic() + seconds
    for row in rows:
        if time.monotonic() > deadline:
            raise TooSlow(_SLOW.format(seconds))
        yield row


@contextmanager
def _hurried(connection: Connection, seconds: float) -> Iterator[None]:
    """Let no statement run for longer. Raises TooSlow."""
    raw: Any = connection.connection.dbapi_connection
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        deadline = time.monotonic() + seconds
        raw.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    else:
        connection.execute(text(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}"))
    try:
        yield
    except DBAPIError as error:
        if "interrupted" in str(error.orig) or getattr(error.orig, "sqlstate", "") == "57014":
            raise TooSlow(_SLOW.format(seconds)) from error
        raise
    finally:
        if is_sqlite:
            raw.set_progress_handler(None, 0)


_IN_ORDER = (
    select(article.c.id)
    .where(among(article.c.id, "ids"))
    .order_by(TIME.desc(), article.c.id.desc())
)
_ROWS: Select[Any] = select(
    *(article.c[name] for name in ("id", "outlet", "url", "language", "story_id")),
    *(article.c[name] for name in ("published_at", "first_seen_at")),
    *(version.c[name] for name in ("title", "text", "lead")),
).join_from(article, version, version.c.id == article.c.version_id)
