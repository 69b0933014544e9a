"""Reads the runs of one outlet, and the gaps between them."""

from datetime import datetime, timedelta

from sqlalchemy import select

from storage.browsing.listing import Listing, Page, rows_of
from storage.browsing.position import Position
from storage.browsing.time_limit import reading_within
from storage.changes.gaps import Gap, find_gaps
from storage.engine import TransactionalEngine
from storage.records import Run, RunOutcome
from storage.runs.runs import run_from_row
from storage.tables.runs import run


def load_runs(
    database: TransactionalEngine,
    outlet: str,
    *,
    limit: int = 30,
    before: Position | None = None,
    after: Position | None = None,
) -> Listing[Run]:
    """Returns a page of the runs of an outlet, latest first. Raises InvalidRequest and TooSlow."""
    page = Page(limit, before, after)
    positions = select(run.c.started_at, run.c.id).where(run.c.outlet == outlet)
    with reading_within(database) as connection:
        listing = page.load(connection, positions, (run.c.started_at, run.c.id))
        rows = connection.execute(select(run).where(run.c.id.in_([p.id for p in listing.rows])))
        runs = {row.id: run_from_row(row) for row in rows}
    return rows_of(listing, lambda ids: [runs[each] for each in ids])


def load_gaps(
    database: TransactionalEngine,
    outlet: str,
    *,
    since: datetime,
    now: datetime,
    every: timedelta | None = None,
) -> list[Gap]:
    """Returns when an outlet was not watched, unreachable or quiet, in order of time.

    Only runs that began at `since` or later are read. `every`: the usual pause between two runs;
    without it their median pause is used. Raises TooSlow.
    """
    columns = (run.c.started_at, run.c.ended_at, run.c.outcome, run.c.cause)
    query = select(*columns).where(
        run.c.outlet == outlet, run.c.kind == "crawl", run.c.started_at >= since
    )
    with reading_within(database) as connection:
        rows = connection.execute(query).all()
    runs = (
        Run(
            outlet=outlet,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcome=RunOutcome(row.outcome) if row.outcome else None,
            cause=row.cause,
        )
        for row in rows
    )
    return find_gaps(runs, now, every)
