"""Finds which outlets carry each report, in which manner, and when their articles appeared.

An article appeared after the last poll that did not list it, and not after it was first seen. These
two times are a range. The time that the outlet states is a separate field and never replaces it. The
lead document of a report is called original only if `storage.reports.origin` says so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypedDict, Unpack

from sqlalchemy import ColumnElement, Connection, Select, func, select

from dedup.records import Relation
from storage.engine import TransactionalEngine
from storage.reading.article_queries import is_undated
from storage.records import TimePrecision
from storage.reports.delays import (
    DelayRange,
    compute_polled_delay,
    compute_stated_delay,
    to_seconds,
)
from storage.reports.manners import MANNER_RANK, CarriageManner, classify_manners
from storage.reports.origin import Appearance, Origin, decide_origin
from storage.stated_time import StatedTime, make_stated_time
from storage.tables.articles import article, outlet, version
from storage.tables.columns import AnyRow, AnySelect
from storage.tables.reports import carried, report


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryingArticle:
    """One article that carries a report.

    It appeared after `appeared_after` (None: not known) and not after `appeared_by`. `stated` is the
    publication time that the outlet gives. `is_agency`: the article is by an outlet of the agency.
    """

    article_id: int
    outlet: str
    url: str
    title: str
    manner: CarriageManner
    appeared_after: datetime | None
    appeared_by: datetime
    stated: StatedTime | None = None
    is_agency: bool = False

    @property
    def at(self) -> datetime:
        """The time that the outlet states, or else the time of first sight, to sort by."""
        return self.time.at

    @property
    def time(self) -> StatedTime:
        """The time that the outlet states, or else the time of first sight, to print."""
        return self.stated or StatedTime(self.appeared_by, TimePrecision.SECOND)

    @property
    def appearance(self) -> Appearance:
        """When the article appeared, as `storage.reports.origin` compares it."""
        return Appearance(self.appeared_after, self.appeared_by, self.stated, self.is_agency)

    @property
    def closeness(self) -> tuple[int, datetime]:
        """Sort key: the closest manner first, then the time; an import has one time for all."""
        return MANNER_RANK[self.manner], self.appearance.range.end


@dataclass(frozen=True, slots=True)
class Report:
    """A report with all articles that carry it: the lead document first, the others by time.

    `id`: its number, which never means another report later. `has_agency_original`: whether the
    lead document is by an outlet of the agency (rank 0).
    """

    id: int
    has_agency_original: bool
    articles: tuple[CarryingArticle, ...]

    @property
    def lead(self) -> CarryingArticle:
        """The lead document, as `dedup.lead.seniority_key` ranks it."""
        return self.articles[0]

    @property
    def origin(self) -> Origin:
        """What is known of the lead document: the original, the first seen, or neither."""
        return Origin(self.lead.manner.value)

    def closest_by_outlet(self) -> dict[str, CarryingArticle]:
        """Returns for each outlet the article closest to the lead; of equals, the first."""
        closest: dict[str, CarryingArticle] = {}
        for each in self.articles:
            current = closest.get(each.outlet)
            if current is None or each.closeness < current.closeness:
                closest[each.outlet] = each
        return closest


class ReportChoice(TypedDict, total=False):
    """Which reports of a period are loaded: see `load_carriage`."""

    min_outlets: int
    agency_only: bool
    report_id: int | None


def load_carriage(
    database: TransactionalEngine,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    min_outlets: int = 1,
    agency_only: bool = False,
    report_id: int | None = None,
) -> list[Report]:
    """Returns the reports that at least `min_outlets` outlets carry, by the time of the lead.

    `since`, `until`: only reports with an article that was published at `since` <= time < `until`.
    An article without a date lies in no period. `agency_only`: only reports whose lead document is
    by the agency. `report_id`: only this report. Reads what is worked out; see
    `storage.reports.working_out.load_lag`. Raises StorageError.
    """
    conditions = report_conditions(
        since=since,
        until=until,
        min_outlets=min_outlets,
        agency_only=agency_only,
        report_id=report_id,
    )
    with database.snapshot() as connection:
        return load_kept_reports(connection, conditions)


def report_conditions(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    min_outlets: int = 1,
    agency_only: bool = False,
    report_id: int | None = None,
) -> list[ColumnElement[bool]]:
    """Returns the conditions on `report` for these arguments of `load_carriage`."""
    conditions: list[ColumnElement[bool]] = []
    if since is not None or until is not None:
        conditions.append(report.c.id.in_(_report_ids(since, until)))
    if min_outlets > 1:
        conditions.append(report.c.outlets >= min_outlets)
    if agency_only:
        conditions.append(_has_agency_lead())
    if report_id is not None:
        conditions.append(report.c.id == report_id)
    return conditions


def count_undated(
    database: TransactionalEngine,
    *,
    since: datetime | None,
    until: datetime | None,
    **choice: Unpack[ReportChoice],
) -> int:
    """Returns how many articles without a date a period leaves out; 0 without a period.

    They carry chosen reports that have no article in the period. A report of the period is shown
    with all its articles. The arguments are those of `load_carriage`. Raises StorageError.
    """
    if since is None and until is None:
        return 0
    query = (
        select(func.count())
        .select_from(carried)
        .join(report, report.c.id == carried.c.report_id)
        .where(
            carried.c.article_id.in_(select(article.c.id).where(*is_undated())),
            report.c.id.not_in(_report_ids(since, until)),
            *report_conditions(**choice),
        )
    )
    return database.read(lambda connection: connection.scalar(query) or 0)


def count_reports(connection: Connection) -> int:
    """Returns the number of kept reports."""
    return connection.scalar(select(func.count()).select_from(report)) or 0


def load_report_numbers(
    database: TransactionalEngine, article_ids: Collection[int]
) -> dict[int, int]:
    """Returns the number of the report that each of these articles carries, if it carries one."""
    query = select(carried.c.article_id, carried.c.report_id).where(
        carried.c.article_id.in_(article_ids)
    )
    with database.snapshot() as connection:
        return {row.article_id: row.report_id for row in connection.execute(query)}


def load_kept_reports(
    connection: Connection, conditions: Iterable[ColumnElement[bool]]
) -> list[Report]:
    """Returns the kept reports that meet the conditions on `report`, by the time of the lead."""
    rows_by_report: defaultdict[tuple[int, int], list[AnyRow]] = defaultdict(list)
    for row in connection.execute(_KEPT_QUERY.where(*conditions)):
        rows_by_report[row.report_id, row.lead_id].append(row)
    reports = [
        _make_report(report_id, lead_id, rows)
        for (report_id, lead_id), rows in rows_by_report.items()
    ]
    return sorted(reports, key=lambda each: (each.lead.at, each.id))


def _make_report(report_id: int, lead_id: int, rows: Iterable[AnyRow]) -> Report:
    articles = (
        _make_carrying_article(MemberRow._make(row[:-3]), CarriageManner(row.manner))
        for row in rows
    )
    in_order = sort_lead_first(articles, lead_id)
    return Report(report_id, in_order[0].is_agency, in_order)


def _report_ids(since: datetime | None, until: datetime | None) -> Select[int]:
    """Selects the ids of the reports with an article that was published in a range of time."""
    query = select(carried.c.report_id).where(carried.c.stated_at.is_not(None)).distinct()
    if since is not None:
        query = query.where(carried.c.at >= since)
    return query if until is None else query.where(carried.c.at < until)


def _has_agency_lead() -> ColumnElement[bool]:
    lead, lead_outlet = article.alias("lead"), outlet.alias("lead_outlet")
    query = select(lead.c.id).join_from(lead, lead_outlet, lead_outlet.c.name == lead.c.outlet)
    return query.where(lead.c.id == report.c.lead_id, lead_outlet.c.rank == 0).exists()


CARRIAGE_COLUMNS = (
    *("report", "origin", "lead_outlet", "lead_title", "lead_url", "lead_at", "lead_precision"),
    *("outlet", "manner", "article", "url", "title", "appeared_after", "appeared_by"),
    *("stated_at", "stated_precision", "delay_more_than_seconds", "delay_less_than_seconds"),
    *("stated_delay_more_than_seconds", "stated_delay_less_than_seconds"),
    *("lead_published_at", "published_at", "first_seen_at"),
)


def iter_carriage_rows(
    reports: Iterable[Report], *, all_articles: bool = False
) -> Iterator[dict[str, Any]]:
    """Yields one row for each report and outlet, with the keys `CARRIAGE_COLUMNS`.

    The row shows the article of the outlet that is closest to the lead document. `all_articles`:
    one row for each article, the lead document first, the others by time. `lead_at` and
    `stated_at` are texts, because a day has no time. Delays are those to the lead document.
    `lead_at` is when the lead was first seen if it has no date: then `lead_published_at` is None.
    `published_at` and `first_seen_at` are `stated_at` and `appeared_by` by the names of other lists.
    """
    for carried_report in reports:
        lead = carried_report.lead
        closest = carried_report.closest_by_outlet()
        chosen = carried_report.articles if all_articles else [closest[n] for n in sorted(closest)]
        for each in chosen:
            yield {
                "report": carried_report.id,
                "origin": carried_report.origin.value,
                "lead_outlet": lead.outlet,
                "lead_title": lead.title,
                "lead_url": lead.url,
                "lead_at": str(lead.time),
                "lead_precision": lead.time.precision.value,
                "outlet": each.outlet,
                "manner": each.manner.value,
                "article": each.article_id,
                "url": each.url,
                "title": each.title,
                "appeared_after": each.appeared_after,
                "appeared_by": each.appeared_by,
                "stated_at": str(each.stated) if each.stated else None,
                "stated_precision": each.stated.precision.value if each.stated else None,
                **_delay_fields(lead, each),
                "lead_published_at": str(lead.stated) if lead.stated else None,
                "published_at": str(each.stated) if each.stated else None,
                "first_seen_at": each.appeared_by,
            }


def _delay_fields(lead: CarryingArticle, later: CarryingArticle) -> dict[str, float | None]:
    fields: dict[str, float | None] = {}
    for name, compute in (
        ("delay", compute_polled_delay),
        ("stated_delay", compute_stated_delay),
    ):
        is_lead = later.article_id == lead.article_id
        delay = DelayRange() if is_lead else compute(lead.appearance, later.appearance)
        fields[f"{name}_more_than_seconds"] = to_seconds(delay.low)
        fields[f"{name}_less_than_seconds"] = to_seconds(delay.high)
    return fields


def sort_lead_first(articles: Iterable[CarryingArticle], lead: int) -> tuple[CarryingArticle, ...]:
    """Returns the articles with the lead document first, the others by time (`at`)."""
    return tuple(
        sorted(articles, key=lambda each: (each.article_id != lead, each.at, each.article_id))
    )


class MemberRow(NamedTuple):
    """An article that carries a report. `rank`: that of its outlet."""

    id: int
    outlet: str
    url: str
    story_id: int | None
    published_at: datetime | None
    published_precision: str | None
    published_source: str
    first_seen_at: datetime
    last_poll_without_at: datetime | None
    title: str
    rank: int

    @property
    def appearance(self) -> Appearance:
        """When the article appeared."""
        stated = make_stated_time(
            self.published_at, self.published_precision, self.published_source
        )
        return Appearance(
            self.last_poll_without_at, self.first_seen_at, stated, is_agency=self.rank == 0
        )


def member_columns() -> AnySelect:
    """Selects the columns of `MemberRow`, in order, from `article` and what it refers to."""
    query: AnySelect = (
        select(
            article.c.id,
            article.c.outlet,
            article.c.url,
            article.c.story_id,
            article.c.published_at,
            article.c.published_precision,
            version.c.published_source,
            article.c.first_seen_at,
            article.c.last_poll_without_at,
            version.c.title,
            outlet.c.rank,
        )
        .join_from(article, version, version.c.id == article.c.version_id)
        .join(outlet, outlet.c.name == article.c.outlet)
    )
    return query


_KEPT_QUERY = (
    member_columns()
    .add_columns(carried.c.manner, carried.c.report_id, report.c.lead_id)
    .join(carried, carried.c.article_id == article.c.id)
    .join(report, report.c.id == carried.c.report_id)
)


def make_carrying_articles(
    rows: Sequence[MemberRow], lead: int, relations: Iterable[Relation]
) -> tuple[CarryingArticle, ...]:
    """Converts the members of one report, the lead document first, the others by time. No I/O.

    `lead`: the id of the lead document. `relations`: those between the members.
    """
    appearances = {row.id: row.appearance for row in rows}
    origin = decide_origin(
        appearances[lead], (each for i, each in appearances.items() if i != lead)
    )
    stories = {row.id: row.story_id or 0 for row in rows}
    manners = classify_manners(lead, list(stories), stories, relations, origin)
    return sort_lead_first((_make_carrying_article(row, manners[row.id]) for row in rows), lead)


def _make_carrying_article(row: MemberRow, manner: CarriageManner) -> CarryingArticle:
    appearance = row.appearance
    return CarryingArticle(
        article_id=row.id,
        outlet=row.outlet,
        url=row.url,
        title=row.title,
        manner=manner,
        appeared_after=appearance.after,
        appeared_by=appearance.by,
        stated=appearance.stated,
        is_agency=appearance.is_agency,
    )
