"""Finds which outlets carry each report, in which manner, and when their articles appeared.

An article appeared after the last poll that did not list it, and not after it was first seen. These
two times are a range. The time that the outlet states is a separate field and never replaces it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from dedup.records import Relation, RelationKind
from storage.batches import batched
from storage.database import Database
from storage.index.sql_index import relation_from_row
from storage.reports.reports import ReportMembership, load_reports
from storage.tables.articles import article, outlet, relation, version
from storage.tables.columns import in_bound_list


class CarriageManner(StrEnum):
    """How an article carries a report, closest to the original first."""

    ORIGINAL = "original"  # the report's lead document
    VERBATIM = "verbatim"  # the same text
    EDITED = "edited"  # its text, changed, shortened or extended
    EXCERPT = "excerpt"  # a part of its text
    TRANSLATION = "translation"  # the agency's own text in another language
    DERIVED = "derived"  # an article in other words about the report


MANNER_BY_RELATION: Mapping[str, CarriageManner] = {
    RelationKind.IDENTICAL: CarriageManner.VERBATIM,
    RelationKind.COPY: CarriageManner.VERBATIM,
    RelationKind.EDITED: CarriageManner.EDITED,
    RelationKind.EXCERPT: CarriageManner.EXCERPT,
    RelationKind.TRANSLATION: CarriageManner.TRANSLATION,
    RelationKind.DERIVED: CarriageManner.DERIVED,
}
MANNER_RANK = {manner: place for place, manner in enumerate(CarriageManner)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryingArticle:
    """One article that carries a report.

    It appeared after `appeared_after` (None: not known) and not after `appeared_by`. `stated_at` is
    the publication time that the outlet gives.
    """

    article_id: int
    outlet: str
    url: str
    title: str
    manner: CarriageManner
    appeared_after: datetime | None
    appeared_by: datetime
    stated_at: datetime | None

    @property
    def at(self) -> datetime:
        """Returns the time that the outlet states, or else the time of first sight."""
        return self.stated_at or self.appeared_by


@dataclass(frozen=True, slots=True)
class Report:
    """A report with all articles that carry it: the original first, the others by time.

    `id`: the id of the story that contains the original. `has_agency_original`: whether the
    original is by an outlet of the agency (rank 0).
    """

    id: int
    has_agency_original: bool
    articles: tuple[CarryingArticle, ...]

    @property
    def original(self) -> CarryingArticle:
        """Returns the lead document, as `dedup.lead.seniority_key` ranks it."""
        return self.articles[0]

    def closest_by_outlet(self) -> dict[str, CarryingArticle]:
        """Returns for each outlet the article closest to the original; of equals, the first."""
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
    """Returns the reports that at least `min_outlets` outlets carry, by the time of the original.

    `since`, `until`: as in `storage.reports.reports.load_reports`. `agency_only`: only reports
    whose original is by the agency. Raises StorageError, and OSError if the temporary folder is
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
    return sorted(selected, key=lambda report: (report.original.at, report.id))


CARRIAGE_COLUMNS = (
    *("report", "original_outlet", "original_title", "original_url", "original_at", "outlet"),
    *("manner", "article", "url", "title", "appeared_after", "appeared_by", "stated_at"),
)


def iter_carriage_rows(reports: Iterable[Report]) -> Iterator[dict[str, Any]]:
    """Yields one row for each report and outlet, with the keys `CARRIAGE_COLUMNS`.

    The row shows the article of the outlet that is closest to the original.
    """
    for report in reports:
        original = report.original
        for name, each in sorted(report.closest_by_outlet().items()):
            yield {
                "report": report.id,
                "original_outlet": original.outlet,
                "original_title": original.title,
                "original_url": original.url,
                "original_at": original.at,
                "outlet": name,
                "manner": each.manner.value,
                "article": each.article_id,
                "url": each.url,
                "title": each.title,
                "appeared_after": each.appeared_after,
                "appeared_by": each.appeared_by,
                "stated_at": each.stated_at,
            }


def classify_manners(
    lead: int,
    members: Sequence[int],
    stories: Mapping[int, int],
    relations: Iterable[Relation],
) -> dict[int, CarriageManner]:
    """Returns the manner in which each member of a report carries it. No I/O.

    `stories`: the story id of each member. The closest relation to the lead document decides. For
    members of other stories, a relation to any member of the lead's story counts too. A member
    without such a relation is EDITED in the lead's story. In another story it takes the closest
    manner found in that story, or DERIVED if there is none.
    """
    manners: dict[int, CarriageManner] = {lead: CarriageManner.ORIGINAL}
    lead_story_members = {i for i in members if stories[i] == stories[lead]}
    for each in relations:
        for one, other in ((each.a, each.b), (each.b, each.a)):
            is_relevant = other == lead or (
                other in lead_story_members and one not in lead_story_members
            )
            if one != lead and is_relevant:
                _keep_closest(manners, one, MANNER_BY_RELATION[each.kind])
    closest_by_story: dict[int, CarriageManner] = {}
    for i in members:
        if i in manners and i != lead:
            _keep_closest(closest_by_story, stories[i], manners[i])
    return {
        i: manners.get(i)
        or (
            CarriageManner.EDITED
            if i in lead_story_members
            else closest_by_story.get(stories[i], CarriageManner.DERIVED)
        )
        for i in members
    }


def sort_lead_first(articles: Iterable[CarryingArticle], lead: int) -> tuple[CarryingArticle, ...]:
    """Returns the articles with the lead document first, the others by time (`at`)."""
    return tuple(
        sorted(articles, key=lambda each: (each.article_id != lead, each.at, each.article_id))
    )


def _keep_closest(manners: dict[int, CarriageManner], key: int, manner: CarriageManner) -> None:
    if key not in manners or MANNER_RANK[manner] < MANNER_RANK[manners[key]]:
        manners[key] = manner


def _iter_reports(connection: Connection, membership: ReportMembership) -> Iterator[Report]:
    rows = {row.id: row for row in iter_member_rows(connection, membership.report_by_article)}
    stories = {i: row.story_id or 0 for i, row in rows.items()}
    relations = load_report_relations(connection, membership)
    for report, members in membership.members_by_report.items():
        lead = membership.lead_by_report[report]
        manners = classify_manners(lead, members, stories, relations.get(report, ()))
        articles = [make_carrying_article(rows[i], manners[i]) for i in members]
        yield Report(report, rows[lead].rank == 0, sort_lead_first(articles, lead))


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
    first_seen_at: datetime
    last_poll_without_at: datetime | None
    title: str
    rank: int


def iter_member_rows(connection: Connection, ids: Iterable[int]) -> Iterator[MemberRow]:
    """Yields the articles with these ids."""
    query = (
        select(
            article.c.id,
            article.c.outlet,
            article.c.url,
            article.c.story_id,
            article.c.published_at,
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


def make_carrying_article(row: MemberRow, manner: CarriageManner) -> CarryingArticle:
    """Converts a row of `iter_member_rows` to a `CarryingArticle`."""
    return CarryingArticle(
        article_id=row.id,
        outlet=row.outlet,
        url=row.url,
        title=row.title,
        manner=manner,
        appeared_after=row.last_poll_without_at,
        appeared_by=row.first_seen_at,
        stated_at=row.published_at,
    )
