"""Finds which articles of a database carry which report, with `dedup.reports.reports`.

Candidates are articles by outlets of the agency (rank 0) and articles that cite North Korea's
media. The other members of their stories belong to the report too. The id of a report is the id of
the story that contains its lead document. Texts are read in small batches, and the cues that are
compared are stored in a temporary file. So memory holds little more than the result.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from dedup.attribution.agencies import STATE_MEDIA
from dedup.bulk.spill import DiskStore
from dedup.lead import seniority_key
from dedup.records import Document, Relation, Story
from dedup.reports.cues import Cues, carries_report, extract_cues
from dedup.reports.days import chronological_key
from dedup.reports.reports import CarrierStory, iter_report_sets
from storage.batches import batched
from storage.index.sql_index import load_documents, load_documents_without_text
from storage.reading.article_queries import ARTICLE_TIME
from storage.tables.articles import article, attribution, outlet, story
from storage.tables.columns import in_bound_list

_ROWS_PER_BATCH = 200


@dataclass(frozen=True, slots=True)
class ReportMembership:
    """Which articles belong to which report; all keys and values are ids.

    `relations`: those between articles that carry the same report in different words or languages.
    """

    report_by_article: Mapping[int, int] = field(default_factory=dict)
    members_by_report: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    lead_by_report: Mapping[int, int] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()


def load_reports(
    connection: Connection,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    with_relations: bool = False,
) -> ReportMembership:
    """Returns the reports of the stories that have a candidate with `since` <= time < `until`.

    The time is `ARTICLE_TIME`. `with_relations`: also return the relations, about 1 kB of memory
    each. Raises OSError if the temporary folder has no room for about 2 kB for each story.
    """
    story_by_lead: dict[int, int] = {}
    members_by_report: dict[int, tuple[int, ...]] = {}
    lead_by_report: dict[int, int] = {}
    relations: list[Relation] = []
    for report_set in iter_report_sets(
        _iter_carrier_stories(connection, since, until, story_by_lead)
    ):
        for report in report_set.reports:
            members_by_report[story_by_lead[report.lead]] = report.members
            lead_by_report[story_by_lead[report.lead]] = report.lead
        relations += report_set.relations if with_relations else ()
    report_by_article = {i: report for report, ids in members_by_report.items() for i in ids}
    return ReportMembership(report_by_article, members_by_report, lead_by_report, tuple(relations))


def _iter_carrier_stories(
    connection: Connection,
    since: datetime | None,
    until: datetime | None,
    story_by_lead: dict[int, int],
) -> Iterator[CarrierStory]:
    """Yields the stories that carry a report, by `chronological_key`.

    Fills `story_by_lead`: the id of the story for the id of each lead document.
    """
    with (
        TemporaryDirectory(prefix="nkwire-") as folder,
        DiskStore[Cues](Path(folder) / "cues") as cues_store,
    ):
        carriers = []
        for story_id, group in groupby(_iter_carriers(connection, since, until), key=itemgetter(0)):
            most_senior = min((document for _, document in group), key=seniority_key)
            cues_store.put(most_senior.id, extract_cues(most_senior))
            carriers.append((chronological_key(most_senior), most_senior.id, story_id))
        carriers.sort()
        for batch in batched(carriers, _ROWS_PER_BATCH):
            stories = _load_stories(connection, [story_id for _, _, story_id in batch])
            lead_documents = load_documents_without_text(
                connection, [each.lead for each in stories.values()]
            )
            cues = cues_store.get(article_id for _, article_id, _ in batch)
            for _, article_id, story_id in batch:
                stored_story = stories[story_id]
                story_by_lead[stored_story.lead] = story_id
                yield CarrierStory(
                    cues[article_id], stored_story, seniority_key(lead_documents[stored_story.lead])
                )


def _iter_carriers(
    connection: Connection, since: datetime | None, until: datetime | None
) -> Iterator[tuple[int, Document]]:
    """Yields story id and document of each article that carries a report itself, by story id."""
    query = select(article.c.id, article.c.story_id).where(
        _may_carry_report(), article.c.story_id.in_(_carrying_story_ids(since, until))
    )
    rows = connection.execute(query.order_by(article.c.story_id, article.c.id)).all()
    for batch in batched(rows, _ROWS_PER_BATCH):
        documents = load_documents(connection, [row.id for row in batch])
        for row in batch:
            if carries_report(documents[row.id]):
                yield row.story_id, documents[row.id]


def _load_stories(connection: Connection, ids: Collection[int]) -> dict[int, Story]:
    """Returns the stories with these ids, with all their members."""
    query = (
        select(article.c.id, article.c.story_id, story.c.lead_id)
        .join_from(article, story, story.c.id == article.c.story_id)
        .where(in_bound_list(article.c.story_id, "ids"))
        .order_by(article.c.story_id, article.c.id)
    )
    rows = connection.execute(query, {"ids": list(ids)}).all()
    return {
        story_id: Story(tuple(row.id for row in story_rows), story_rows[0].lead_id)
        for story_id, story_rows in (
            (key, list(group)) for key, group in groupby(rows, key=lambda row: row.story_id)
        )
    }


def _carrying_story_ids(since: datetime | None, until: datetime | None) -> Select[int | None]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(since <= ARTICLE_TIME)
    if until is not None:
        conditions.append(until > ARTICLE_TIME)
    return select(article.c.story_id).where(_may_carry_report(), *conditions)


def _may_carry_report() -> ColumnElement[bool]:
    """Returns the condition for candidates: by the agency, or citing North Korea's media."""
    agency_outlets = select(outlet.c.name).where(outlet.c.rank == 0)
    citing_ids = select(attribution.c.article_id).where(
        attribution.c.agency.in_(sorted(STATE_MEDIA))
    )
    return or_(article.c.outlet.in_(agency_outlets), article.c.id.in_(citing_ids))
