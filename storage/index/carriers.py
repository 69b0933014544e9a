"""Stores which articles may carry a report, and names the days whose reports must be worked out.

Both happen in the transaction that saves an article or changes a story. So no change is forgotten,
whenever a process is killed. `storage.reports.working_out` does the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from dedup.attribution.citation import grade_carrier
from dedup.lead import Seniority, seniority_key
from dedup.records import Attribution, Document, Member
from dedup.reports.carriers import may_carry_report
from dedup.reports.cues import CUES_VERSION, Cues, encode_cues, extract_cues
from dedup.reports.days import report_day
from storage.batches import batched
from storage.identity import make_uid
from storage.statements import insert_or_change, proposed, upsert
from storage.tables.articles import article, outlet
from storage.tables.columns import in_bound_list
from storage.tables.meta import get_meta, set_meta
from storage.tables.reports import carried, carrier, carrying_story, report, touched_day

_READING_KEY = "reports.reading"

_DELETE_CARRIER = delete(carrier).where(carrier.c.article_id == bindparam("me"))
_DELETE_STORIES = delete(carrying_story).where(in_bound_list(carrying_story.c.story_id, "ids"))
_BRING_NUMBER = (
    update(carrier)
    .where(carrier.c.article_id == bindparam("me"))
    .values(brought_number=bindparam("number"))
)
_INSERT_DAYS = insert(touched_day)
_STORIES_QUERY = select(carrying_story).where(in_bound_list(carrying_story.c.story_id, "ids"))
_CARRIERS_QUERY = (
    select(
        article.c.story_id,
        article.c.id,
        article.c.outlet,
        article.c.identity,
        article.c.published_at,
        article.c.first_seen_at,
        article.c.seen_at,
        outlet.c.rank,
        carrier.c.carries,
    )
    .join_from(article, carrier, carrier.c.article_id == article.c.id)
    .join(outlet, outlet.c.name == article.c.outlet)
    .where(in_bound_list(article.c.story_id, "ids"))
)
_LEFT_BEHIND_QUERY = (
    select(report.c.day, article.c.story_id)
    .join_from(article, carried, carried.c.article_id == article.c.id)
    .join(report, report.c.id == carried.c.report_id)
    .where(in_bound_list(article.c.story_id, "ids"))
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the stored articles have been read for their cues: all with ids up to `after`.

    `until`: the last id to read. `version`: the `CUES_VERSION` of the cues that are read.
    """

    version: str
    after: int = 0
    until: int = 0

    @property
    def is_unfinished(self) -> bool:
        """Whether articles are left to read, or all must be read again for this version."""
        return self.version != CUES_VERSION or self.after < self.until


def text_cues(document: Document, attributions: Sequence[Attribution] | None = None) -> Cues | None:
    """Returns the cues of a text that may carry a report whoever prints it; else None.

    `attributions`: those of the text, if they are known already.
    Id, outlet, rank and time are those of `document` and may be missing: see `store_carrier`.
    """
    grade = grade_carrier(document, attributions)
    return extract_cues(document, grade) if may_carry_report(grade) else None


def store_carrier(
    connection: Connection, document: Document, cues: Cues | None, *, is_new: bool = False
) -> None:
    """Stores whether an article may carry a report, in place of what was stored of it.

    `cues`: those of `text_cues` for this title and text. `is_new`: nothing is stored of it yet.
    """
    if document.rank == 0:
        cues = extract_cues(document)  # of the agency's own texts, none is left out
    if cues is None:
        if not is_new:
            connection.execute(_DELETE_CARRIER, {"me": document.id})
        return
    own_cues = replace(
        cues,
        id=document.id,
        uid=document.uid,
        outlet=document.outlet,
        rank=document.rank,
        published_at=document.published_at,
    )
    row = {
        "article_id": document.id,
        "cues_version": CUES_VERSION,
        "cues": encode_cues(own_cues),
        "carries": own_cues.carries,
    }
    statement = upsert(connection, carrier, ["article_id"], kept=["brought_number"])
    connection.execute(statement, row)


