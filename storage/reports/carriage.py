"""Finds which outlets carry each report, in which manner, and when their articles appeared.

An article appeared after the last poll that did not list it, and not after it was first seen. These
two times are a range. The time that the outlet states is a separate field and never replaces it. The
lead document of a report is called original only if `storage.reports.origin` says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from dedup.records import Relation
from storage.batches import batched
from storage.database import Database
from storage.index.sql_index import relation_from_row
from storage.records import TimePrecision
from storage.reports.delays import (
    DelayRange,
    compute_polled_delay,
    compute_stated_delay,
    to_seconds,
)
from storage.reports.manners import MANNER_RANK, CarriageManner, classify_manners
from storage.reports.origin import Appearance, Origin, decide_origin
from storage.reports.reports import ReportMembership, load_reports
from storage.stated_time import StatedTime, make_stated_time
from storage.tables.articles import article, outlet, relation, version
from storage.tables.columns import in_bound_list


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


@dataclass(frozen=True, slots=True)
class Report:
    """A report with all articles that carry it: the lead document first, the others by time.

    `id`: the id of the story that contains the lead document. `has_agency_original`: whether the
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
            if current is None or (MANNER_RANK[each.manner], each.appeared_by) < (
                MANNER_RANK[current.manner],
                current.appeared_by,
            ):
                closest[each.outlet] = each
        return closest


def load_carriage(
    database: Database,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    min_outlets: int = 1,
    agency_only: bool = False,
) -> list[Report]:
    """Returns the reports that at least `min_outlets` outlets carry, by the time of the lead.

    `since`, `until`: as in `storage.reports.reports.load_reports`. `agency_only`: only reports
    whose lead document is by the agency. Raises StorageError, and OSError if the temporary folder is
    full.
    """
    with database.snapshot() as connection:
        membership = load_reports(connection, since, until, with_relations=True)
        reports = [*_iter_reports(connection, membership)]
    selected = [
        report
        for report in reports
        if len({each.outlet for each in report.articles}) >= min_outlets
        and (report.has_agency_original or not agency_only)
    ]
    return sorted(selected, key=lambda report: (report.lead.at, report.id))


CARRIAGE_COLUMNS = (
    *("report", "origin", "lead_outlet", "lead_title", "lead_url", "lead_at", "lead_precision"),
    *("outlet", "manner", "article", "url", "title", "appeared_after", "appeared_by"),
    *("stated_at", "stated_precision", "delay_more_than_seconds", "delay_less_than_seconds"),
    *("stated_delay_more_than_seconds", "stated_delay_less_than_seconds"),
)


def iter_carriage_rows(reports: Iterable[Report]) -> Iterator[dict[str, Any]]:
    """Yields one row for each report and outlet, with the keys `CARRIAGE_COLUMNS`.

    The row shows the article of the outlet that is closest to the lead document. `lead_at` and
    `stated_at` are texts, because a day has no time. Delays are those to the lead document.
    """
    for report in reports:
        lead = report.lead
        for name, each in sorted(report.closest_by_outlet().items()):
            yield {
                "report": report.id,
                "origin": report.origin.value,
                "lead_outlet": lead.outlet,
                "lead_title": lead.title,
                "lead_url": lead.url,
                "lead_at": str(lead.time),
                "lead_precision": lead.time.precision.value,
                "outlet": name,
                "manner": each.manner.value,
                "article": each.article_id,
                "url": each.url,
                "title": each.title,
                "appeared_after": each.appeared_after,
                "appeared_by": each.appeared_by,
                "stated_at": str(each.stated) if each.stated else None,
                "stated_precision": each.stated.precision.value if each.stated else None,
                **_delay_fields(lead, each),
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


def _iter_reports(connection: Connection, membership: ReportMembership) -> Iterator[Report]:
    rows = {row.id: row for row in iter_member_rows(connection, membership.report_by_article)}
    relations = load_report_relations(connection, membership)
    for report, members in membership.members_by_report.items():
        lead = membership.lead_by_report[report]
        articles = make_carrying_articles(
            [rows[i] for i in members], lead, relations.get(report, ())
        )
        yield Report(report, articles[0].is_agency, articles)


def load_report_relations(
    connection: Connection, membership: ReportMembership
) -> dict[int, list[Relation]]:
    """Returns the relations within each report: the stored ones and `membership.relations`."""
    relations_by_report: defaultdict[int, list[Relation]] = defaultdict(list)
    for ids in batched(membership.report_by_article):
        query = select(relation).where(in_bound_list(relation.c.a, "ids"))
        for row in connection.execute(query, {"ids": ids}):
            report = membership.report_by_article[row.a]
            if membership.report_by_article.get(row.b) == report:
                relations_by_report[report].append(relation_from_row(row))
    for link in membership.relations:
        if membership.report_by_article.get(link.a) == membership.report_by_article.get(link.b, 0):
            relations_by_report[membership.report_by_article[link.a]].append(link)
    return relations_by_report


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


def iter_member_rows(connection: Connection, ids: Iterable[int]) -> Iterator[MemberRow]:
    """Yields the articles with these ids."""
    query = (
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
        .where(in_bound_list(article.c.id, "ids"))
    )
    for batch in batched(ids):
        yield from (MemberRow(*row) for row in connection.execute(query, {"ids": batch}))


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
    return sort_lead_first(
        (
            CarryingArticle(
                article_id=row.id,
                outlet=row.outlet,
                url=row.url,
                title=row.title,
                manner=manners[row.id],
                appeared_after=appearances[row.id].after,
                appeared_by=appearances[row.id].by,
                stated=appearances[row.id].stated,
                is_agency=appearances[row.id].is_agency,
            )
            for row in rows
        ),
        lead,
    )
