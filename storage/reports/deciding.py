"""Stores what a person decides about articles, and works out the reports that it touches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dedup.records import DecisionVerb
from storage.database import Database
from storage.errors import InvalidRequest, Unavailable
from storage.index.membership import StoryChanges
from storage.reports.working_out import work_out


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did. `articles`: those it is about.

    `is_worked_out`: whether the reports show it; else the next run works them out.
    """

    articles: tuple[int, ...]
    changes: StoryChanges
    is_worked_out: bool


def merge(
    database: Database, a: int, b: int, note: str = "", *, max_seconds: float | None = None
) -> Decided:
    """Decides that two articles belong to one story.

    `max_seconds`: works out no further reports after this time. Raises NotFound, InvalidRequest for
    one article or a stub, and the errors of writing.
    """
    return _decide(
        database,
        (a, b),
        lambda: database.decisions.add(a, b, DecisionVerb.MUST_LINK, note),
        max_seconds,
    )


def split(
    database: Database,
    article_id: int,
    other: int | None = None,
    note: str = "",
    *,
    max_seconds: float | None = None,
) -> Decided:
    """Decides that an article does not belong to its story, or not together with one other.

    Raises the errors of `merge`, and InvalidRequest if the article is alone in its story.
    """
    others = other_members(database, article_id) if other is None else [other]
    return _decide(
        database,
        (article_id, *others),
        lambda: database.decisions.split(article_id, others, note),
        max_seconds,
    )


def undo(database: Database, decided_at: datetime, *, max_seconds: float | None = None) -> Decided:
    """Takes back all that was decided at one moment. Raises NotFound and the errors of writing."""
    return _decide(database, (), lambda: database.decisions.undo(decided_at), max_seconds)


def other_members(database: Database, article_id: int) -> list[int]:
    """Returns the other articles of an article's story.

    Raises NotFound, and InvalidRequest if there are none.
    """
    story = database.stories.get(database.articles.get(article_id).story_id)
    others = [member.id for member in story.members if member.id != article_id]
    if not others:
        raise InvalidRequest(f"{article_id} is the only article in s{story.id}")
    return others


def _decide(
    database: Database,
    articles: tuple[int, ...],
    work: Callable[[], StoryChanges],
    max_seconds: float | None,
) -> Decided:
    changes = work()
    try:
        is_worked_out = work_out(database, max_seconds=max_seconds)
    except Unavailable:
        # The decision is stored; whoever keeps the database busy works out the reports after it.
        if max_seconds is None:
            raise
        is_worked_out = False
    return Decided(articles, changes, is_worked_out)
