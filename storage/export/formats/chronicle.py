"""What goes with every export: earlier wordings, the edits, the changes of state, and when nobody looked.

Without these a corpus reads as if nothing was changed, and an outage as silence.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.changes.gaps import gaps
from storage.changes.rows import change_row, transition_row
from storage.changes.selects import CHANGES as EDITS
from storage.changes.selects import TRANSITIONS
from storage.export.formats.columns import ARTICLE, Column, Kind
from storage.export.formats.selection import Selection, allowed_words
from storage.export.sketch import sketch
from storage.records import Run, RunOutcome
from storage.tables.articles import article, run, version
from storage.tables.changes import change, transition
from storage.tables.columns import AnyRow

_ONLY_SEVERAL = "the id of the article; only those of which several wordings are held are here"
_WORDING = (
    *("url", "title", "text", "lead_text", "authors", "section", "tags", "dateline", "captions"),
    *("published_at", "published_precision", "published_source", "published_raw", "modified_at"),
    *("page_class", "rights", "rules_version", "characters", "content_sha256", "sketch"),
)
VERSIONS = (
    Column("article", Kind.NUMBER, _ONLY_SEVERAL),
    Column("version", Kind.NUMBER, "the wording's number in the database, as in changes"),
    Column("place", Kind.NUMBER, "1 for the wording that was printed first, then 2 ..."),
    Column("current", Kind.FLAG, "whether it is the one in articles"),
    Column("captured_at", Kind.TIME, "the first fetch that showed it; none if it was imported"),
    Column("outlet", Kind.TEXT, "who published it"),
    *(column for column in ARTICLE if column.name in _WORDING),
)
CHANGES = (
    Column("article", Kind.NUMBER, "the id of the article"),
    Column("outlet", Kind.TEXT, "who published it"),
    Column("url", Kind.TEXT, "its address"),
    Column("after_at", Kind.TIME, "the last look that showed the old wording; none if not known"),
    Column("before_at", Kind.TIME, "the first look that showed the new wording; none if not known"),
    Column("found_at", Kind.TIME, "when it could first be known"),
    Column("kinds", Kind.TEXTS, "what it touched: headline, lead, body, names, numbers ..."),
    Column(
        "nature", Kind.TEXT, "edit, rewrite, retranslation, update (announced) or reread (ours)"
    ),
    Column("added", Kind.NUMBER, "letters and digits that came"),
    Column("removed", Kind.NUMBER, "letters and digits that went"),
    Column("share", Kind.SHARE, "of the letters of both wordings, 0 to 1"),
    Column("silent", Kind.FLAG, "whether the page keeps quiet about it"),
    Column("boring", Kind.FLAG, "whether nobody need look: a person's word, else the machine's"),
    Column("reason", Kind.TEXT, "why the machine finds it boring"),
    Column("ruled", Kind.FLAG, "whether a person decided on it"),
    Column("note", Kind.TEXT, "what they said"),
    Column("old_version", Kind.NUMBER, "the number of the old wording in the database"),
    Column("new_version", Kind.NUMBER, "the number of the new one"),
)
STATES = (
    Column("article", Kind.NUMBER, "the id of the article"),
    Column("outlet", Kind.TEXT, "who published it"),
    Column("url", Kind.TEXT, "its address"),
    Column("was", Kind.TEXT, "the state before"),
    Column("state", Kind.TEXT, "live, unlisted, missing, gone or restored"),
    Column("after_at", Kind.TIME, "the last look that showed it as it was; none if not known"),
    Column("before_at", Kind.TIME, "the first look that showed it so"),
    Column("found_at", Kind.TIME, "when that was certain enough to say"),
    Column("how", Kind.TEXT, "what was met: a status, a page without a text, a listing"),
)
GAPS = (
    Column("outlet", Kind.TEXT, "the publisher"),
    Column("start", Kind.TIME, "the last look before the gap that was answered"),
    Column("end", Kind.TIME, "the first look after it, or the end of the corpus"),
    Column("why", Kind.TEXT, "not running (nobody looked), unreachable, or quiet (nothing new)"),
    Column("cause", Kind.TEXT, "what the first look of the gap met"),
)
TABLES = {"versions": VERSIONS, "changes": CHANGES, "states": STATES, "gaps": GAPS}

_AT_ONCE = 500
_SAME = (
    *("outlet", "url", "after_at", "before_at", "found_at"),
    *("nature", "added", "removed", "share", "silent", "note"),
)


def chronicle(
    selection: Selection, outlet: str | None = None
) -> dict[str, Iterable[Mapping[str, Any]]]:
    """The rows of `TABLES`: of the selected articles, and the gaps of one outlet or of all."""
    return {
        "versions": _versions(selection),
        "changes": _changes(selection),
        "states": _states(selection),
        "gaps": _gaps(selection.connection, outlet),
    }


def as_of(connection: Connection) -> datetime | None:
    """The moment that a database is of: when something was last stored or looked for; None if never."""
    moments: list[datetime | None] = [
        connection.scalar(select(func.max(column)))
        for column in (version.c.stored_at, run.c.started_at, run.c.ended_at)
    ]
    return max((moment for moment in moments if moment is not None), default=None)


def _versions(selection: Selection) -> Iterator[dict[str, Any]]:
    for _, rows in groupby(_stream(selection, _WORDINGS), key=lambda row: row.article):
        for place, row in enumerate(rows, start=1):
            held = row._mapping
            words, lead = allowed_words(row.text, row.lead, row.rights, selection.text)
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
                "sketch": sketch(row.text) if withheld else "",
            }
            plain = {c.name: held[c.name] for c in VERSIONS if c.name not in made}
            yield {c.name: (plain | made)[c.name] for c in VERSIONS}


def _changes(selection: Selection) -> Iterator[dict[str, Any]]:
    # Not by id: who judges anew gives new ids, and the same corpus must give the same bytes.
    order = (change.c.found_at, change.c.article_id, change.c.old_id, change.c.new_id)
    for row in _stream(selection, EDITS.order_by(*order)):
        held = change_row(row)
        yield {
            "article": held.article_id,
            "boring": held.is_boring,
            "reason": held.boring,
            "ruled": held.ruled is not None,
            "kinds": list(held.kinds),
            "old_version": held.old_id,
            "new_version": held.new_id,
        } | {name: getattr(held, name) for name in _SAME}


def _states(selection: Selection) -> Iterator[dict[str, Any]]:
    order = (transition.c.found_at, transition.c.article_id, transition.c.state)
    for row in _stream(selection, TRANSITIONS.order_by(*order)):
        held = transition_row(row)
        named = {c.name: getattr(held, c.name) for c in STATES if c.name != "article"}
        yield {"article": held.article_id} | named


def _stream(selection: Selection, asked: Select[Any]) -> Iterator[AnyRow]:
    options = selection.connection.execution_options(yield_per=_AT_ONCE)
    return iter(options.execute(asked.where(*selection.where)))


def _gaps(connection: Connection, outlet: str | None) -> Iterator[dict[str, Any]]:
    until = as_of(connection)
    if until is None:
        return
    # Sorted here: databases differ in how they sort names.
    names = [outlet] if outlet else sorted(connection.scalars(select(run.c.outlet).distinct()))
    for name in names:
        asked = select(run).where(run.c.outlet == name).order_by(run.c.started_at, run.c.id)
        for gap in gaps([_run(row) for row in connection.execute(asked)], until):
            yield {column.name: getattr(gap, column.name) for column in GAPS}


def _run(row: AnyRow) -> Run:
    return Run(
        outlet=row.outlet,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=RunOutcome(row.outcome) if row.outcome else None,
        cause=row.cause,
        kind=row.kind,
    )


_WITH_SEVERAL = select(version.c.article_id).group_by(version.c.article_id)
_IN_NO_TABLE = {"article", "version", "place", "current", "outlet", "url", "lead_text"} | {
    "characters",
    "sketch",
}
_WORDINGS: Select[Any] = (
    select(
        version.c.article_id.label("article"),
        version.c.id.label("version"),
        version.c.lead,
        article.c.version_id,
        article.c.outlet,
        article.c.url,
        *(version.c[c.name] for c in VERSIONS if c.name not in _IN_NO_TABLE),
    )
    .join_from(version, article, article.c.id == version.c.article_id)
    .where(version.c.article_id.in_(_WITH_SEVERAL.having(func.count() > 1)))
    .order_by(version.c.article_id, version.c.captured_at.asc().nulls_first(), version.c.id)
)
