"""Compares each listing of an outlet with what the same listing contained before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from storage.batches import batched
from storage.changes.listing_comparison import ListedArticle, find_absent
from storage.changes.writer import update_change_state
from storage.engine import Facet
from storage.statements import insert_or_ignore
from storage.tables.articles import article
from storage.tables.changes import listed
from storage.tables.columns import AnyRow, in_bound_list


class Listings(Facet):
    """Records which articles each listing contains, and which it dropped."""

    def record(self, source: str, at: datetime, identities: Sequence[str], *, of: str) -> list[int]:
        """Records a complete listing, top first. Returns the ids of the articles that it dropped.

        An article is dropped if it was absent in two polls in a row that should have contained it.
        `at`: the time of the poll. `of`: the outlet.
        """

        def work(connection: Connection) -> list[int]:
            articles = _known(connection, of, identities)
            periods = _load_open_periods(connection, source)
            _extend_periods(connection, source, at, articles, periods)
            absent_ids, left_ids = find_absent(
                [
                    ListedArticle(listed_id, listed_period.published_at)
                    for listed_id, listed_period in periods.items()
                ],
                articles,
            )
            dropped_ids = [
                listed_id
                for listed_id in sorted(absent_ids)
                if periods[listed_id].missed_at is not None
            ]
            for article_id in absent_ids - set(dropped_ids):
                _mark(connection, periods[article_id], {"missed_at": at})
            for article_id in left_ids:
                _close_period(connection, periods[article_id])
            for article_id in dropped_ids:
                period = periods[article_id]
                _mark(connection, period, {"dropped_at": period.missed_at, "open": False})
                update_change_state(connection, article_id, versions=False)
                _schedule_check_now(connection, article_id, at)
            return dropped_ids

        return self._database.write(work)


def _known(
    connection: Connection, outlet_name: str, identities: Sequence[str]
) -> list[ListedArticle]:
    """Returns the stored articles of a listing, in its order."""
    found: dict[str, ListedArticle] = {}
    for batch in batched(identities):
        query = select(article.c.identity, article.c.id, article.c.published_at).where(
            article.c.outlet == outlet_name, article.c.identity.in_(batch)
        )
        found |= {
            row.identity: ListedArticle(row.id, row.published_at)
            for row in connection.execute(query)
        }
    return [found[each] for each in dict.fromkeys(identities) if each in found]


def _load_open_periods(connection: Connection, source: str) -> dict[int, AnyRow]:
    query = (
        select(listed, article.c.published_at)
        .join_from(listed, article, article.c.id == listed.c.article_id)
        .where(listed.c.source == source, listed.c.open)
    )
    return {row.article_id: row for row in connection.execute(query)}


def _extend_periods(
    connection: Connection,
    source: str,
    at: datetime,
    articles: Sequence[ListedArticle],
    periods: dict[int, AnyRow],
) -> None:
    """Extends the open listing periods of the listed articles, and starts periods for new ones."""
    new_rows = [
        {
            "article_id": each.article_id,
            "source": source,
            "first_at": at,
            "last_at": at,
            "open": True,
        }
        for each in articles
        if each.article_id not in periods
    ]
    if new_rows:
        connection.execute(insert_or_ignore(connection, listed), new_rows)
    extension = update(listed).where(listed.c.source == source, listed.c.open)
    extension = extension.where(in_bound_list(listed.c.article_id, "ids")).values(
        last_at=at, missed_at=None
    )
    connection.execute(
        extension,
        {
            "ids": [
                listed_id
                for listed_id in periods
                if listed_id in {each.article_id for each in articles}
            ]
        },
    )
    query = select(listed.c.article_id).where(
        in_bound_list(listed.c.article_id, "ids"), listed.c.dropped_at.is_not(None)
    )
    ids = [row["article_id"] for row in new_rows]
    for article_id in connection.scalars(query.distinct(), {"ids": ids}).all() if ids else ():
        update_change_state(connection, article_id, versions=False)


def _was_dropped(connection: Connection, article_id: int) -> bool:
    query = select(func.count()).where(
        listed.c.article_id == article_id, listed.c.dropped_at.is_not(None)
    )
    return bool(connection.scalar(query))


def _mark(connection: Connection, period: AnyRow, values: dict[str, object]) -> None:
    connection.execute(update(listed).where(_is_same_period(period)), values)


def _close_period(connection: Connection, period: AnyRow) -> None:
    """Deletes a period that ended normally; if the article was ever dropped, all its periods stay."""
    if _was_dropped(connection, period.article_id):
        _mark(connection, period, {"open": False})
    else:
        connection.execute(delete(listed).where(_is_same_period(period)))


def _is_same_period(period: AnyRow) -> ColumnElement[bool]:
    return and_(
        listed.c.article_id == period.article_id,
        listed.c.source == period.source,
        listed.c.first_at == period.first_at,
    )


def _schedule_check_now(connection: Connection, article_id: int, at: datetime) -> None:
    """Makes an article due now: after a listing drops it, its page may be removed next."""
    connection.execute(
        update(article)
        .where(article.c.id == article_id, article.c.last_captured_at.is_not(None))
        .values(next_check_at=at)
    )