def bring_numbers(connection: Connection, numbers: Mapping[int, int]) -> None:
    """Stores the report numbers that imported articles had in their export.

    `numbers`: the number for each article id, 0 for none. A report that is worked out for the first
    time gets such a number if it is free.
    """
    rows = [
        {"me": article_id, "number": number} for article_id, number in numbers.items() if number
    ]
    for batch in batched(rows):
        connection.execute(_BRING_NUMBER, batch)


def touch_stories(connection: Connection, story_ids: Iterable[int]) -> None:
    """Names the days that must be worked out after these stories, or their articles, changed.

    Call it at the end of the transaction. Stories without carriers cost three queries.
    """
    for ids in batched(sorted(set(story_ids))):
        _touch_batch(connection, ids)


def touch_days(connection: Connection, days: Iterable[date]) -> None:
    """Names days that must be worked out, whatever changed."""
    _store_touches(connection, ((day, None) for day in days))


def compute_seniority(
    outlet_name: str,
    identity: str,
    rank: int,
    published_at: datetime | None,
    seen_at: datetime | None,
) -> Seniority:
    """Returns the sort key of a stored article for lead documents, see `seniority_key`."""
    uid = make_uid(outlet_name, identity)
    return seniority_key(Member(0, uid, b"", outlet_name, rank, published_at, seen_at))


def load_reading(connection: Connection) -> Reading | None:
    """Returns how far the articles have been read; None for a new database."""
    value = get_meta(connection, _READING_KEY)
    return None if value is None else Reading(**orjson.loads(value))


def store_reading(connection: Connection, reading: Reading) -> None:
    """Stores how far the articles have been read."""
    set_meta(connection, _READING_KEY, orjson.dumps(reading).decode())


def read_again(connection: Connection) -> None:
    """Has all stored articles read again, from the first."""
    last_id = connection.scalar(select(func.max(article.c.id))) or 0
    store_reading(connection, Reading(CUES_VERSION, 0, last_id))


def _touch_batch(connection: Connection, ids: Sequence[int]) -> None:
    old = {row.story_id: row for row in connection.execute(_STORIES_QUERY, {"ids": ids})}
    new = _representatives(connection, ids)
    vanished = sorted(old.keys() - new.keys())
    changed = [
        row
        for story_id, row in new.items()
        if story_id not in old
        or any(
            row[name] != getattr(old[story_id], name) for name in ("article_id", "day", "carries")
        )
    ]
    if vanished:
        connection.execute(_DELETE_STORIES, {"ids": vanished})
    if changed:
        fresh = proposed(carrying_story)
        changes = {name: fresh[name] for name in ("article_id", "day", "carries")}
        connection.execute(
            insert_or_change(connection, carrying_story, ["story_id"], changes), changed
        )
    days = {(row.day, story_id) for story_id, row in old.items()}
    days |= {(row["day"], story_id) for story_id, row in new.items()}
    # An article may come from a report into a story that has no carrier, and so no day.
    if silent := set(ids) - old.keys() - new.keys():
        found = connection.execute(_LEFT_BEHIND_QUERY, {"ids": sorted(silent)})
        days |= {(row.day, row.story_id) for row in found}
    _store_touches(connection, sorted(days))


def _store_touches(connection: Connection, touches: Iterable[tuple[date, int | None]]) -> None:
    now = datetime.now(UTC)
    rows = [{"day": day, "story_id": each, "touched_at": now} for day, each in touches]
    if rows:
        connection.execute(_INSERT_DAYS, rows)


def _representatives(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Returns the row of `carrying_story` for each of the stories that has a carrier.

    The most senior carrier stands for the story, as in `dedup.reports.reports.choose_carrier`.
    """
    best: dict[int, tuple[Seniority, dict[str, Any]]] = {}
    for row in connection.execute(_CARRIERS_QUERY, {"ids": ids}):
        key = compute_seniority(row.outlet, row.identity, row.rank, row.published_at, row.seen_at)
        if row.story_id not in best or key < best[row.story_id][0]:
            day = report_day(row.published_at or row.first_seen_at)
            values = {"article_id": row.id, "day": day, "carries": row.carries}
            best[row.story_id] = key, {"story_id": row.story_id, "report_id": None, **values}
    return {story_id: values for story_id, (_, values) in best.items()}
