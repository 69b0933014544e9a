"""Reads articles, their versions and captures. Long results come as iterators."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import Unpack

from sqlalchemy import Connection, func, select

from dedup.records import Attribution, Document
from storage.engine import Facet
from storage.errors import NotFound
from storage.index.sql_index import load_documents
from storage.reading.article_queries import (
    ARTICLES_QUERY,
    article_row,
    filter_conditions,
    version_row,
)
from storage.reading.redirects import found_or_raise, resolve_story
from storage.reading.rows import ArticleFilters, ArticleRow, CaptureRow, QuarantineRow, VersionRow
from storage.tables.articles import article, attribution, capture, quarantine, version

_AT_ONCE = 500


class Articles(Facet):
    """Queries for articles, their versions, captures and attributions."""

    def count(self, **filters: Unpack[ArticleFilters]) -> int:
        """Returns how many articles pass the filters. Raises NotFound for an unknown story."""
        where = filter_conditions(resolve_story(self._database, filters))
        asked = select(func.count()).select_from(article).where(*where)
        return self._database.read(lambda connection: connection.scalar(asked)) or 0

    def iter(self, **filters: Unpack[ArticleFilters]) -> Iterator[ArticleRow]:
        """Iterates over the articles with their current version, in order of id.

        Raises NotFound if the filter `story` names an unknown id.
        """
        where = filter_conditions(resolve_story(self._database, filters))
        asked = ARTICLES_QUERY.where(*where).order_by(article.c.id)
        with self._database.streaming(asked) as rows:
            for row in rows:
                yield article_row(row)

    def get(self, article_id: int) -> ArticleRow:
        """Returns one article with its current version. Raises NotFound."""
        asked = ARTICLES_QUERY.where(article.c.id == article_id)
        row = self._database.read(lambda connection: connection.execute(asked).one_or_none())
        return article_row(found_or_raise(row, "article", article_id))

    def find(self, name: str) -> list[int]:
        """Returns the ids of the articles with this URL, canonical URL, key or external id."""
        named = (article.c.url == name) | (article.c.canonical_url == name)
        named |= (article.c.key == name) | (article.c.external_id == name)
        asked = select(article.c.id).where(named).order_by(article.c.id)
        return self._database.read(lambda connection: list(connection.scalars(asked)))

    def versions(self, article_id: int) -> list[VersionRow]:
        """Returns all versions of an article in order of capture, imported ones first.

        Raises NotFound.
        """
        asked = select(version).where(version.c.article_id == article_id)
        asked = asked.order_by(version.c.captured_at.asc().nulls_first(), version.c.id)

        def work(connection: Connection) -> list[VersionRow]:
            whose = select(article.c.version_id).where(article.c.id == article_id)
            current = found_or_raise(connection.execute(whose).one_or_none(), "article", article_id)
            return [version_row(row, current.version_id) for row in connection.execute(asked)]

        return self._database.read(work)

    def captures(self, article_id: int) -> list[CaptureRow]:
        """Returns all captures of an article in order of time."""
        columns = (capture.c[name] for name in CaptureRow.__dataclass_fields__)
        asked = select(*columns).where(capture.c.article_id == article_id)
        rows = self._database.read(lambda c: c.execute(asked.order_by(capture.c.fetched_at)).all())
        return [CaptureRow(**row._mapping) for row in rows]

    def attributions(self, article_id: int) -> list[Attribution]:
        """Returns the attributions of an article's current version, in order of the text."""
        columns = (attribution.c[name] for name in Attribution.__dataclass_fields__)
        asked = select(*columns).where(attribution.c.article_id == article_id)
        rows = self._database.read(lambda c: c.execute(asked.order_by(attribution.c.id)).all())
        return [Attribution(**row._mapping) for row in rows]

    def document(self, article_id: int) -> Document:
        """Returns the current version of an article as input for deduplication. Raises NotFound."""
        found = self._database.read(lambda connection: load_documents(connection, [article_id]))
        if article_id not in found:
            raise NotFound(f"no article has the id {article_id}")
        return found[article_id]

    def quarantined(self, limit: int = 50) -> list[QuarantineRow]:
        """Returns at most `limit` articles that could not be stored, latest first."""
        columns = (quarantine.c[name] for name in QuarantineRow.__dataclass_fields__)
        asked = select(*columns).order_by(quarantine.c.id.desc()).limit(limit)
        return [
            QuarantineRow(**r._mapping)
            for r in self._database.read(lambda c: c.execute(asked).all())
        ]

    def last_captured(self, outlet: str, identities: Collection[str]) -> dict[str, datetime]:
        """Returns when each stored article was last captured, or first seen if it has no capture.

        `identities` that are not stored are left out of the result.
        """
        seen = func.coalesce(article.c.last_captured_at, article.c.first_seen_at)
        asked = select(article.c.identity, seen).where(article.c.outlet == outlet)

        def work(connection: Connection) -> dict[str, datetime]:
            found: dict[str, datetime] = {}
            waiting = iter(identities)
            while some := list(islice(waiting, _AT_ONCE)):
                rows = connection.execute(asked.where(article.c.identity.in_(some)))
                found.update(rows.all())
            return found

        return self._database.read(work)
