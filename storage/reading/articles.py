"""Reads articles, their versions and captures. Long results come as iterators."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Unpack

from sqlalchemy import Connection, bindparam, func, select

from dedup.records import Attribution, Document
from storage.batches import batched
from storage.clean import clean_text
from storage.engine import Facet
from storage.errors import NotFound
from storage.index.sql_index import load_documents
from storage.reading.article_queries import (
    ARTICLES_QUERY,
    article_row,
    filter_conditions,
    select_named,
    version_row,
)
from storage.reading.redirects import found_or_raise, resolve_story
from storage.reading.rows import ArticleFilters, ArticleRow, CaptureRow, QuarantineRow, VersionRow
from storage.tables.articles import article, attribution, capture, quarantine, version
from storage.tables.list_indexes import has_other_name


class Articles(Facet):
    """Queries for articles, their versions, captures and attributions."""

    def count(self, **filters: Unpack[ArticleFilters]) -> int:
        """Returns how many articles pass the filters. Raises NotFound for an unknown story."""
        conditions = filter_conditions(resolve_story(self._database, filters))
        query = select(func.count()).select_from(article).where(*conditions)
        return self._database.read(lambda connection: connection.scalar(query)) or 0

    def iter(self, **filters: Unpack[ArticleFilters]) -> Iterator[ArticleRow]:
        """Iterates over the articles with their current version, in order of id.

        Raises NotFound if the filter `story` names an unknown id.
        """
        conditions = filter_conditions(resolve_story(self._database, filters))
        query = ARTICLES_QUERY.where(*conditions).order_by(article.c.id)
        with self._database.streaming(query) as rows:
            for row in rows:
                yield article_row(row)

    def get(self, article_id: int) -> ArticleRow:
        """Returns one article with its current version. Raises NotFound."""
        query = ARTICLES_QUERY.where(article.c.id == article_id)
        row = self._database.read(lambda connection: connection.execute(query).one_or_none())
        return article_row(found_or_raise(row, "article", article_id))

    def has_language(self, code: str) -> bool:
        """Returns whether any article is in this language."""
        query = select(article.c.id).where(article.c.language == code).limit(1)
        return self._database.read(lambda connection: connection.scalar(query)) is not None

    def languages(self) -> list[str]:
        """Returns the languages of all articles, sorted; "" is left out."""
        return self._database.read(_load_languages)

    def find(self, name: str) -> list[int]:
        """Returns the ids of the articles with this URL, canonical URL, key or external id."""
        return self._database.read(lambda connection: select_named(connection, [name]))

    def exists(self, article_id: int) -> bool:
        """Returns whether an article has this id."""
        query = select(article.c.id).where(article.c.id == article_id)
        return self._database.read(lambda connection: connection.scalar(query)) is not None

    def find_imported(self, external_id: str) -> list[int]:
        """Returns the ids of the articles that were imported with this id."""
        condition = article.c.external_id == clean_text(external_id)
        query = select(article.c.id).where(condition, has_other_name(article.c.external_id))
        return self._database.read(
            lambda connection: list(connection.scalars(query.order_by(article.c.id)))
        )

    def versions(self, article_id: int) -> list[VersionRow]:
        """Returns all versions of an article in order of capture, imported ones first.

        Raises NotFound.
        """
        query = select(version).where(version.c.article_id == article_id)
        query = query.order_by(version.c.captured_at.asc().nulls_first(), version.c.id)

        def work(connection: Connection) -> list[VersionRow]:
            current_query = select(article.c.version_id).where(article.c.id == article_id)
            (current_id,) = found_or_raise(
                connection.execute(current_query).one_or_none(), "article", article_id
            )
            return [version_row(row, current_id) for row in connection.execute(query)]

        return self._database.read(work)

    def captures(self, article_id: int) -> list[CaptureRow]:
        """Returns all captures of an article in order of time."""
        columns = (capture.c[name] for name in CaptureRow.__dataclass_fields__)
        query = select(*columns).where(capture.c.article_id == article_id)
        rows = self._database.read(
            lambda connection: connection.execute(query.order_by(capture.c.fetched_at)).all()
        )
        return [CaptureRow(**row._mapping) for row in rows]

    def attributions(self, article_id: int) -> list[Attribution]:
        """Returns the attributions of an article's current version, in order of the text."""
        columns = (attribution.c[name] for name in Attribution.__dataclass_fields__)
        query = select(*columns).where(attribution.c.article_id == article_id)
        rows = self._database.read(
            lambda connection: connection.execute(query.order_by(attribution.c.id)).all()
        )
        return [Attribution(**row._mapping) for row in rows]

    def document(self, article_id: int) -> Document:
        """Returns the current version of an article as input for deduplication. Raises NotFound."""
        documents = self._database.read(lambda connection: load_documents(connection, [article_id]))
        if article_id not in documents:
            raise NotFound(f"no article has the id {article_id}")
        return documents[article_id]

    def quarantined(self, limit: int = 50) -> list[QuarantineRow]:
        """Returns at most `limit` articles that could not be stored, latest first."""
        columns = (quarantine.c[name] for name in QuarantineRow.__dataclass_fields__)
        query = select(*columns).order_by(quarantine.c.id.desc()).limit(limit)
        return [
            QuarantineRow(**row._mapping)
            for row in self._database.read(lambda connection: connection.execute(query).all())
        ]

    def last_captured(self, outlet: str, identities: Collection[str]) -> dict[str, datetime]:
        """Returns when each stored article was last captured, or first seen if it has no capture.

        `identities` that are not stored are left out of the result.
        """
        captured_at = func.coalesce(article.c.last_captured_at, article.c.first_seen_at)
        query = select(article.c.identity, captured_at).where(article.c.outlet == outlet)

        def work(connection: Connection) -> dict[str, datetime]:
            found: dict[str, datetime] = {}
            for batch in batched(identities):
                rows = connection.execute(query.where(article.c.identity.in_(batch)))
                found.update((identity, at) for identity, at in rows if at)
            return found

        return self._database.read(work)


def _load_languages(connection: Connection) -> list[str]:
    """Looks into the index once for each language, so that it need not be read whole."""
    found: list[str] = []
    while language := connection.scalar(_NEXT_LANGUAGE, {"last": found[-1] if found else ""}):
        found.append(language)
    return sorted(found)


_NEXT_LANGUAGE = select(func.min(article.c.language)).where(article.c.language > bindparam("last"))
