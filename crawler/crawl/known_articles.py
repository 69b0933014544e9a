"""What the database knows about an outlet's articles, asked for while a run goes on."""

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from storage.changes.url_shape import field_witness_key, url_shape
from storage.changes.version_details import WITNESSED_FIELDS
from storage.records import Article

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.outlet import Outlet
    from storage import Database
    from storage.changes.rows import DueArticle
    from storage.records import CaptureOutcome


class KnownArticles:
    """Reads the known articles of one outlet in threads. Without a database none is known."""

    def __init__(self, outlet: "type[Outlet]", database: "Database | None" = None) -> None:
        self._outlet = outlet
        self._database = database
        # URL shapes at which articles answered, and keys of the fields that these articles had.
        self.answering_marks: set[str] = set()

    async def last_captured(self, identities: Collection[str]) -> "dict[str, datetime]":
        """Returns, by identity, when each of the articles that are stored was last captured."""
        if self._database is None or not identities:
            return {}
        return await asyncio.to_thread(
            self._database.articles.last_captured, self._outlet.name, identities
        )

    async def visits(
        self, identities: Collection[str]
    ) -> "dict[str, tuple[datetime, CaptureOutcome]]":
        """Returns the addresses that were fetched before and gave no article.

        By identity: when that was, and the outcome.
        """
        if self._database is None or not identities:
            return {}
        return await asyncio.to_thread(self._database.visits.find, self._outlet.name, identities)

    async def due(self, now: "datetime", limit: int) -> "list[DueArticle]":
        """Returns at most `limit` articles to revisit."""
        if self._database is None:
            return []
        return await asyncio.to_thread(
            self._database.revisits.due,
            self._outlet.name,
            now,
            limit,
            validators=self._outlet.page_validators,
        )

    async def sibling(self, due: "DueArticle", now: "datetime") -> "DueArticle | None":
        """Returns a known article like `due`; None if there is none.

        It shows whether the outlet still prints what `due` lacks now.
        """
        if self._database is None:
            return None
        return await asyncio.to_thread(self._database.revisits.sibling, self._outlet.name, due, now)

    async def witnesses(self, asked: Collection[str], limit: int) -> "list[DueArticle]":
        """Returns at most `limit` articles that could be read lately, the latest first.

        `asked`: identities to leave out.
        """
        if self._database is None or limit <= 0:
            return []
        return await asyncio.to_thread(
            self._database.revisits.witnesses, self._outlet.name, asked, limit
        )

    def mark_answering(self, article: Article) -> None:
        """Records that an article at a URL of this shape answered, and which fields it had."""
        self.answering_marks.add(url_shape(article.url))
        for name in WITNESSED_FIELDS:
            if getattr(article, name):
                self.answering_marks.add(field_witness_key(article.url, name))
