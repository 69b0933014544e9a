"""Finds the articles that `nkwire import --later` stored and that are not placed yet.

Such an article is in no story and has no signature, so nothing is compared with it. `recluster`
places all of them at once; so does whatever saves one of them again in the usual way. To readers
each is a story by itself, whose number is the negative id of the article.
"""

from sqlalchemy import ColumnElement, Connection, func, select

from storage.tables.articles import article
from storage.wording.numbers import format_count


def is_unplaced() -> ColumnElement[bool]:
    """Selects the articles that are not placed yet."""
    return article.c.story_id.is_(None)


def count_unplaced(connection: Connection) -> int:
    """Returns the number of articles that are not placed yet."""
    query = select(func.count()).select_from(article).where(is_unplaced())
    return connection.scalar(query) or 0


def story_or_self(story_id: int | None, article_id: int) -> int:
    """Returns the number of the story of an article; its negative id if it is not placed yet."""
    return -article_id if story_id is None else story_id


def story_number(story_or_self: int) -> int | None:
    """Returns the number of a story for users; None for an article that is not placed yet."""
    return story_or_self if story_or_self > 0 else None


def describe_unplaced(number: int) -> str:
    """Returns what to do about this number of articles; "" for none."""
    if not number:
        return ""
    verb = "is" if number == 1 else "are"
    return f"{format_count(number, 'article')} {verb} not placed yet: run `nkwire recluster`"
