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

from storage import fulltext, query
from storage.batches import batched
from storage.columns import AnyRow
from storage.errors import StorageError
from storage.models import article, version
from storage.reading import Reading
from storage.rows import Filters
from storage.selects import TIME, conditions
from storage.snippet import Snippet, snippet

MOST = 1000
"""Hits of one search; who wants more exports with `words`."""
SECONDS = 30.0
_AT_ONCE = 100
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


class Searching(Reading):
    """The part of the database that is searched."""

    def search(
        self,
        words: str,
        *,
        collapse: bool = False,
        limit: int = 50,
        seconds: float = SECONDS,
        **filters: Unpack[Filters],
    ) -> list[Hit]:
        """The articles with these words (see `storage.query`), the latest first.

        `collapse`: of each story only its latest hit. At most `limit` and never more than 1,000.
        Raises `query.BadQuery`, and TooSlow after so many `seconds`.
        """
        node = query.parse(words)
        where = conditions(self._resolved(filters))
        wanted = max(0, min(limit, MOST))
        with self.reading() as connection, _hurried(connection, seconds):
            rows = _in_time(_rows(connection, node, where), seconds)
            return [_hit(row, node) for row in islice(_firsts(rows, collapse), wanted)]


def _rows(connection: Connection, node: query.Node, where: list[Any]) -> Iterator[AnyRow]:
    """The articles found, in order, as rows with their words."""
    dialect = connection.dialect.name
    decided = fulltext.is_decided(node, dialect)
    found = select(article.c.id).where(fulltext.matching(node, dialect), *where)
    ids = connection.scalars(found.order_by(TIME.desc(), article.c.id.desc())).all()
    for some in batched(ids, _AT_ONCE):
        rows = {row.id: row for row in connection.execute(_ROWS.where(article.c.id.in_(some)))}
        for i in some:
            if decided or holds(node, rows[i]):
                yield rows[i]


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


_ROWS: Select[Any] = select(
    *(article.c[name] for name in ("id", "outlet", "url", "language", "story_id")),
    *(article.c[name] for name in ("published_at", "first_seen_at")),
    *(version.c[name] for name in ("title", "text", "lead")),
).join_from(article, version, version.c.id == article.c.version_id)
