"""Describes reports: the lead document, and how and when each article carries the report."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from dedup.attribution.agencies import STATE_MEDIA
from dedup.lead import Seniority
from dedup.records import Relation, RelationKind
from dedup.reports.days import report_day
from storage.batches import batched
from storage.index.carriers import compute_seniority
from storage.reports.carriage import (
    CarryingArticle,
    MemberRow,
    make_carrying_articles,
    member_columns,
)
from storage.reports.delays import DelayRange, compute_delay, to_seconds
from storage.reports.manners import CarriageManner
from storage.tables.articles import article, attribution, relation, story
from storage.tables.columns import in_bound_list
from storage.tables.reports import carrying_story

_MEMBERS_QUERY = (
    member_columns()
    .add_columns(
        article.c.identity,
        article.c.language,
        article.c.seen_at,
        story.c.lead_id,
        carrying_story.c.article_id.label("carrier_id"),
    )
    .join(story, story.c.id == article.c.story_id)
    .join(carrying_story, carrying_story.c.story_id == article.c.story_id)
    .where(in_bound_list(article.c.story_id, "ids"))
)
_RELATIONS_QUERY = select(relation.c.a, relation.c.b, relation.c.kind).where(
    in_bound_list(relation.c.a, "ids")
)
_AGENCIES_QUERY = select(attribution.c.article_id, attribution.c.agency).where(
    in_bound_list(attribution.c.article_id, "ids"), attribution.c.agency.in_(sorted(STATE_MEDIA))
)


class StoredMember(NamedTuple):
    """An article of a report, as stored.

    `lead_id`: the lead document of its story. `carrier_id`: the article that stands for its story.
    """

    row: MemberRow
    identity: str
    language: str
    seen_at: datetime | None
    lead_id: int
    carrier_id: int


@dataclass(frozen=True, slots=True)
class ReportDescription:
    """The values of a row of `report`, and of its rows of `carried`, without the report's id."""

    values: Mapping[str, Any]
    carried_rows: Sequence[Mapping[str, Any]]


def describe_reports(
    connection: Connection, groups: Sequence[Sequence[int]]
) -> list[ReportDescription]:
    """Describes reports, each given by the ids of its stories."""
    group_by_story = {story_id: n for n, group in enumerate(groups) for story_id in group}
    members: defaultdict[int, list[StoredMember]] = defaultdict(list)
    group_by_article: dict[int, int] = {}
    for ids in batched(group_by_story):
        for stored in connection.execute(_MEMBERS_QUERY, {"ids": ids}):
            member = StoredMember(MemberRow._make(stored[:-5]), *stored[-5:])
            group = group_by_story[member.row.story_id or 0]
            group_by_article[member.row.id] = group
            members[group].append(member)
    relations = _load_relations(connection, group_by_article)
    agencies = _load_agencies(connection, group_by_article)
    return [
        _describe(
            sorted(members[n], key=lambda member: member.row.id),
            relations.get(n, []),
            agencies.get(n, Counter()),
        )
        for n in range(len(groups))
    ]


def _describe(
    members: Sequence[StoredMember], relations: Iterable[Relation], agencies: Counter[str]
) -> ReportDescription:
    lead_ids = {member.lead_id for member in members}
    lead = min((each for each in members if each.row.id in lead_ids), key=_seniority)
    articles = make_carrying_articles(
        [member.row for member in members],
        lead.row.id,
        [*relations, *_translations(lead, members)],
    )
    times = [each.at for each in articles]
    values = {
        "lead_id": lead.row.id,
        "agency": _agency(lead, agencies),
        "day": report_day(min(times)),
        "outlets": len({each.outlet for each in articles}),
        "articles": len(articles),
        "first_at": min(times),
        "last_at": max(times),
    }
    return ReportDescription(values, [_carried_row(each, articles[0]) for each in articles])


def _seniority(member: StoredMember) -> Seniority:
    row = member.row
    return compute_seniority(
        row.outlet, member.identity, row.rank, row.published_at, member.seen_at
    )


def _translations(lead: StoredMember, members: Sequence[StoredMember]) -> list[Relation]:
    """Returns the relations of the agency's lead document to its texts in other languages."""
    if lead.row.rank:
        return []
    ids = [
        each.row.id
        for each in members
        if each.row.id == each.carrier_id
        and each.row.rank == 0
        and each.row.story_id != lead.row.story_id
        and each.language[:2] != lead.language[:2]
    ]
    return [
        _relation(min(lead.row.id, i), max(lead.row.id, i), RelationKind.TRANSLATION) for i in ids
    ]


def _agency(lead: StoredMember, agencies: Counter[str]) -> str:
    if lead.row.rank == 0:
        return lead.row.outlet
    return min(agencies, key=lambda name: (-agencies[name], name)) if agencies else ""


def _carried_row(each: CarryingArticle, lead: CarryingArticle) -> dict[str, Any]:
    delay = DelayRange()
    if each is not lead and lead.manner is CarriageManner.ORIGINAL:
        delay = compute_delay(lead.appearance, each.appearance)
    return {
        "article_id": each.article_id,
        "manner": each.manner.value,
        "at": each.at,
        "appeared_after": each.appeared_after,
        "appeared_by": each.appeared_by,
        "delay_least": to_seconds(delay.low),
        "delay_most": to_seconds(delay.high),
        "stated_at": each.stated.at if each.stated else None,
        "stated_precision": each.stated.precision.value if each.stated else None,
        "is_zone_known": each.stated is None or each.stated.is_zone_known,
    }


def _load_relations(
    connection: Connection, group_by_article: Mapping[int, int]
) -> dict[int, list[Relation]]:
    relations: defaultdict[int, list[Relation]] = defaultdict(list)
    for ids in batched(group_by_article):
        for a, b, kind in connection.execute(_RELATIONS_QUERY, {"ids": ids}):
            group = group_by_article[a]
            if group_by_article.get(b) == group:
                relations[group].append(_relation(a, b, RelationKind(kind)))
    return relations


def _relation(a: int, b: int, kind: RelationKind) -> Relation:
    return Relation(a, b, kind, False, 0.0, 0.0, 0.0, "")


def _load_agencies(
    connection: Connection, group_by_article: Mapping[int, int]
) -> dict[int, Counter[str]]:
    """Counts for each group the articles that cite each agency."""
    cited: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    for ids in batched(group_by_article):
        for article_id, agency in connection.execute(_AGENCIES_QUERY, {"ids": ids}):
            cited[group_by_article[article_id]].add((article_id, agency))
    return {group: Counter(agency for _, agency in pairs) for group, pairs in cited.items()}
