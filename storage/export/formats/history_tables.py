"""The history tables of an export: earlier versions, changes, changes of state and gaps.

Without them no reader could know that an article was edited or deleted, or tell an outage from a
time without news.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.changes.change_queries import CHANGES_QUERY as EDITS
from storage.changes.change_queries import TRANSITIONS_QUERY
from storage.changes.gaps import find_gaps
from storage.changes.rows import change_row, transition_row
from storage.export.formats.columns import ARTICLE_COLUMNS, Column, ColumnKind
from storage.export.formats.selection import Selection, limit_to_rights
from storage.export.sketch import make_sketch
from storage.records import Run, RunOutcome
from storage.tables.articles import article, run, version
from storage.tables.changes import change, transition
from storage.tables.columns import AnyRow

_EDITED_ARTICLE_MEANING = (
    "the id of the article; only those of which several wordings are held are here"
)
_SHARED_COLUMN_NAMES = (
    *("url", "title", "text", "lead_text", "authors", "section", "tags", "dateline", "captions"),
    *("published_at", "published_precision", "published_source", "published_raw", "modified_at"),
    *("page_class", "rights", "rules_version", "characters", "content_sha256", "sketch"),
)
VERSION_COLUMNS = (
    Column("article", ColumnKind.NUMBER, _EDITED_ARTICLE_MEANING),
    Column("version", ColumnKind.NUMBER, "the wording's number in the database, as in changes"),
    Column("place", ColumnKind.NUMBER, "1 for the wording that was printed first, then 2 ..."),
    Column("current", ColumnKind.FLAG, "whether it is the one in articles"),
    Column(
        "captured_at", ColumnKind.TIME, "the first fetch that showed it; none if it was imported"
    ),
    Column("outlet", ColumnKind.TEXT, "who published it"),
    *(column for column in ARTICLE_COLUMNS if column.name in _SHARED_COLUMN_NAMES),
)
CHANGE_COLUMNS = (
    Column("article", ColumnKind.NUMBER, "the id of the article"),
    Column("outlet", ColumnKind.TEXT, "who published it"),
    Column("url", ColumnKind.TEXT, "its address"),
    Column(
        "after_at", ColumnKind.TIME, "the last look that showed the old wording; none if not known"
    ),
    Column(
        "before_at",
        ColumnKind.TIME,
        "the first look that showed the new wording; none if not known",
    ),
    Column("found_at", ColumnKind.TIME, "when it could first be known"),
    Column("kinds", ColumnKind.TEXTS, "what it touched: headline, lead, body, names, numbers ..."),
    Column(
        "nature",
        ColumnKind.TEXT,
        "edit, rewrite, retranslation, update (announced) or reread (ours)",
    ),
    Column("added", ColumnKind.NUMBER, "letters and digits that came"),
    Column("removed", ColumnKind.NUMBER, "letters and digits that went"),
    Column("share", ColumnKind.SHARE, "of the letters of both wordings, 0 to 1"),
    Column("silent", ColumnKind.FLAG, "whether the page keeps quiet about it"),
    Column(
        "boring", ColumnKind.FLAG, "whether nobody need look: a person's word, else the machine's"
    ),
    Column("reason", ColumnKind.TEXT, "why the machine finds it boring"),
    Column("ruled", ColumnKind.FLAG, "whether a person decided on it"),
    Column("note", ColumnKind.TEXT, "what they said"),
    Column("old_version", ColumnKind.NUMBER, "the number of the old wording in the database"),
    Column("new_version", ColumnKind.NUMBER, "the number of the new one"),
)
STATE_COLUMNS = (
    Column("article", ColumnKind.NUMBER, "the id of the article"),
    Column("outlet", ColumnKind.TEXT, "who published it"),
    Column("url", ColumnKind.TEXT, "its address"),
    Column("was", ColumnKind.TEXT, "the state before"),
    Column("state", ColumnKind.TEXT, "live, unlisted, missing, gone or restored"),
    Column(
        "after_at", ColumnKind.TIME, "the last look that showed it as it was; none if not known"
    ),
    Column("before_at", ColumnKind.TIME, "the first look that showed it so"),
    Column("found_at", ColumnKind.TIME, "when that was certain enough to say"),
    Column("how", ColumnKind.TEXT, "what was met: a status, a page without a text, a listing"),
)
GAP_COLUMNS = (
    Column("outlet", ColumnKind.TEXT, "the publisher"),
    Column("start", ColumnKind.TIME, "the last look before the gap that was answered"),
    Column("end", ColumnKind.TIME, "the first look after it, or the end of the corpus"),
    Column(
        "why", ColumnKind.TEXT, "not running (nobody looked), unreachable, or quiet (nothing new)"
    ),
    Column("cause", ColumnKind.TEXT, "what the first look of the gap met"),
)
HISTORY_TABLES = {
    "versions": VERSION_COLUMNS,
    "changes": CHANGE_COLUMNS,
    "states": STATE_COLUMNS,
    "gaps": GAP_COLUMNS,
}

_ROWS_PER_BATCH = 500
_COPIED_FIELDS = (
    *("outlet", "url", "after_at", "before_at", "found_at"),
    *("nature", "added", "removed", "share", "silent", "note"),
)


def build_history_tables(
    selection: Selection, outlet: str | None = None
) -> dict[str, Iterable[Mapping[str, Any]]]:
    """Returns the rows of each table of `HISTORY_TABLES`, for the selected articles.

    The gaps are those of `outlet`, or of all outlets. The rows are read lazily, so consume them
    while the selection is open.
    """
    return {
        "versions": _iter_versions(selection),
        "changes": _iter_changes(selection),
        "states": _iter_states(selection),
        "gaps": _iter_gaps(selection.connection, outlet),
    }


def load_as_of(connection: Connection) -> datetime | None:
    """Returns the time of the last stored version or the last run, or None if there is neither."""
    moments: list[datetime | None] = [
        connection.scalar(select(func.max(column)))
        for column in (version.c.stored_at, run.c.started_at, run.c.ended_at)
    ]
    return max((moment for moment in moments if moment is not None), default=None)


def _iter_versions(selection: Selection) -> Iterator[dict[str, Any]]:
    for _, rows in groupby(_stream_rows(selection, _VERSIONS_QUERY), key=lambda row: row.article):
        for place, row in enumerate(rows, start=1):
            held = row._mapping
            words, lead = limit_to_rights(row.text, row.lead, row.rights, selection.text_level)
            withheld = row.text and not words
            made = {
                "place": place,
                "current": row.version == row.version_id,
                "text": words,
                "lead_text": lead,
                "captions": (row.captions or []) if words or not row.text else [],
                "authors": row.authors or [],
                "tags": row.tags or [],
                "characters": len(row.text),
                "sketch": make_sketch(row.text) if withheld else "",
            }
            plain = {c.name: held[c.name] for c in VERSION_COLUMNS if c.name not in made}
            yield {c.name: (plain | made)[c.name] for c in VERSION_COLUMNS}


def _iter_changes(selection: Selection) -> Iterator[dict[str, Any]]:
    # Not by id: detecting the changes again gives new ids, but must give the same bytes.
    order = (change.c.found_at, change.c.article_id, change.c.old_id, change.c.new_id)
    for row in _stream_rows(selection, EDITS.order_by(*order)):
        held = change_row(row)
        yield {
            "article": held.article_id,
            "boring": held.is_boring,
            "reason": held.boring,
            "ruled": held.ruled is not None,
            "kinds": list(held.kinds),
            "old_version": held.old_id,
            "new_version": held.new_id,
        } | {name: getattr(held, name) for name in _COPIED_FIELDS}


def _iter_states(selection: Selection) -> Iterator[dict[str, Any]]:
    order = (transition.c.found_at, transition.c.article_id, transition.c.state)
    for row in _stream_rows(selection, TRANSITIONS_QUERY.order_by(*order)):
        held = transition_row(row)
        named = {c.name: getattr(held, c.name) for c in STATE_COLUMNS if c.name != "article"}
        yield {"article": held.article_id} | named


def _stream_rows(selection: Selection, asked: Select[Any]) -> Iterator[AnyRow]:
    options = selection.connection.execution_options(yield_per=_ROWS_PER_BATCH)
    return iter(options.execute(asked.where(*selection.conditions)))


def _iter_gaps(connection: Connection, outlet: str | None) -> Iterator[dict[str, Any]]:
    until = load_as_of(connection)
    if until is None:
        return
    # Sorted in Python, because databases sort names differently.
    names = [outlet] if outlet else sorted(connection.scalars(select(run.c.outlet).distinct()))
    for name in names:
        asked = select(run).where(run.c.outlet == name).order_by(run.c.started_at, run.c.id)
        for gap in find_gaps([_make_run(row) for row in connection.execute(asked)], until):
            yield {column.name: getattr(gap, column.name) for column in GAP_COLUMNS}


def _make_run(row: AnyRow) -> Run:
    return Run(
        outlet=row.outlet,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=RunOutcome(row.outcome) if row.outcome else None,
        cause=row.cause,
        kind=row.kind,
    )


_VERSIONS_BY_ARTICLE = select(version.c.article_id).group_by(version.c.article_id)
_COMPUTED_COLUMNS = {"article", "version", "place", "current", "outlet", "url", "lead_text"} | {
    "characters",
    "sketch",
}
_VERSIONS_QUERY: Select[Any] = (
    select(
        version.c.article_id.label("article"),
        version.c.id.label("version"),
        version.c.lead,
        article.c.version_id,
        article.c.outlet,
        article.c.url,
        *(version.c[c.name] for c in VERSION_COLUMNS if c.name not in _COMPUTED_COLUMNS),
    )
    .join_from(version, article, article.c.id == version.c.article_id)
    .where(version.c.article_id.in_(_VERSIONS_BY_ARTICLE.having(func.count() > 1)))
    .order_by(version.c.article_id, version.c.captured_at.asc().nulls_first(), version.c.id)
)
