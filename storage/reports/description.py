"""Describes reports: the lead document, and how and when each article carries the report."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from dedup.lead import seniority_key
from dedup.records import Member, Relation, RelationKind
from dedup.reports.agencies import STATE_MEDIA
from dedup.reports.days import report_day
from storage.batches import batched
from storage.identity import make_uid
from storage.reports.carriage import (
    CarriageManner,
    CarryingArticle,
    classify_manners,
)
from storage.reports.latency import compute_delay
from storage.tables.articles import article, attribution, outlet, relation, story
from storage.tables.columns import in_bound_list
from storage.tables.reports import carrying_story

_MEMBERS_QUERY = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.identity,
        article.c.language,
        article.c.story_id,
        article.c.published_at,
        article.c.published_precision,
        article.c.first_seen_at,
        article.c.seen_at,
        article.c.last_poll_without_at,
        outlet.c.rank,
        story.c.lead_id,
        carrying_story.c.article_id.label("carrier_id"),
    )
    .join_from(article, story, story.c.id == article.c.story_id)
    .join(carrying_story, carrying_story.c.story_id == article.c.story_id)
    .join(outlet, outlet.c.name == article.c.outlet)
    .where(in_bound_list(article.c.story_id, "ids"))
)
_RELATIONS_QUERY = select(relation.c.a, relation.c.b, relation.c.kind).where(
    in_bound_list(relation.c.a, "ids")
)
_AGENCIES_QUERY = select(attribution.c.article_id, attribution.c.agency).where(
    in_bound_list(attribution.c.article_id, "ids"), attribution.c.agency.in_(sorted(STATE_MEDIA))
)


class StoredMember(NamedTuple):
    """An article of a report, as stored. `carrier_id`: the article that stands for its story."""

    id: int
    outlet: str
    identity: str
    language: str
    story_id: int
    published_at: datetime | None
    published_precision: str | None
    first_seen_at: datetime
    seen_at: datetime | None
    last_poll_without_at: datetime | None
    rank: int
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
        for row in connection.execute(_MEMBERS_QUERY, {"ids": ids}):
            member = StoredMember._make(row)
            group_by_article[member.id] = group_by_story[member.story_id]
            members[group_by_story[member.story_id]].append(member)
    relations = _load_relations(connection, group_by_article)
    agencies = _load_agencies(connection, group_by_article)
    return [
        _describe(sorted(members[n]), relations.get(n, []), agencies.get(n, Counter()))
        for n in range(len(groups))
    ]


def _describe(
    members: Sequence[StoredMember], relations: Iterable[Relation], agencies: Counter[str]
) -> ReportDescription:
    lead_ids = {member.lead_id for member in members}
    lead = min((each for each in members if each.id in lead_ids), key=_seniority)
    stories = {member.id: member.story_id for member in members}
    manners = classify_manners(
        lead.id, list(stories), stories, [*relations, *_translations(lead, members)]
    )
    articles = {each.id: _carrying_article(each, manners[each.id]) for each in members}
    times = [each.at for each in articles.values()]
    values = {
        "lead_id": lead.id,
        "agency": _agency(lead, agencies),
        "day": report_day(min(times)),
        "outlets": len({member.outlet for member in members}),
        "articles": len(members),
        "first_at": min(times),
        "last_at": max(times),
    }
    rows = [
        _carried_row(each, articles[each.id], articles[lead.id] if lead.rank == 0 else None)
        for each in members
    ]
    return ReportDescription(values, rows)


def _seniority(member: StoredMember) -> Any:
    uid = make_uid(member.outlet, member.identity)
    return seniority_key(
        Member(member.id, uid, b"", member.outlet, member.rank, member.published_at, member.seen_at)
    )


def _translations(lead: StoredMember, members: Sequence[StoredMember]) -> list[Relation]:
    """Returns the relations of the agency's lead document to its texts in other languages."""
    if lead.rank:
        return []
    return [
        _relation(min(lead.id, each.id), max(lead.id, each.id), RelationKind.TRANSLATION)
        for each in members
        if each.id == each.carrier_id
        and each.rank == 0
        and each.story_id != lead.story_id
        and each.language[:2] != lead.language[:2]
    ]


def _agency(lead: StoredMember, agencies: Counter[str]) -> str:
    if lead.rank == 0:
        return lead.outlet
    return min(agencies, key=lambda name: (-agencies[name], name)) if agencies else ""


def _carrying_article(member: StoredMember, manner: CarriageManner) -> CarryingArticle:
    return CarryingArticle(
        article_id=member.id,
        outlet=member.outlet,
        url="",
        title="",
        manner=manner,
        appeared_after=member.last_poll_without_at,
        appeared_by=member.first_seen_at,
        stated_at=member.published_at,
    )


def _carried_row(
    member: StoredMember, carrying: CarryingArticle, original: CarryingArticle | None
) -> dict[str, Any]:
    is_later = original is not None and original.article_id != member.id
    delay = compute_delay(original, carrying) if original and is_later else None
    return {
        "article_id": member.id,
        "manner": carrying.manner.value,
        "at": carrying.at,
        "appeared_after": carrying.appeared_after,
        "appeared_by": carrying.appeared_by,
        "delay_least": delay.low.total_seconds() if delay and delay.low is not None else None,
        "delay_most": delay.high.total_seconds() if delay and delay.high is not None else None,
        "stated_at": carrying.stated_at,
        "stated_precision": member.published_precision,
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
