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
from storage.engine import Connected
from storage.reading.articles import Articles
from storage.reading.redirects import current_story_id
from storage.reading.rows import ArticleRow
from storage.records import Precision

NEAR = timedelta(hours=36)
"""How far apart two articles with one headline may be to be stages of one report."""
_EXACT = (Precision.SECOND, Precision.MINUTE, None)


@dataclass(frozen=True, slots=True)
class Link:
    """One stage: its article, what the headline announces, and what changed since the one before it."""

    article: ArticleRow
    stage: Stage
    at: datetime
    change: Change | None


def chains(database: Connected, story_id: int) -> list[tuple[Link, ...]]:
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
        whole = own + _namesakes(database, outlet, own)
        if is_chain(parse_stage(each.title) for each in whole):
            found.append(_linked(whole))
    return found


def _namesakes(database: Connected, outlet: str, own: Sequence[ArticleRow]) -> list[ArticleRow]:
    stages = [parse_stage(each.title) for each in own]
    times = [_time(each) for each in own]
    known = {each.id for each in own}
    near = Articles(database).iter(outlet=outlet, since=min(times) - NEAR, until=max(times) + NEAR)
    return [
        each
        for each in near
        if each.id not in known
        and any(has_same_headline(parse_stage(each.title), mine) for mine in stages)
    ]


def _linked(articles: Sequence[ArticleRow]) -> tuple[Link, ...]:
    before: ArticleRow | None = None
    links = []
    for row, announced in _in_order(articles):
        made = classify_change(_wording(before), _wording(row)) if before else None
        links.append(Link(row, announced, _time(row), made))
        before = row
    return tuple(links)


def _in_order(articles: Sequence[ArticleRow]) -> list[tuple[ArticleRow, Stage]]:
    """By time if all print one; where some are known by day, the stages say what came first in it."""
    exact = all(each.published_at and each.published_precision in _EXACT for each in articles)

    def key(each: tuple[ArticleRow, Stage]) -> tuple[datetime | date, int, int]:
        at = _time(each[0])
        return (at if exact else at.date()), each[1].rank, each[0].id

    return sorted(((each, parse_stage(each.title)) for each in articles), key=key)


def _time(row: ArticleRow) -> datetime:
    return row.published_at or row.first_seen_at


def _wording(row: ArticleRow) -> ComparedVersion:
    return ComparedVersion(
        title=row.title,
        text=row.text,
        lead=row.lead,
        authors=row.authors,
        captions=row.captions,
        language=row.language,
    )
