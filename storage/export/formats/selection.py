"""Which rows go out: the filters, one consistent view of the database, streams of rows.

All rows of one export are of one moment, also while a crawl goes on.
"""

import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, Select, func, select

from storage.batches import batched
from storage.database import Database
from storage.errors import NotFound, StorageError
from storage.export.formats.columns import ARTICLE, RELATION
from storage.export.sketch import sketch
from storage.reading.rows import Filters
from storage.reading.selects import ARTICLES, STORIES, TIME, conditions, story_row
from storage.reports.reports import Reports, load_reports
from storage.search import fulltext, query
from storage.tables.articles import article, is_article, relation, version
from storage.tables.columns import AnyRow, among

if TYPE_CHECKING:
    from datetime import datetime

Text = Literal["full", "lead", "none"]
Status = Literal["whole", "stub", "live", "gone", "edited"]

LEVELS: tuple[Text, ...] = ("none", "lead", "full")
STATUSES: tuple[Status, ...] = ("whole", "stub", "live", "gone", "edited")
_LEAD_CHARACTERS = 500
_RIGHTS = re.compile(r"(?:none|lead|full)\b")
_AT_ONCE = 500


class Wanted(Filters, total=False):
    """Which articles go out; all given ones must hold.

    `status`: whole, stub, live, gone (its page was found taken away), edited (several wordings).
    `report`: the story of the agency that they carry. `words`: as for a search.
    """

    status: str | None
    report: int | None
    words: str | None


@dataclass(frozen=True)
class Selection:
    """The rows of one export, read in one transaction. Made by `selected`."""

    connection: Connection
    where: tuple[ColumnElement[bool], ...]
    reports: Reports
    text: Text
    node: query.Node | None

    def count(self) -> int:
        """How many articles pass the filters; for some searches on PostgreSQL at most so many."""
        asked = select(func.count()).select_from(article).where(*self.where)
        return self.connection.scalar(asked) or 0

    def articles(self, *, by_outlet: bool = False) -> Iterator[dict[str, Any]]:
        """The articles in order of id, or of outlet and time."""
        rows = self._by_outlet() if by_outlet else self._stream(_ALL.order_by(article.c.id))
        return (self._article(row) for row in rows if self._holds(row))

    def stories(self) -> Iterator[dict[str, Any]]:
        """The stories of which one article passes, in order of id."""
        asked = STORIES
        if self.where:
            asked = asked.where(article.c.story_id.in_(self._story_ids()))
        asked = asked.order_by(article.c.story_id, article.c.id)
        rows = self.connection.execution_options(yield_per=_AT_ONCE).execute(asked)
        for _, members in groupby(rows, key=lambda row: row.story_id):
            yield self._story(list(members))

    def relations(self) -> Iterator[dict[str, Any]]:
        """The relations of which both ends pass."""
        asked = select(relation).order_by(relation.c.a, relation.c.b)
        if self.where:
            ids = select(article.c.id).where(*self.where)
            asked = asked.where(relation.c.a.in_(ids), relation.c.b.in_(ids))
        rows = self.connection.execution_options(yield_per=_AT_ONCE).execute(asked)
        return ({c.name: row._mapping[c.name] for c in RELATION} for row in rows)

    def _stream(self, asked: Select[Any]) -> Iterator[AnyRow]:
        options = self.connection.execution_options(yield_per=_AT_ONCE)
        return iter(options.execute(asked.where(*self.where)))

    def _by_outlet(self) -> Iterator[AnyRow]:
        # The ids are sorted alone: a database that sorts whole texts needs room for all of them.
        asked = select(article.c.id).where(*self.where)
        order = asked.order_by(article.c.outlet, TIME, article.c.id)
        ids = array("q", self.connection.execution_options(yield_per=10_000).scalars(order))
        for some in batched(ids, _AT_ONCE):
            found = self.connection.execute(_ALL.where(among(article.c.id, "ids")), {"ids": some})
            rows = {row.id: row for row in found}
            yield from (rows[i] for i in some)

    def _story_ids(self) -> Any:
        if self.node is None or fulltext.is_decided(self.node, self.connection.dialect.name):
            return select(article.c.story_id).where(*self.where)
        words = select(article.c.story_id, version.c.title, version.c.text, version.c.lead)
        words = words.join_from(article, version, version.c.id == article.c.version_id)
        return {row.story_id for row in self._stream(words) if self._holds(row)}

    def _holds(self, row: AnyRow) -> bool:
        if self.node is None or fulltext.is_decided(self.node, self.connection.dialect.name):
            return True
        return query.holds(self.node, fulltext.words_of(row.title, row.text, row.lead))

    def _article(self, row: AnyRow) -> dict[str, Any]:
        # In the order of the columns from the start: to put a row in order costs as much as to make it.
        found = dict(zip(ARTICLE_COLUMNS, _IN_ORDER(row), strict=True))
        words, lead = allowed_words(row.text, row.lead, row.rights, self.text)
        withheld = row.text and not words
        found["text"] = words
        found["lead_text"] = lead
        found["authors"] = row.authors or []
        found["tags"] = row.tags or []
        found["captions"] = (row.captions or []) if words or not row.text else []
        found["report"] = self.reports.of_article.get(row.id)
        found["relation"] = row.relation or None
        found["lead"] = bool(row.is_lead)
        found["characters"] = len(row.text)
        found["sketch"] = sketch(row.text) if withheld else ""
        return found

    def _story(self, rows: list[AnyRow]) -> dict[str, Any]:
        return story_dict(story_row(rows), self.text, self.reports.of_article.get(rows[0].id))


