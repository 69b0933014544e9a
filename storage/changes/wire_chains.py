"""Finds the stages of a wire report: successive articles of one outlet on the same news.

Stages (LEAD, 2nd LD, 종합 and the like) have addresses of their own. They are announced, so they are
not silent edits. They are one report, so they are shown as its versions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from dedup.changes.change_classifier import classify_change
from dedup.changes.records import Change, ComparedVersion
from dedup.changes.wire_stages import Stage, has_same_headline, is_chain, parse_stage
from storage.engine import TransactionalEngine
from storage.reading.article_queries import article_time
from storage.reading.articles import Articles
from storage.reading.redirects import current_story_id
from storage.reading.rows import ArticleRow
from storage.records import TimePrecision

MAX_STAGE_DISTANCE = timedelta(hours=36)
"""The greatest time between two articles with the same headline that are stages of one report."""
_EXACT_PRECISIONS = (TimePrecision.SECOND, TimePrecision.MINUTE, None)


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One stage: its article, the stage in its headline, and the change since the stage before."""

    article: ArticleRow
    stage: Stage
    at: datetime
    change: Change | None


def find_chains(database: TransactionalEngine, story_id: int) -> list[tuple[ChainLink, ...]]:
    """Returns the chains that have a member in a story, in order of outlet. Raises NotFound.

    A chain contains all members of the story from its outlet. It also contains articles of other
    stories that are near in time and whose headlines differ only in the stage marks.
    """
    members = sorted(
        Articles(database).iter(story=current_story_id(database, story_id)),
        key=lambda each: each.outlet,
    )
    chains = []
    for outlet, group in groupby(members, key=lambda each: each.outlet):
        outlet_members = list(group)
        candidates = outlet_members + _find_same_headlines(database, outlet, outlet_members)
        if is_chain(parse_stage(each.title) for each in candidates):
            chains.append(_build_chain(candidates))
    return chains


def _find_same_headlines(
    database: TransactionalEngine, outlet: str, members: Sequence[ArticleRow]
) -> list[ArticleRow]:
    stages = [parse_stage(each.title) for each in members]
    times = [article_time(each) for each in members]
    known = {each.id for each in members}
    nearby = Articles(database).iter(
        outlet=outlet, since=min(times) - MAX_STAGE_DISTANCE, until=max(times) + MAX_STAGE_DISTANCE
    )
    return [
        each
        for each in nearby
        if each.id not in known
        and any(has_same_headline(parse_stage(each.title), stage) for stage in stages)
    ]


def _build_chain(articles: Sequence[ArticleRow]) -> tuple[ChainLink, ...]:
    previous: ArticleRow | None = None
    links = []
    for row, stage in _order_stages(articles):
        change = (
            classify_change(_to_compared_version(previous), _to_compared_version(row))
            if previous
            else None
        )
        links.append(ChainLink(row, stage, article_time(row), change))
        previous = row
    return tuple(links)


def _order_stages(articles: Sequence[ArticleRow]) -> list[tuple[ArticleRow, Stage]]:
    """Sorts by time if all times are exact. Otherwise sorts by day, and within a day by stage."""
    exact = all(
        each.published_at and each.published_precision in _EXACT_PRECISIONS for each in articles
    )

    def key(entry: tuple[ArticleRow, Stage]) -> tuple[datetime | date, int, int]:
        time = article_time(entry[0])
        return (time if exact else time.date()), entry[1].rank, entry[0].id

    return sorted(((each, parse_stage(each.title)) for each in articles), key=key)


def _to_compared_version(row: ArticleRow) -> ComparedVersion:
    return ComparedVersion(
        title=row.title,
        text=row.text,
        lead=row.lead,
        authors=row.authors,
        captions=row.captions,
        language=row.language,
    )
