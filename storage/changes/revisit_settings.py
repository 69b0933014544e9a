"""At which ages articles are fetched again: as their outlet declares, unless the operator says otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import orjson
from sqlalchemy import Connection, case, delete, func, insert, select, update

from storage.batches import batched
from storage.changes.revisit_intervals import NO_REVISITS
from storage.changes.writer import update_change_state
from storage.engine import Facet
from storage.errors import NotFound
from storage.tables.articles import article, meta, outlet
from storage.tables.columns import AnyRow

_ROWS_PER_BATCH = 500
_OVERRIDE_KEY_PREFIX = "revisit:"  # in `meta`, before the outlet's name: seconds as a JSON list


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitSummary:
    """How an outlet's articles are watched. `rungs`: () for the default ladder, NEVER for none.

    `by_operator`: they override the declaration; `articles`: those that are fetched again at all;
    `due`: now; `soon`: first due within the time asked for.
    """

    outlet: str
    intervals: tuple[timedelta, ...]
    is_override: bool
    articles: int
    due: int
    due_soon: int


class RevisitIntervals(Facet):
    """At which ages the articles of each outlet are fetched again."""

    def declare(self, name: str, rungs: Sequence[timedelta]) -> None:
        """Say at which ages an outlet's articles are fetched again; () for the default ladder.

        The operator's own ladder goes before it.
        """

        def work(connection: Connection) -> None:
            if (
                connection.scalar(
                    select(meta.c.value).where(meta.c.key == _OVERRIDE_KEY_PREFIX + name)
                )
                is None
            ):
                _store_intervals(connection, name, _to_seconds(rungs))

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
        seconds = _to_seconds(declared if rungs is None else rungs)

        def work(connection: Connection) -> list[int]:
            key = _OVERRIDE_KEY_PREFIX + name
            connection.execute(delete(meta).where(meta.c.key == key))
            if rungs is not None:
                value = orjson.dumps(seconds).decode()
                connection.execute(insert(meta), {"key": key, "value": value})
            if not _store_intervals(connection, name, seconds):
                raise NotFound(f"no outlet is named {name}: see `nkwire outlets`")
            asked = select(article.c.id).where(
                article.c.outlet == name, article.c.last_captured_at.is_not(None)
            )
            return list(connection.scalars(asked.order_by(article.c.id)))

        ids = self._database.write(work)
        done = 0
        for some in batched(ids, _ROWS_PER_BATCH):
            self._database.write(partial(_reschedule_articles, ids=some))
            done += len(some)
            if progress is not None:
                progress(done, len(ids))
        return done

    def summary(self, now: datetime, within: timedelta) -> list[RevisitSummary]:
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
        own = select(meta.c.key).where(meta.c.key.startswith(_OVERRIDE_KEY_PREFIX, autoescape=True))

        def work(connection: Connection) -> list[RevisitSummary]:
            keys = set(connection.scalars(own))
            rows = connection.execute(asked).all()
            return [_make_summary(row, _OVERRIDE_KEY_PREFIX + row.name in keys) for row in rows]

        # Sorted here: databases differ in how they sort names.
        return sorted(self._database.read(work), key=lambda each: each.outlet)


def _to_seconds(rungs: Sequence[timedelta]) -> list[int]:
    return [int(rung.total_seconds()) for rung in sorted(rungs)]


def _store_intervals(connection: Connection, name: str, seconds: Sequence[int]) -> bool:
    """Whether there is such an outlet."""
    named = update(outlet).where(outlet.c.name == name)
    return bool(connection.execute(named, {"ladder": list(seconds) or None}).rowcount)


def _reschedule_articles(connection: Connection, ids: Sequence[int]) -> None:
    for article_id in ids:
        update_change_state(connection, article_id, versions=False)


def _make_summary(row: AnyRow, by_operator: bool) -> RevisitSummary:
    rungs = tuple(timedelta(seconds=seconds) for seconds in row.ladder or ())
    return RevisitSummary(
        outlet=row.name,
        intervals=rungs,
        is_override=by_operator,
        articles=0 if rungs == NO_REVISITS else row.articles or 0,
        due=row.due or 0,
        due_soon=row.soon or 0,
    )
