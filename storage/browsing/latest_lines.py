"""Reads the latest article of each outlet."""

from collections.abc import Collection

from sqlalchemy import Text, bindparam, select

from storage.browsing.article_lines import ArticleLine, select_lines
from storage.browsing.selection import TimeOf
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.tables.articles import article


def load_latest_lines(
    database: TransactionalEngine, outlets: Collection[str], by: TimeOf = TimeOf.PUBLISHED
) -> dict[str, ArticleLine]:
    """Returns the latest article of each of these outlets; those without articles are left out.

    `by`: the time that decides. Raises TooSlow.
    """
    at = by.column()
    # A look into an index for each outlet. One query for all would read every article.
    query = (
        select(article.c.id)
        .where(article.c.outlet == bindparam("of", type_=Text))
        .order_by(at.desc(), article.c.id.desc())
        .limit(1)
    )
    with reading_within(database) as connection:
        found = [connection.scalar(query, {"of": name}) for name in outlets]
        lines = select_lines(connection, [each for each in found if each is not None])
    return {line.outlet: line for line in lines}
