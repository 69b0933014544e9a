"""Works out which article carries which report, only for the days that a change touched.

Whoever stores articles calls `work_out` afterwards. It goes on in steps of one transaction each: a
step reads some articles whose cues are missing, or replaces the reports of some days. A process may
be killed at any moment: the next one goes on. Several may work at once: a step that another change
has overtaken is planned again.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, not_, select

from dedup.reports.cues import CUES_VERSION
from storage.dialects import lock_placement
from storage.engine import TransactionalEngine
from storage.index import dedup_queries as lookups
from storage.index.carriers import (
    Reading,
    load_reading,
    read_again,
    store_carrier,
    store_reading,
    text_cues,
    touch_days,
    touch_stories,
)
from storage.index.sql_index import load_documents
from storage.index.unplaced import is_unplaced
from storage.reports.day_plan import DayPlan, plan_days
from storage.reports.report_writer import store_plan
from storage.tables.articles import article
from storage.tables.reports import carrier, carrying_story, touched_day

ARTICLES_PER_STEP = 100
"""Articles that are read for their cues in one transaction; each costs about 2 ms."""

_MAX_OVERTAKEN = 3
"""A plan that was overtaken so often is made while others must wait."""


@dataclass(frozen=True, slots=True)
class ReportsLag:
    """What has not been worked out yet.

    `worked_out_until`: all changes before this time are worked out; None: all changes are.
    `waiting_days`: the number of days that wait. `unread_articles`: the number of articles that
    must be read again first, at most.
    """

    worked_out_until: datetime | None
    waiting_days: int
    unread_articles: int

    @property
    def is_behind(self) -> bool:
        """Returns whether anything waits."""
        return bool(self.waiting_days or self.unread_articles)


def work_out(database: TransactionalEngine, *, max_seconds: float | None = None) -> bool:
    """Works out the reports of all touched days; returns whether nothing is left.

    `max_seconds`: begins no further step after this time. Raises StorageError.
    """
    deadline = None if max_seconds is None else time.monotonic() + max_seconds
    overtaken = 0
    while True:
        if deadline is not None and time.monotonic() > deadline:
            return False
        if database.read(_is_reading_due):
            database.write(_read_articles)
            continue
        plan = None
        if overtaken < _MAX_OVERTAKEN:
            with database.snapshot() as connection:
                plan = plan_days(connection)
            if plan is None:
                return True
        is_stored = database.write(partial(_store, plan=plan))
        overtaken = 0 if is_stored else overtaken + 1


def rebuild_reports(database: TransactionalEngine) -> None:
    """Has all articles read again and all days worked out from nothing; then does so.

    Reports keep their numbers where their lead documents say so. Raises StorageError.
    """

    def touch_all(connection: Connection) -> None:
        lock_placement(connection)
        read_again(connection)
        touch_days(connection, connection.scalars(select(carrying_story.c.day).distinct()).all())

    database.write(touch_all)
    work_out(database)


def load_lag(connection: Connection) -> ReportsLag:
    """Returns what has not been worked out yet."""
    row = connection.execute(
        select(func.count(touched_day.c.day.distinct()), func.min(touched_day.c.touched_at))
    ).one()
    reading = load_reading(connection)
    unread = 0
    if reading is not None and reading.is_unfinished:
        after = reading.after if reading.version == CUES_VERSION else 0
        query = select(func.count()).select_from(article).where(article.c.id > after)
        unread = connection.scalar(query) or 0
    return ReportsLag(row[1], row[0], unread)


def _store(connection: Connection, plan: DayPlan | None) -> bool:
    """Stores a plan; makes one if there is none. Returns False if it was overtaken."""
    lock_placement(connection)
    made = plan_days(connection) if plan is None else plan
    return made is None or store_plan(connection, made)


def _is_reading_due(connection: Connection) -> bool:
    reading = load_reading(connection)
    return reading is None or reading.is_unfinished


def _any_outdated(connection: Connection) -> bool:
    query = select(carrier.c.article_id).where(carrier.c.cues_version != CUES_VERSION)
    return connection.execute(query.limit(1)).first() is not None


def _read_articles(connection: Connection) -> None:
    """Reads the next articles whose cues may be missing or of another version."""
    lock_placement(connection)
    reading = load_reading(connection)
    if reading is None and not _any_outdated(connection):
        store_reading(connection, Reading(CUES_VERSION))
        return
    if reading is None or reading.version != CUES_VERSION:
        read_again(connection)
        return
    query = select(article.c.id).where(
        article.c.id > reading.after, article.c.id <= reading.until, not_(is_unplaced())
    )
    ids = connection.scalars(query.order_by(article.c.id).limit(ARTICLES_PER_STEP)).all()
    for document in load_documents(connection, ids).values():
        store_carrier(connection, document, text_cues(document))
    rows = connection.execute(lookups.STORY_IDS_QUERY, {"ids": ids}).all()
    touch_stories(connection, (row.story_id for row in rows))
    store_reading(
        connection, Reading(CUES_VERSION, ids[-1] if ids else reading.until, reading.until)
    )
