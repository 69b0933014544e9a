"""Which articles carry which report: `dedup.reports` over the articles of a database.

Only articles by the agency's own outlets (rank 0) or that name North Korea's media are looked at, with
the other members of their stories. A report goes by the id of the story that its lead document is in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, select

from dedup.agencies import STATE_MEDIA
from dedup.records import Document, Relation, Story
from dedup.reports import reports
from storage.batches import batched
from storage.index import load_documents
from storage.models import article, attribution, outlet, story
from storage.selects import TIME

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Reports:
    """`of_article`: article -> the report it carries. `members`: report -> its articles, `leads`:
    report -> its lead document. `links`: the relations between articles that only tell the same.
    """

    of_article: Mapping[int, int] = field(default_factory=dict)
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    leads: Mapping[int, int] = field(default_factory=dict)
    links: tuple[Relation, ...] = ()


def load_reports(
    connection: Connection, since: datetime | None = None, until: datetime | None = None
) -> Reports:
    """The reports of all stories of which an article is of this time (`since` <= time < `until`)."""
    stories, of_story = _stories(connection, since, until)
    held: dict[int, Document] = {}
    for ids in batched((i for each in stories for i in each.members), _AT_ONCE):
        held |= load_documents(connection, ids)
    whole = [each for each in stories if held.keys() >= set(each.members)]
    made = reports(held.values(), whole)
    members = {of_story[report.lead]: report.members for report in made.reports}
    return Reports(
        {i: report for report, ids in members.items() for i in ids},
        members,
        {of_story[report.lead]: report.lead for report in made.reports},
        tuple(made.relations),
    )


def _stories(
    connection: Connection, since: datetime | None, until: datetime | None
) -> tuple[list[Story], dict[int, int]]:
    """The stories that may carry a report, and article -> story of their members."""
    asked = (
        select(article.c.id, article.c.story_id, story.c.lead_id)
        .join_from(article, story, story.c.id == article.c.story_id)
        .where(article.c.story_id.in_(_carrying(since, until)))
        .order_by(article.c.story_id, article.c.id)
    )
    members: dict[int, list[int]] = {}
    leads: dict[int, int] = {}
    for row in connection.execute(asked):
        members.setdefault(row.story_id, []).append(row.id)
        leads[row.story_id] = row.lead_id
    of_story = {i: whose for whose, ids in members.items() for i in ids}
    return [Story(tuple(ids), leads[whose]) for whose, ids in members.items()], of_story


def _carrying(since: datetime | None, until: datetime | None) -> Select[tuple[int]]:
    inside: list[ColumnElement[bool]] = []
    if since is not None:
        inside.append(since <= TIME)
    if until is not None:
        inside.append(until > TIME)
    names = select(outlet.c.name).where(outlet.c.rank == 0)
    citing = select(attribution.c.article_id).where(attribution.c.agency.in_(sorted(STATE_MEDIA)))
    carries = article.c.outlet.in_(names) | article.c.id.in_(citing)
    return select(article.c.story_id).where(carries, *inside)
