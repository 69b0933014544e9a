"""The stages of a wire's report: articles of one outlet that follow each other, as versions of one story.

LEAD, 2nd LD, 종합 and the like come at addresses of their own. They are announced, so they are no silent
edits; and they are one report, so they are shown as its versions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from dedup.changes.change_classifier import classify_change
from dedup.changes.records import Change, ComparedVersion
from dedup.changes.wire_stages import Stage, has_same_headline, is_chain, parse_stage
from storage.engine import TransactionalEngine
from storage.reading.articles import Articles
from storage.reading.redirects import current_story_id
from storage.reading.rows import ArticleRow
from storage.records import TimePrecision

MAX_STAGE_DISTANCE = timedelta(hours=36)
"""How far apart two articles with one headline may be to be stages of one report."""
_EXACT_PRECISIONS = (TimePrecision.SECOND, TimePrecision.MINUTE, None)


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One stage: its article, what the headline announces, and what changed since the one before it."""

    article: ArticleRow
    stage: Stage
    at: datetime
    change: Change | None


def find_chains(database: TransactionalEngine, story_id: int) -> list[tuple[ChainLink, ...]]:
    """The chains that have a member in a story, by outlet. Raises NotFound.

    Of an outlet all members of the story are stages, and articles near them in time whose headlines
    differ from theirs in the marks alone, whichever stories these are in.
    """
    members = sorted(
        Articles(database).iter(story=current_story_id(database, story_id)),
        key=lambda each: each.outlet,
    )
    found = []
    for outlet, some in groupby(members, key=lambda each: each.outlet):
        own = list(some)
        whole = own + _find_same_headlines(database, outlet, own)
        if is_chain(parse_stage(each.title) for each in whole):
            found.append(_build_chain(whole))
    return found


def _find_same_headlines(
    database: TransactionalEngine, outlet: str, own: Sequence[ArticleRow]
) -> list[ArticleRow]:
    stages = [parse_stage(each.title) for each in own]
    times = [_article_time(each) for each in own]
    known = {each.id for each in own}
    near = Articles(database).iter(
        outlet=outlet, since=min(times) - MAX_STAGE_DISTANCE, until=max(times) + MAX_STAGE_DISTANCE
    )
    return [
        each
        for each in near
        if each.id not in known
        and any(has_same_headline(parse_stage(each.title), mine) for mine in stages)
    ]


def _build_chain(articles: Sequence[ArticleRow]) -> tuple[ChainLink, ...]:
    before: ArticleRow | None = None
    links = []
    for row, announced in _order_stages(articles):
        made = (
            classify_change(_to_compared_version(before), _to_compared_version(row))
            if before
            else None
        )
        links.append(ChainLink(row, announced, _article_time(row), made))
        before = row
    return tuple(links)


def _order_stages(articles: Sequence[ArticleRow]) -> list[tuple[ArticleRow, Stage]]:
    """By time if all print one; where some are known by day, the stages say what came first in it."""
    exact = all(
        each.published_at and each.published_precision in _EXACT_PRECISIONS for each in articles
    )

    def key(each: tuple[ArticleRow, Stage]) -> tuple[datetime | date, int, int]:
        at = _article_time(each[0])
        return (at if exact else at.date()), each[1].rank, each[0].id

    return sorted(((each, parse_stage(each.title)) for each in articles), key=key)


def _article_time(row: ArticleRow) -> datetime:
    return row.published_at or row.first_seen_at


def _to_compared_version(row: ArticleRow) -> ComparedVersion:
    return ComparedVersion(
        title=row.title,
        text=row.text,
        lead=row.lead,
        authors=row.authors,
        captions=row.captions,
        language=row.language,
    )