@contextmanager
def selected(
    database: Database, *, text: Text = "full", reports: bool = True, **wanted: Any
) -> Iterator[Selection]:
    """The rows that pass `Wanted`, as of now. Raises BadQuery, NotFound, StorageError.

    `reports`: find out which report each article carries (2 ms for each that may carry one).
    """
    if text not in LEVELS:
        raise StorageError(f"no such amount of text: {text}; there are {', '.join(LEVELS)}")
    filters = cast("Wanted", wanted)
    words = filters.get("words")
    node = query.parse(words) if words else None
    plain = {f: filters.get(f) for f in Filters.__annotations__ if filters.get(f) is not None}
    if plain.get("story"):
        plain["story"] = database.stories.current_id(int(str(plain["story"])))
    with database.snapshot() as connection:
        held = load_reports(connection) if reports else Reports()
        where = [*conditions(cast("Filters", plain)), *_status(filters.get("status"))]
        if node is not None:
            where.append(fulltext.matching(node, connection.dialect.name))
        if (report := filters.get("report")) is not None:
            where.append(_carries(held, report))
        yield Selection(connection, tuple(where), held, text, node)


def story_dict(row: Any, text: Text = "full", report: int | None = None) -> dict[str, Any]:
    """A `StoryRow` as a row of the export of stories; the words are the lead document's."""
    words, lead = allowed_words(row.text, row.lead_text, row.rights, text)
    return {
        "story": row.id,
        "lead": row.lead.id,
        "outlet": row.lead.outlet,
        "url": row.lead.url,
        "title": row.title,
        "text": words,
        "lead_text": lead,
        "language": row.lead.language,
        "published_at": row.published_at,
        "first_seen_at": row.first_seen_at,
        "size": len(row.members),
        "outlets": list(row.outlets),
        "members": [member.id for member in row.members],
        "urls": [member.url for member in row.members],
        "external_ids": [member.external_id for member in row.members],
        "report": report,
    }


def allowed_words(text: str, lead: str, rights: str, wanted: Text) -> tuple[str, str]:
    """Text and lead paragraph, as far as both the wish and the outlet's rights go."""
    stated = _RIGHTS.match(rights)
    allowed = cast("Text", stated[0]) if stated else "full"
    level = min(wanted, allowed, key=LEVELS.index)
    if level == "full":
        return text, lead
    if level == "none":
        return "", ""
    return "", lead or text.split("\n", 1)[0][:_LEAD_CHARACTERS]


def month_of(row: dict[str, Any]) -> str:
    """The month, UTC, that an article is of: 2026-03."""
    at: datetime = row["published_at"] or row["first_seen_at"]
    return f"{at:%Y-%m}"


def _status(wanted: str | None) -> list[ColumnElement[bool]]:
    if not wanted:
        return []
    if wanted not in STATUSES:
        raise StorageError(f"no such status: {wanted}; there are {', '.join(STATUSES)}")
    several = select(version.c.article_id).group_by(version.c.article_id).having(func.count() > 1)
    return [
        {
            "whole": is_article(),
            "stub": ~is_article(),
            "live": article.c.gone_at.is_(None),
            "gone": article.c.gone_at.is_not(None),
            "edited": article.c.id.in_(several),
        }[wanted]
    ]


def _carries(reports: Reports, report: int) -> ColumnElement[bool]:
    if report not in reports.members:
        raise NotFound(f"no report has the id {report}: see `nkwire carriage`")
    return article.c.id.in_(reports.members[report])


_VERSIONS = (
    select(func.count())
    .where(version.c.article_id == article.c.id)
    .correlate(article)
    .scalar_subquery()
    .label("versions")
)
_ALL = ARTICLES.add_columns(_VERSIONS, version.c.content_sha256)
ARTICLE_COLUMNS = tuple(column.name for column in ARTICLE)
_HELD_AS = {"story": "story_id", "lead_text": "lead", "lead": "is_lead"}
_FILLED_IN = dict.fromkeys(("report", "characters", "sketch"), "id")
"""Where a value is taken from that has another name in a row, or that is not in it."""
_HELD = _ALL.selected_columns.keys()
_IN_ORDER = itemgetter(
    *(_HELD.index({**_HELD_AS, **_FILLED_IN}.get(name, name)) for name in ARTICLE_COLUMNS)
)
