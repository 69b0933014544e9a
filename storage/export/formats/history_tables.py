"""The history tables of an export: versions, changes, states, gaps, decisions, former numbers.

Without them no reader could know that an article was edited or deleted, or tell an outage from a
time without news.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from storage.changes.change_queries import CHANGES_QUERY, TRANSITIONS_QUERY
from storage.changes.gaps import find_gaps
from storage.changes.rows import change_row, transition_row
from storage.export.formats.columns import ARTICLE_COLUMNS, Column, ColumnKind
from storage.export.formats.selection import Selection
from storage.export.sketch import make_sketch
from storage.records import Run, RunOutcome
from storage.rights import limit_to_rights
from storage.tables.articles import (
    article,
    decision,
    edited_article_ids,
    is_unmerged_story,
    story,
    version,
)
from storage.tables.changes import change, transition
from storage.tables.columns import AnyRow, AnySelect, Names, each_name
from storage.tables.departures import departure
from storage.tables.reports import carried, report_redirect
from storage.tables.runs import run

_EDITED_ARTICLE_MEANING = "the id of the article; only articles with several versions are listed"
_SHARED_COLUMN_NAMES = (
    *("url", "title", "text", "lead_text", "authors", "section", "tags", "dateline", "captions"),
    *("published_at", "published_precision", "published_source", "published_raw", "modified_at"),
    *("page_class", "rights", "rules_version", "characters", "content_sha256", "sketch"),
)
VERSION_COLUMNS = (
    Column("article", ColumnKind.NUMBER, _EDITED_ARTICLE_MEANING),
    Column("version", ColumnKind.NUMBER, "the version's number in the database, as in changes"),
    Column("place", ColumnKind.NUMBER, "1 for the version that was published first, then 2 ..."),
    Column("current", ColumnKind.FLAG, "whether it is the version in articles"),
    Column(
        "captured_at", ColumnKind.TIME, "the first fetch that showed it; none if it was imported"
    ),
    Column("stored_at", ColumnKind.TIME, "when it was stored"),
    Column("outlet", ColumnKind.TEXT, "who published it"),
    *(column for column in ARTICLE_COLUMNS if column.name in _SHARED_COLUMN_NAMES),
)
CHANGE_COLUMNS = (
    Column("article", ColumnKind.NUMBER, "the id of the article"),
    Column("outlet", ColumnKind.TEXT, "who published it"),
    Column("url", ColumnKind.TEXT, "its address"),
    Column(
        "after_at",
        ColumnKind.TIME,
        "the last capture that showed the old version; none if not known",
    ),
    Column(
        "before_at",
        ColumnKind.TIME,
        "the first capture that showed the new version; none if not known",
    ),
    Column("found_at", ColumnKind.TIME, "when nkwire could first know it"),
    Column("kinds", ColumnKind.TEXTS, "what it changed: headline, lead, body, names, numbers ..."),
    Column(
        "nature",
        ColumnKind.TEXT,
        "edit, rewrite, retranslation, update (announced) or reread (ours)",
    ),
    Column("added", ColumnKind.NUMBER, "letters and digits that were added"),
    Column("removed", ColumnKind.NUMBER, "letters and digits that were removed"),
    Column("share", ColumnKind.SHARE, "share of the letters of both versions, 0 to 1"),
    Column("silent", ColumnKind.FLAG, "whether the page does not say that it changed"),
    Column(
        "boring",
        ColumnKind.FLAG,
        "whether it is unimportant: as a person decided, else as nkwire decided",
    ),
    Column("reason", ColumnKind.TEXT, "why nkwire decided that it is boring"),
    Column("ruled", ColumnKind.FLAG, "whether a person decided on it"),
    Column("note", ColumnKind.TEXT, "the person's note"),
    Column("old_version", ColumnKind.NUMBER, "the number of the old version in the database"),
    Column("new_version", ColumnKind.NUMBER, "the number of the new version"),
)
STATE_COLUMNS = (
    Column("article", ColumnKind.NUMBER, "the id of the article"),
    Column("outlet", ColumnKind.TEXT, "who published it"),
    Column("url", ColumnKind.TEXT, "its address"),
    Column("was", ColumnKind.TEXT, "the state before"),
    Column("state", ColumnKind.TEXT, "live, unlisted, missing, gone or restored"),
    Column(
        "after_at",
        ColumnKind.TIME,
        "the last capture that showed the state before; none if not known",
    ),
    Column("before_at", ColumnKind.TIME, "the first capture that showed this state"),
    Column("found_at", ColumnKind.TIME, "when there was enough evidence for it"),
    Column("how", ColumnKind.TEXT, "the evidence: a status, a page without a text, a listing"),
)
GAP_COLUMNS = (
    Column("outlet", ColumnKind.TEXT, "the publisher"),
    Column("start", ColumnKind.TIME, "the last successful run before the gap"),
    Column("end", ColumnKind.TIME, "the first run after it, or the end of the corpus"),
    Column(
        "why",
        ColumnKind.TEXT,
        "not running (no run was started), unreachable, or quiet (nothing new)",
    ),
    Column("cause", ColumnKind.TEXT, "the cause of the first failed run of the gap"),
)
DECISION_COLUMNS = (
    Column("a", ColumnKind.NUMBER, "the id of one article"),
    Column("b", ColumnKind.NUMBER, "the id of the other"),
    Column("verb", ColumnKind.TEXT, "must-link (one story) or cannot-link (two stories)"),
    Column("note", ColumnKind.TEXT, "the person's note"),
    Column("decided_at", ColumnKind.TIME, "when the person decided it"),
)
MOVE_COLUMNS = (
    Column("story", ColumnKind.NUMBER, "a number that a story has, or had before it was merged"),
    Column("article", ColumnKind.NUMBER, "the article that left it; none if it was merged"),
    Column("into", ColumnKind.NUMBER, "the story that the article or the number went to"),
    Column("left_at", ColumnKind.TIME, "when the article left it"),
    Column(
        "lead", ColumnKind.NUMBER, "of a merged number: its last lead document, which it follows"
    ),
)
REPORT_MOVE_COLUMNS = (
    Column("report", ColumnKind.NUMBER, "a number that a report had before"),
    Column("into", ColumnKind.NUMBER, "the report that it leads to; none if it is no report now"),
    Column("lead", ColumnKind.NUMBER, "the article that was its last lead document"),
    Column(
        "reason",
        ColumnKind.TEXT,
        "merged (one report with another), or gone (no article is sure to carry it)",
    ),
    Column("redirected_at", ColumnKind.TIME, "when the number was given up"),
)
HISTORY_TABLES = {
    "versions": VERSION_COLUMNS,
    "changes": CHANGE_COLUMNS,
    "states": STATE_COLUMNS,
    "gaps": GAP_COLUMNS,
    "decisions": DECISION_COLUMNS,
    "moves": MOVE_COLUMNS,
    "report_moves": REPORT_MOVE_COLUMNS,
}

_COPIED_FIELDS = (
    *("outlet", "url", "after_at", "before_at", "found_at"),
    *("nature", "added", "removed", "share", "silent", "note"),
)


def build_history_tables(
    selection: Selection, outlet: Names | None = None
) -> dict[str, Iterable[Mapping[str, Any]]]:
    """Returns the rows of each table of `HISTORY_TABLES`, for the selected articles.

    The gaps are those of `outlet` (one name or several), or of all outlets. The rows are read lazily, so consume them
    while the selection is open.
    """
    return {
        "versions": _iter_versions(selection),
        "changes": _iter_changes(selection),
        "states": _iter_states(selection),
        "gaps": _iter_gaps(selection.connection, outlet),
        "decisions": _iter_decisions(selection),
        "moves": _iter_moves(selection),
        "report_moves": _iter_report_moves(selection),
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
        for number, row in enumerate(rows, start=1):
            values = row._mapping
            text, lead = limit_to_rights(
                row.text, row.lead, row.rights, selection.level_of(row.outlet)
            )
            is_withheld = row.text and not text
            computed = {
                "place": number,
                "current": row.version == row.version_id,
                "text": text,
                "lead_text": lead,
                "captions": (row.captions or []) if text or not row.text else [],
                "authors": row.authors or [],
                "tags": row.tags or [],
                "characters": len(row.text),
                "sketch": make_sketch(row.text) if is_withheld else "",
            }
            stored = {c.name: values[c.name] for c in VERSION_COLUMNS if c.name not in computed}
            yield {c.name: (stored | computed)[c.name] for c in VERSION_COLUMNS}


def _iter_changes(selection: Selection) -> Iterator[dict[str, Any]]:
    # Not by id: detecting the changes again gives new ids, but must give the same bytes.
    order = (change.c.found_at, change.c.article_id, change.c.old_id, change.c.new_id)
    for row in _stream_rows(selection, CHANGES_QUERY.order_by(*order)):
        record = change_row(row)
        yield {
            "article": record.article_id,
            "boring": record.is_boring,
            "reason": record.boring,
            "ruled": record.ruled is not None,
            "kinds": list(record.kinds),
            "old_version": record.old_id,
            "new_version": record.new_id,
        } | {name: getattr(record, name) for name in _COPIED_FIELDS}


def _iter_states(selection: Selection) -> Iterator[dict[str, Any]]:
    order = (transition.c.found_at, transition.c.article_id, transition.c.state)
    for row in _stream_rows(selection, TRANSITIONS_QUERY.order_by(*order)):
        record = transition_row(row)
        fields = {c.name: getattr(record, c.name) for c in STATE_COLUMNS if c.name != "article"}
        yield {"article": record.article_id} | fields


def _iter_decisions(selection: Selection) -> Iterator[dict[str, Any]]:
    query = select(decision).order_by(decision.c.a, decision.c.b)
    if selection.conditions:
        selected_ids = select(article.c.id).where(*selection.conditions)
        query = query.where(decision.c.a.in_(selected_ids), decision.c.b.in_(selected_ids))
    for row in selection.connection.execute(query):
        yield {column.name: row._mapping[column.name] for column in DECISION_COLUMNS}


def _iter_moves(selection: Selection) -> Iterator[dict[str, Any]]:
    merged = select(story.c.id, story.c.merged_into, story.c.lead_id).where(~is_unmerged_story())
    left = select(departure)
    if selection.conditions:
        chosen = select(article.c.id, article.c.story_id).where(*selection.conditions).subquery()
        merged = merged.where(story.c.merged_into.in_(select(chosen.c.story_id)))
        left = left.where(departure.c.article_id.in_(select(chosen.c.id)))
    for row in selection.connection.execute(merged.order_by(story.c.id)):
        values = {"story": row.id, "article": None, "into": row.merged_into}
        yield values | {"left_at": None, "lead": row.lead_id}
    for row in selection.connection.execute(left.order_by(departure.c.id)):
        values = {"story": row.story_id, "article": row.article_id, "into": row.into_id}
        yield values | {"left_at": row.left_at, "lead": None}


def _iter_report_moves(selection: Selection) -> Iterator[dict[str, Any]]:
    former = report_redirect.c
    query = (
        select(
            former.id.label("report"),
            func.coalesce(former.report_id, carried.c.report_id).label("into"),
            former.lead_id.label("lead"),
            former.reason,
            former.redirected_at,
        )
        .outerjoin_from(report_redirect, carried, carried.c.article_id == former.lead_id)
        .order_by(former.id)
    )
    if selection.conditions:
        query = query.where(former.lead_id.in_(select(article.c.id).where(*selection.conditions)))
    for row in selection.connection.execute(query):
        yield {column.name: row._mapping[column.name] for column in REPORT_MOVE_COLUMNS}


def _stream_rows(selection: Selection, query: AnySelect) -> Iterator[AnyRow]:
    return selection.stream(query.where(*selection.conditions))


def _iter_gaps(connection: Connection, outlet: Names | None) -> Iterator[dict[str, Any]]:
    until = load_as_of(connection)
    if until is None:
        return
    # Sorted in Python, because databases sort names differently.
    every_name = select(run.c.outlet).distinct()
    names = each_name(outlet) if outlet else sorted(connection.scalars(every_name))
    for name in names:
        query = select(run.c.started_at, run.c.ended_at, run.c.outcome, run.c.cause, run.c.kind)
        query = query.where(run.c.outlet == name).order_by(run.c.started_at, run.c.id)
        runs = [
            Run(
                outlet=name,
                started_at=started_at,
                ended_at=ended_at,
                outcome=RunOutcome(outcome) if outcome else None,
                cause=cause,
                kind=kind,
            )
            for started_at, ended_at, outcome, cause, kind in connection.execute(query)
        ]
        for gap in find_gaps(runs, until):
            yield {column.name: getattr(gap, column.name) for column in GAP_COLUMNS}


_COMPUTED_COLUMNS = {"article", "version", "place", "current", "outlet", "url", "lead_text"} | {
    "characters",
    "sketch",
}
_VERSIONS_QUERY = (
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
    .where(version.c.article_id.in_(edited_article_ids()))
    .order_by(version.c.article_id, version.c.captured_at.asc().nulls_first(), version.c.id)
)
