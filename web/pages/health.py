"""Says to a monitor whether the database answers, and how far the corpus is worked out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.reports.working_out import load_lag
from storage.schema import load_revision
from storage.tables.runs import run
from web import twins
from web.page import Query
from web.raw import RawAnswer, RawPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """What a monitor is told when the database answers.

    `schema`: the revision of the tables. `newest_run_ended_at`: None if no run has ended.
    `reports_worked_out_until`: all changes before this time are worked out; None: all are.
    `reports_waiting_days`, `reports_unread_articles`: what waits.
    """

    status: int
    schema: str | None
    newest_run_ended_at: datetime | None
    reports_worked_out_until: datetime | None
    reports_waiting_days: int
    reports_unread_articles: int


def answer(query: Query) -> RawAnswer:
    """Asks the database. Raises StorageError, which is told with the status 503."""
    model = query.database.read(_load)
    return RawAnswer(content=twins.to_json(model), media_type="application/json")


def _load(connection: Connection) -> Liveness:
    lag = load_lag(connection)
    return Liveness(
        status=200,
        schema=load_revision(connection),
        newest_run_ended_at=connection.scalar(select(func.max(run.c.ended_at))),
        reports_worked_out_until=lag.worked_out_until,
        reports_waiting_days=lag.waiting_days,
        reports_unread_articles=lag.unread_articles,
    )


HEALTH = RawPage(
    name="health",
    path="/health",
    summary="Whether the database answers (200) or not (503), and how far reports are worked out.",
    media_types=("application/json",),
    answer=answer,
    has_tag=False,
    tells_problems_as_json=True,
)
