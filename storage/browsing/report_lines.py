"""Reads lists of reports: the lead document, the figures, and how they spread."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from storage.browsing.article_lines import line_time
from storage.browsing.listing import Listing, Page, rows_of
from storage.browsing.position import Position
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.stated_time import StatedTime
from storage.tables.articles import article, decision, version
from storage.tables.columns import AnyRow, AnySelect, in_bound_list
from storage.tables.reports import carried, report

MAX_MARKS = 60
"""The most marks of one report."""


class ReportOrder(StrEnum):
    """The order of a list of reports; the first row has the highest value."""

    TIME = "time"  # by the time of the first article
    OUTLETS = "outlets"  # by the number of outlets, then by time


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMark:
    """An article of a report as a mark of a small chart.

    `at`: its time, published or else first seen. `delay_least`, `delay_most`: how much later than
    the agency's original, in seconds; None: not known.
    """

    manner: str
    delay_least: float | None
    delay_most: float | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A report as one line of a list.

    `lead_id`, `lead_outlet`, `language`, `title`, `time`: those of the lead document. `agency`,
    `day`, `outlets`, `articles`, `first_at`, `last_at`: see `storage.tables.reports`. `manners`: the
    number of articles by manner, see `storage.reports.manners.CarriageManner`. `origin`: what is
    known of the lead document, see `storage.reports.origin.Origin`. `spread`: its articles in order
    of time; of more than `MAX_MARKS`, as many at equal steps.
    """

    id: int
    lead_id: int
    lead_outlet: str
    language: str
    title: str
    agency: str
    day: date
    outlets: int
    articles: int
    first_at: datetime
    last_at: datetime
    time: StatedTime
    manners: Mapping[str, int]
    origin: str
    spread: tuple[ReportMark, ...]


def load_report_lines(
    database: TransactionalEngine,
    *,
    limit: int = 30,
    before: Position | None = None,
    after: Position | None = None,
    order: ReportOrder = ReportOrder.TIME,
    min_outlets: int = 1,
    agency: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    language: str | None = None,
    decided_only: bool = False,
) -> Listing[ReportLine]:
    """Returns a page of the reports that pass the filters.

    `since` <= time < `until`, where the time is that of the first article. `agency`: see
    `ReportLine`. `language`: that of the lead document. `decided_only`: only reports with an article
    that a person decided on. Raises InvalidRequest and TooSlow.
    """
    page = Page(limit, before, after)
    conditions = _conditions(
        min_outlets=min_outlets,
        agency=agency,
        since=since,
        until=until,
        language=language,
        decided_only=decided_only,
    )
    columns = _ORDERS[order]
    query = _position_columns(order).where(*conditions)
    with reading_within(database) as connection:
        return rows_of(
            page.load(connection, query, columns), lambda ids: select_report_lines(connection, ids)
        )


def load_most_carried(
    database: TransactionalEngine, since: datetime, until: datetime, limit: int = 3
) -> list[ReportLine]:
    """Returns the reports that began in a range of time and have the most outlets.

    Of equals, the latest. Raises TooSlow.
    """
    query = _position_columns(ReportOrder.OUTLETS).where(*_conditions(since=since, until=until))
    with reading_within(database) as connection:
        rows = connection.execute(query).all()  # a day has a few hundred
        found = sorted((Position(*row) for row in rows), key=lambda each: each.values)
        return select_report_lines(connection, [each.id for each in reversed(found)][:limit])


def select_report_lines(connection: Connection, ids: Sequence[int]) -> list[ReportLine]:
    """Returns the reports with these numbers, in their order; unknown numbers are left out."""
    parameters = {"ids": list(ids)}
    if not ids:
        return []
    manners: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(_MANNERS_QUERY, parameters):
        manners[row.report_id][row.manner] = row.articles
    marks: defaultdict[int, list[ReportMark]] = defaultdict(list)
    for row in connection.execute(_MARKS_QUERY, parameters):
        marks[row.report_id].append(
            ReportMark(
                manner=row.manner,
                delay_least=row.delay_least,
                delay_most=row.delay_most,
                at=row.at,
            )
        )
    lines = {
        row.id: _make_line(row, manners[row.id], marks[row.id])
        for row in connection.execute(_LINES_QUERY, parameters)
    }
    return [lines[report_id] for report_id in ids if report_id in lines]


