"""Who carried what: each report against each outlet, in which manner, and when, as a range.

When an article appeared is known to lie between the last look that did not show it and the first that
did. What the outlet itself says of the time is given beside it, never in its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from dedup.records import Relation, RelationKind
from storage.batches import batched
from storage.database import Database
from storage.index.sql_index import relation_from_row
from storage.reports.reports import ReportMembership, load_reports
from storage.tables.articles import article, outlet, relation, version
from storage.tables.columns import AnyRow, in_bound_list

_ROWS_PER_BATCH = 500


class CarriageManner(StrEnum):
    """How an article carries a report, closest first."""

    ORIGINAL = "original"  # the report's lead document
    VERBATIM = "verbatim"  # the same words
    EDITED = "edited"  # its text, changed, cut or continued
    EXCERPT = "excerpt"  # a part of its text
    TRANSLATION = "translation"  # the agency's own in another language
    DERIVED = "derived"  # an article of another's words that reports it


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
    """One article that carries a report. It appeared after `after` (None: not known) and not after
    `seen`; `stated` is the time that the outlet gives.
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
        """When it is said to be of: the outlet's time, else the first sight."""
        return self.stated_at or self.appeared_by


@dataclass(frozen=True, slots=True)
class Report:
    """A report with all articles that carry it, the original first, then by time."""

    id: int
    has_agency_original: bool
    articles: tuple[CarryingArticle, ...]

    @property
    def original(self) -> CarryingArticle:
        """The report's lead document: the agency's own, else the first that is held."""
        return self.articles[0]

    def closest_by_outlet(self) -> dict[str, CarryingArticle]:
        """Of each outlet the article that is closest to the original, the earliest of these."""
        best: dict[str, CarryingArticle] = {}
        for each in self.articles:
            held = best.get(each.outlet)
            if held is None or (MANNER_RANK[each.manner], each.appeared_by) < (
                MANNER_RANK[held.manner],
                held.appeared_by,
            ):
                best[each.outlet] = each
        return best


def load_carriage(
    database: Database,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    min_outlets: int = 1,
    agency_only: bool = False,
) -> list[Report]:
    """The reports of this time that at least so many outlets carry, in order of time.

    `agency_only`: those of which the agency's own text is held.
    """
    with database.snapshot() as connection:
        found = load_reports(connection, since, until, with_relations=True)
        made = [*_iter_reports(connection, found)]
    wanted = [
        report
        for report in made
        if len({each.outlet for each in report.articles}) >= min_outlets
        and (report.has_agency_original or not agency_only)
    ]
    return sorted(wanted, key=lambda report: (report.original.at, report.id))


CARRIAGE_COLUMNS = (
    *("report", "original_outlet", "original_title", "original_url", "original_at", "outlet"),
    *("manner", "article", "url", "title", "appeared_after", "appeared_by", "stated_at"),
)


def iter_carriage_rows(reports: Iterable[Report]) -> Iterator[dict[str, Any]]:
    """One row for each report and outlet, under `CARRIAGE_COLUMNS`."""
    for report in reports:
        first = report.original
        for name, each in sorted(report.closest_by_outlet().items()):
            yield {
                "report": report.id,
                "original_outlet": first.outlet,
                "original_title": first.title,
                "original_url": first.url,
                "original_at": first.at,
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
    lead: int, members: Sequence[int], stories: Mapping[int, int], relations: Iterable[Relation]
) -> dict[int, CarriageManner]:
    """How each member of a report carries it. Pure.

    The relation to the lead document decides; without one, that of the closest member of its story;
    members of the lead's story without any are edited copies, all others derived.
    """
    direct: dict[int, CarriageManner] = {lead: CarriageManner.ORIGINAL}
    inside = {i for i in members if stories[i] == stories[lead]}
    for each in relations:
        for one, other in ((each.a, each.b), (each.b, each.a)):
            near = other == lead or (other in inside and one not in inside)
            if one != lead and near:
                _keep_closest(direct, one, MANNER_BY_RELATION[each.kind])
    of_story: dict[int, CarriageManner] = {}
    for i in members:
        if i in direct and i != lead:
            _keep_closest(of_story, stories[i], direct[i])
    return {
        i: direct.get(i)
        or (
            CarriageManner.EDITED
            if i in inside
            else of_story.get(stories[i], CarriageManner.DERIVED)
        )
        for i in members
    }


def sort_lead_first(articles: Iterable[CarryingArticle], lead: int) -> tuple[CarryingArticle, ...]:
    """The lead document first, then by time."""
    return tuple(
        sorted(articles, key=lambda each: (each.article_id != lead, each.at, each.article_id))
    )


def _keep_closest(held: dict[int, CarriageManner], key: int, manner: CarriageManner) -> None:
    if key not in held or MANNER_RANK[manner] < MANNER_RANK[held[key]]:
        held[key] = manner


def _iter_reports(connection: Connection, found: ReportMembership) -> Iterator[Report]:
    rows = {row.id: row for row in iter_member_rows(connection, found.report_by_article)}
    stories = {i: row.story_id for i, row in rows.items()}
    relations = load_report_relations(connection, found)
    for report, members in found.members_by_report.items():
        lead = found.lead_by_report[report]
        how = classify_manners(lead, members, stories, relations.get(report, ()))
        all_of_it = [make_carrying_article(rows[i], how[i]) for i in members]
        yield Report(report, rows[lead].rank == 0, sort_lead_first(all_of_it, lead))


def load_report_relations(
    connection: Connection, found: ReportMembership
) -> dict[int, list[Relation]]:
    """The relations within each report, those of `dedup.reports.reports` included."""
    among_them: defaultdict[int, list[Relation]] = defaultdict(list)
    for ids in batched(found.report_by_article, _ROWS_PER_BATCH):
        asked = select(relation).where(in_bound_list(relation.c.a, "ids"))
        for row in connection.execute(asked, {"ids": ids}):
            report = found.report_by_article[row.a]
            if found.report_by_article.get(row.b) == report:
                among_them[report].append(relation_from_row(row))
    for link in found.relations:
        if found.report_by_article.get(link.a) == found.report_by_article.get(link.b, 0):
            among_them[found.report_by_article[link.a]].append(link)
    return among_them


def iter_member_rows(connection: Connection, ids: Iterable[int]) -> Iterator[AnyRow]:
    """What `make_carrying_article` asks of articles."""
    columns = ("id", "outlet", "url", "story_id", "published_at", "first_seen_at")
    asked = (
        select(
            *(article.c[name] for name in columns),
            article.c.last_poll_without_at,
            version.c.title,
            outlet.c.rank,
        )
        .join_from(article, version, version.c.id == article.c.version_id)
        .join(outlet, outlet.c.name == article.c.outlet)
        .where(in_bound_list(article.c.id, "ids"))
    )
    for some in batched(ids, _ROWS_PER_BATCH):
        yield from connection.execute(asked, {"ids": some})


def make_carrying_article(row: AnyRow, manner: CarriageManner) -> CarryingArticle:
    """A row of `iter_member_rows` as what carries a report."""
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
