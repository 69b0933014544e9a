"""Lists stories, and shows the members of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.browsing.article_lines import ArticleLine, load_lines
from storage.browsing.members import Member, load_members
from storage.browsing.position import Position
from storage.browsing.story_lines import StoryLine, load_story_lines
from storage.reading.rows import Departure
from web.errors import Redirect
from web.page import Page, Query, link
from web.pages import filters
from web.parameters import Parameter, ParameterKind, parse_number

MEMBERS, ROWS = 200, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Stories:
    """A page of stories, by the time of their latest article."""

    rows: tuple[StoryLine, ...]
    next: Position | None
    previous: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """An article that was in the story and is in another one now, since `left_at`."""

    article: ArticleLine
    story: int
    left_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story. `lead`: its lead document. `rows`: its members, latest first. `left`: former ones."""

    id: int
    lead: ArticleLine
    rows: tuple[Member, ...]
    left: tuple[Left, ...]
    next: Position | None
    previous: Position | None


def load_list(query: Query) -> Stories:
    """Reads a page of the stories with at least so many articles."""
    listing = load_story_lines(
        query.database,
        limit=ROWS,
        before=query["before"],
        after=query["after"],
        min_articles=query["articles"],
        outlet=query["outlet"],
        language=query["language"],
    )
    return Stories(rows=listing.rows, next=listing.next, previous=listing.previous)


def load(query: Query) -> Story:
    """Reads a story. A former number, and s7, lead to the story. Raises NotFound."""
    database, asked_id = query.database, parse_number(query.ids["story"], "s")
    number = database.stories.number(asked_id)
    if str(number.story_id) != query.ids["story"]:
        given = query.link().removeprefix(link(query.path))
        raise Redirect(f"/stories/{number.story_id}{given}")
    members = load_members(
        database, asked_id, limit=MEMBERS, before=query["before"], after=query["after"]
    )
    lead = next((each.article for each in members.rows if each.is_lead), None)
    if lead is None:  # on another page of a long story
        (lead,) = load_lines(database, [database.stories.get(asked_id).lead.id])
    return Story(
        id=asked_id,
        lead=lead,
        rows=members.rows,
        left=_left(query, number.departures),
        next=members.next,
        previous=members.previous,
    )


def _left(query: Query, departures: Sequence[Departure]) -> tuple[Left, ...]:
    found = load_lines(query.database, [each.article_id for each in departures])
    lines = {each.id: each for each in found}
    return tuple(
        Left(article=lines[each.article_id], story=each.story_id, left_at=each.left_at)
        for each in departures
        if each.article_id in lines
    )


LIST = Page(
    name="stories",
    path="/stories",
    summary="Stories, each one text that several outlets print, by their latest article.",
    template="stories.html",
    model=Stories,
    load=load_list,
    parameters=(
        Parameter(
            name="articles",
            kind=ParameterKind.INTEGER,
            description="Only stories of at least so many articles.",
            default=2,
            minimum=1,
            maximum=10_000,
        ),
        Parameter(name="outlet", description="Only stories with an article of this outlet."),
        Parameter(name="language", description="Only stories with an article in this language."),
        filters.BEFORE,
        filters.AFTER,
    ),
    section="/reports",
)
PAGE = Page(
    name="story",
    path="/stories/{story}",
    summary="The articles that are one text. A former number leads to the story it became.",
    template="story.html",
    model=Story,
    load=load,
    parameters=(filters.BEFORE, filters.AFTER),
    section="/reports",
)