_ORDERS: dict[ReportOrder, tuple[ColumnElement[Any], ...]] = {
    ReportOrder.TIME: (report.c.first_at, report.c.id),
    ReportOrder.OUTLETS: (report.c.outlets, report.c.first_at, report.c.id),
}
_REPORT_FIELDS = ("id", "lead_id", "agency", "day", "outlets", "articles", "first_at", "last_at")
_LINES_QUERY: AnySelect = (
    select(
        *(report.c[name] for name in _REPORT_FIELDS),
        article.c.outlet.label("lead_outlet"),
        *(article.c[name] for name in ("language", "published_at", "published_precision")),
        article.c.first_seen_at,
        version.c.title,
        version.c.published_source,
        func.coalesce(carried.c.manner, "").label("origin"),
    )
    .join_from(report, article, article.c.id == report.c.lead_id)
    .join(version, version.c.id == article.c.version_id)
    .outerjoin(carried, carried.c.article_id == report.c.lead_id)
    .where(in_bound_list(report.c.id, "ids"))
)
_MANNERS_QUERY = (
    select(carried.c.report_id, carried.c.manner, func.count().label("articles"))
    .where(in_bound_list(carried.c.report_id, "ids"))
    .group_by(carried.c.report_id, carried.c.manner)
)
_NUMBERED = (
    select(
        *(carried.c[name] for name in ("report_id", "manner", "delay_least", "delay_most", "at")),
        func.row_number()
        .over(partition_by=carried.c.report_id, order_by=(carried.c.at, carried.c.article_id))
        .label("number"),
        func.count().over(partition_by=carried.c.report_id).label("articles"),
    )
    .where(in_bound_list(carried.c.report_id, "ids"))
    .subquery()
)
# The article where the count of marks goes up by one, or more if there are fewer than marks.
_MARKS_QUERY = (
    select(*_NUMBERED.c)
    .where(
        _NUMBERED.c.number * MAX_MARKS // _NUMBERED.c.articles
        > (_NUMBERED.c.number - 1) * MAX_MARKS // _NUMBERED.c.articles
    )
    .order_by(_NUMBERED.c.report_id, _NUMBERED.c.number)
)


def _position_columns(order: ReportOrder) -> AnySelect:
    if order is ReportOrder.TIME:
        return select(report.c.first_at, report.c.id)
    return select(report.c.first_at, report.c.id, report.c.outlets)


def _conditions(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    min_outlets: int = 1,
    agency: str | None = None,
    language: str | None = None,
    decided_only: bool = False,
) -> Collection[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(report.c.first_at >= since)
    if until is not None:
        conditions.append(report.c.first_at < until)
    if min_outlets > 1:
        conditions.append(report.c.outlets >= min_outlets)
    if agency is not None:
        conditions.append(report.c.agency == agency)
    if language is not None:
        lead = select(article.c.id).where(
            article.c.id == report.c.lead_id, article.c.language == language
        )
        conditions.append(lead.correlate(report).exists())
    if decided_only:
        conditions.append(report.c.id.in_(_decided_reports()))
    return conditions


def _decided_reports() -> AnySelect:
    decided = select(decision.c.a).union(select(decision.c.b))
    return select(carried.c.report_id).where(carried.c.article_id.in_(decided))


def _make_line(row: AnyRow, manners: Mapping[str, int], spread: Sequence[ReportMark]) -> ReportLine:
    values = row._mapping
    copied = (*_REPORT_FIELDS, "lead_outlet", "language", "title", "origin")
    return ReportLine(
        **{name: values[name] for name in copied},
        time=line_time(row),
        manners=manners,
        spread=tuple(spread),
    )
