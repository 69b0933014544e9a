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

_AT_ONCE = 500


class Listings(Facet):
    """Records which articles each listing contains, and which it dropped."""

    def record(self, source: str, at: datetime, identities: Sequence[str], *, of: str) -> list[int]:
        """Records a complete listing, top first. Returns the ids of the articles that it dropped.

        An article is dropped if it was absent in two polls in a row that should have contained it.
        `at`: the time of the poll. `of`: the outlet.
        """

        def work(connection: Connection) -> list[int]:
            now = _known(connection, of, identities)
            spells = _load_open_periods(connection, source)
            _extend_periods(connection, source, at, now, spells)
            missed, rolled = find_absent(
                [ListedArticle(i, s.published_at) for i, s in spells.items()], now
            )
            dropped = [i for i in sorted(missed) if spells[i].missed_at is not None]
            for article_id in missed - set(dropped):
                _mark(connection, spells[article_id], {"missed_at": at})
            for article_id in rolled:
                _close_period(connection, spells[article_id])
            for article_id in dropped:
                spell = spells[article_id]
                _mark(connection, spell, {"dropped_at": spell.missed_at, "open": False})
                update_change_state(connection, article_id, versions=False)
                _schedule_check_now(connection, article_id, at)
            return dropped

        return self._database.write(work)


def _known(connection: Connection, of: str, identities: Sequence[str]) -> list[ListedArticle]:
    """Returns the stored articles of a listing, in its order."""
    found: dict[str, ListedArticle] = {}
    for some in batched(identities, _AT_ONCE):
        asked = select(article.c.identity, article.c.id, article.c.published_at).where(
            article.c.outlet == of, article.c.identity.in_(some)
        )
        found |= {
            r.identity: ListedArticle(r.id, r.published_at) for r in connection.execute(asked)
        }
    return [found[each] for each in dict.fromkeys(identities) if each in found]


def _load_open_periods(connection: Connection, source: str) -> dict[int, AnyRow]:
    asked = (
        select(listed, article.c.published_at)
        .join_from(listed, article, article.c.id == listed.c.article_id)
        .where(listed.c.source == source, listed.c.open)
    )
    return {row.article_id: row for row in connection.execute(asked)}


def _extend_periods(
    connection: Connection,
    source: str,
    at: datetime,
    now: Sequence[ListedArticle],
    spells: dict[int, AnyRow],
) -> None:
    """Extends the open listing periods of the listed articles, and starts periods for new ones."""
    new = [
        {
            "article_id": each.article_id,
            "source": source,
            "first_at": at,
            "last_at": at,
            "open": True,
        }
        for each in now
        if each.article_id not in spells
    ]
    if new:
        connection.execute(insert_or_ignore(connection, listed), new)
    held = update(listed).where(listed.c.source == source, listed.c.open)
    held = held.where(in_bound_list(listed.c.article_id, "ids")).values(last_at=at, missed_at=None)
    connection.execute(held, {"ids": [i for i in spells if i in {each.article_id for each in now}]})
    dropped = select(listed.c.article_id).where(
        in_bound_list(listed.c.article_id, "ids"), listed.c.dropped_at.is_not(None)
    )
    ids = [values["article_id"] for values in new]
    for article_id in connection.scalars(dropped.distinct(), {"ids": ids}).all() if ids else ():
        update_change_state(connection, article_id, versions=False)


def _was_dropped(connection: Connection, article_id: int) -> bool:
    dropped = select(func.count()).where(
        listed.c.article_id == article_id, listed.c.dropped_at.is_not(None)
    )
    return bool(connection.scalar(dropped))


def _mark(connection: Connection, spell: AnyRow, values: dict[str, object]) -> None:
    connection.execute(update(listed).where(_is_same_period(spell)), values)


def _close_period(connection: Connection, spell: AnyRow) -> None:
    """Deletes a period that ended normally; if the article was ever dropped, all its periods stay."""
    if _was_dropped(connection, spell.article_id):
        _mark(connection, spell, {"open": False})
    else:
        connection.execute(delete(listed).where(_is_same_period(spell)))


def _is_same_period(spell: AnyRow) -> ColumnElement[bool]:
    return and_(
        listed.c.article_id == spell.article_id,
        listed.c.source == spell.source,
        listed.c.first_at == spell.first_at,
    )


def _schedule_check_now(connection: Connection, article_id: int, at: datetime) -> None:
    """Makes an article due now: after a listing drops it, its page may be removed next."""
    connection.execute(
        update(article)
        .where(article.c.id == article_id, article.c.last_captured_at.is_not(None))
        .values(next_check_at=at)
    )
