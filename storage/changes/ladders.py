"""At which ages articles are fetched again: as their outlet declares, unless the operator says otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, case, delete, func, insert, select, update

from storage.batches import batched
from storage.changes.ladder import NEVER
from storage.changes.writer import keep_up
from storage.engine import Facet
from storage.errors import NotFound
from storage.tables.articles import article, meta, outlet
from storage.tables.columns import AnyRow

_AT_ONCE = 500
_OPERATOR = "revisit:"  # in `meta`, before the outlet's name: seconds as a JSON list


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How an outlet's articles are watched. `rungs`: () for the default ladder, NEVER for none.

    `by_operator`: they override the declaration; `articles`: those that are fetched again at all;
    `due`: now; `soon`: first due within the time asked for.
    """

    outlet: str
    rungs: tuple[timedelta, ...]
    by_operator: bool
    articles: int
    due: int
    soon: int


class RevisitIntervals(Facet):
    """At which ages the articles of each outlet are fetched again."""

    def declare(self, name: str, rungs: Sequence[timedelta]) -> None:
        """Say at which ages an outlet's articles are fetched again; () for the default ladder.

        The operator's own ladder goes before it.
        """

        def work(connection: Connection) -> None:
            if (
                connection.scalar(select(meta.c.value).where(meta.c.key == _OPERATOR + name))
                is None
            ):
                _keep(connection, name, _seconds(rungs))

        self._database.write(work)

    def override(
        self,
        name: str,
        rungs: Sequence[timedelta] | None,
        *,
        declared: Sequence[timedelta] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Set the operator's ladder for an outlet, or take it back (None: as `declared`).

        What is held is due anew by it, some articles a transaction; returns how many there are.
        Raises NotFound for an outlet that is not known.
        """
        seconds = _seconds(declared if rungs is None else rungs)

        def work(connection: Connection) -> list[int]:
            key = _OPERATOR + name
            connection.execute(delete(meta).where(meta.c.key == key))
            if rungs is not None:
                value = orjson.dumps(seconds).decode()
                connection.execute(insert(meta), {"key": key, "value": value})
            if not _keep(connection, name, seconds):
                raise NotFound(f"no outlet is named {name}: see `nkwire outlets`")
            asked = select(article.c.id).where(
                article.c.outlet == name, article.c.last_captured_at.is_not(None)
            )
            return list(connection.scalars(asked.order_by(article.c.id)))

        ids = self._database.write(work)
        done = 0
        for some in batched(ids, _AT_ONCE):
            self._database.write(lambda connection, some=some: _due_anew(connection, some))  # type: ignore[misc]
            done += len(some)
            if progress is not None:
                progress(done, len(ids))
        return done

    def summary(self, now: datetime, within: timedelta) -> list[Watched]:
        """How each outlet's articles are watched, by name."""
        at = article.c.next_check_at
        counts = (
            select(
                article.c.outlet,
                func.count(at).label("articles"),
                func.count(case((at <= now, 1))).label("due"),
                func.count(case((at <= now + within, 1))).label("soon"),
            )
            .group_by(article.c.outlet)
            .subquery()
        )
        asked = select(outlet.c.name, outlet.c.ladder, counts).outerjoin_from(
            outlet, counts, counts.c.outlet == outlet.c.name
        )
        own = select(meta.c.key).where(meta.c.key.startswith(_OPERATOR, autoescape=True))

        def work(connection: Connection) -> list[Watched]:
            keys = set(connection.scalars(own))
            rows = connection.execute(asked).all()
            return [_watched(row, _OPERATOR + row.name in keys) for row in rows]

        # Sorted here: databases differ in how they sort names.
        return sorted(self._database.read(work), key=lambda each: each.outlet)


def _seconds(rungs: Sequence[timedelta]) -> list[int]:
    return [int(rung.total_seconds()) for rung in sorted(rungs)]


def _keep(connection: Connection, name: str, seconds: Sequence[int]) -> bool:
    """Whether there is such an outlet."""
    named = update(outlet).where(outlet.c.name == name)
    return bool(connection.execute(named, {"ladder": list(seconds) or None}).rowcount)


def _due_anew(connection: Connection, ids: Sequence[int]) -> None:
    for article_id in ids:
        keep_up(connection, article_id, versions=False)


def _watched(row: AnyRow, by_operator: bool) -> Watched:
    rungs = tuple(timedelta(seconds=seconds) for seconds in row.ladder or ())
    return Watched(
        outlet=row.name,
        rungs=rungs,
        by_operator=by_operator,
        articles=0 if rungs == NEVER else row.articles or 0,
        due=row.due or 0,
        soon=row.soon or 0,
    )
