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
from storage.index.sql_index import relation_of
from storage.reports.reports import Reports, load_reports
from storage.tables.articles import article, outlet, relation, version
from storage.tables.columns import AnyRow, among

_AT_ONCE = 500


class Manner(StrEnum):
    """How an article carries a report, closest first."""

    ORIGINAL = "original"  # the report's lead document
    VERBATIM = "verbatim"  # the same words
    EDITED = "edited"  # its text, changed, cut or continued
    EXCERPT = "excerpt"  # a part of its text
    TRANSLATION = "translation"  # the agency's own in another language
    DERIVED = "derived"  # an article of another's words that reports it


MANNERS: Mapping[str, Manner] = {
    RelationKind.IDENTICAL: Manner.VERBATIM,
    RelationKind.COPY: Manner.VERBATIM,
    RelationKind.EDITED: Manner.EDITED,
    RelationKind.EXCERPT: Manner.EXCERPT,
    RelationKind.TRANSLATION: Manner.TRANSLATION,
    RelationKind.DERIVED: Manner.DERIVED,
}
CLOSENESS = {manner: place for place, manner in enumerate(Manner)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One article that carries a report. It appeared after `after` (None: not known) and not after
    `seen`; `stated` is the time that the outlet gives.
    """

    article: int
    outlet: str
    url: str
    title: str
    manner: Manner
    after: datetime | None
    seen: datetime
    stated: datetime | None

    @property
    def at(self) -> datetime:
        """When it is said to be of: the outlet's time, else the first sight."""
        return self.stated or self.seen


@dataclass(frozen=True, slots=True)
class Report:
    """A report with all articles that carry it, the original first, then by time."""

    id: int
    agency: bool
    carried: tuple[Carried, ...]

    @property
    def original(self) -> Carried:
        """The report's lead document: the agency's own, else the first that is held."""
        return self.carried[0]

    def by_outlet(self) -> dict[str, Carried]:
        """Of each outlet the article that is closest to the original, the earliest of these."""
        best: dict[str, Carried] = {}
        for each in self.carried:
            held = best.get(each.outlet)
            if held is None or (CLOSENESS[each.manner], each.seen) < (
                CLOSENESS[held.manner],
                held.seen,
            ):
                best[each.outlet] = each
        return best


def carriage(
    database: Database,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    at_least: int = 1,
    agency_only: bool = False,
) -> list[Report]:
    """The reports of this time that at least so many outlets carry, in order of time.

    `agency_only`: those of which the agency's own text is held.
    """
    with database.snapshot() as connection:
        found = load_reports(connection, since, until, links=True)
        made = [*_reports(connection, found)]
    wanted = [
        report
        for report in made
        if len({each.outlet for each in report.carried}) >= at_least
        and (report.agency or not agency_only)
    ]
    return sorted(wanted, key=lambda report: (report.original.at, report.id))


CARRIAGE_COLUMNS = (
    *("report", "original_outlet", "original_title", "original_url", "original_at", "outlet"),
    *("manner", "article", "url", "title", "appeared_after", "appeared_by", "stated_at"),
)


def carriage_rows(reports: Iterable[Report]) -> Iterator[dict[str, Any]]:
    """One row for each report and outlet, under `CARRIAGE_COLUMNS`."""
    for report in reports:
        first = report.original
        for name, each in sorted(report.by_outlet().items()):
            yield {
                "report": report.id,
                "original_outlet": first.outlet,
                "original_title": first.title,
                "original_url": first.url,
                "original_at": first.at,
                "outlet": name,
                "manner": each.manner.value,
                "article": each.article,
                "url": each.url,
                "title": each.title,
                "appeared_after": each.after,
                "appeared_by": each.seen,
                "stated_at": each.stated,
            }


def manners(
    lead: int, members: Sequence[int], stories: Mapping[int, int], relations: Iterable[Relation]
) -> dict[int, Manner]:
    """How each member of a report carries it. Pure.

    The relation to the lead document decides; without one, that of the closest member of its story;
    members of the lead's story without any are edited copies, all others derived.
    """
    direct: dict[int, Manner] = {lead: Manner.ORIGINAL}
    inside = {i for i in members if stories[i] == stories[lead]}
    for each in relations:
        for one, other in ((each.a, each.b), (each.b, each.a)):
            near = other == lead or (other in inside and one not in inside)
            if one != lead and near:
                _keep_closest(direct, one, MANNERS[each.kind])
    of_story: dict[int, Manner] = {}
    for i in members:
        if i in direct and i != lead:
            _keep_closest(of_story, stories[i], direct[i])
    return {
        i: direct.get(i)
        or (Manner.EDITED if i in inside else of_story.get(stories[i], Manner.DERIVED))
        for i in members
    }


def in_order(articles: Iterable[Carried], lead: int) -> tuple[Carried, ...]:
    """The lead document first, then by time."""
    return tuple(sorted(articles, key=lambda each: (each.article != lead, each.at, each.article)))


def _keep_closest(held: dict[int, Manner], key: int, manner: Manner) -> None:
    if key not in held or CLOSENESS[manner] < CLOSENESS[held[key]]:
        held[key] = manner


def _reports(connection: Connection, found: Reports) -> Iterator[Report]:
    rows = {row.id: row for row in load_members(connection, found.of_article)}
    stories = {i: row.story_id for i, row in rows.items()}
    relations = relations_among(connection, found)
    for report, members in found.members.items():
        lead = found.leads[report]
        how = manners(lead, members, stories, relations.get(report, ()))
        all_of_it = [carried(rows[i], how[i]) for i in members]
        yield Report(report, rows[lead].rank == 0, in_order(all_of_it, lead))


def relations_among(connection: Connection, found: Reports) -> dict[int, list[Relation]]:
    """The relations within each report, those of `dedup.reports.reports` included."""
    among_them: defaultdict[int, list[Relation]] = defaultdict(list)
    for ids in batched(found.of_article, _AT_ONCE):
        asked = select(relation).where(among(relation.c.a, "ids"))
        for row in connection.execute(asked, {"ids": ids}):
            report = found.of_article[row.a]
            if found.of_article.get(row.b) == report:
                among_them[report].append(relation_of(row))
    for link in found.links:
        if found.of_article.get(link.a) == found.of_article.get(link.b, 0):
            among_them[found.of_article[link.a]].append(link)
    return among_them


def load_members(connection: Connection, ids: Iterable[int]) -> Iterator[AnyRow]:
    """What `carried` asks of articles."""
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
        .where(among(article.c.id, "ids"))
    )
    for some in batched(ids, _AT_ONCE):
        yield from connection.execute(asked, {"ids": some})


def carried(row: AnyRow, manner: Manner) -> Carried:
    """A row of `load_members` as what carries a report."""
    return Carried(
        article=row.id,
        outlet=row.outlet,
        url=row.url,
        title=row.title,
        manner=manner,
        after=row.last_poll_without_at,
        seen=row.first_seen_at,
        stated=row.published_at,
    )
