"""Stores the revisit intervals of each outlet: declared by the outlet, or set by the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, case, func, select, true, update

from storage.batches import ProgressCallback, batched
from storage.changes.writer import update_change_state
from storage.engine import Facet
from storage.errors import NotFound
from storage.tables.articles import article, outlet, revisit_ladder
from storage.tables.columns import AnyRow

_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitSummary:
    """The revisit settings of an outlet, and how many of its articles are due.

    `intervals`: () for no revisits, None for the default intervals. `is_override`: the operator
    set them. `articles`: how many articles have a next revisit. `due`: how many are due now.
    `due_soon`: how many are due within the requested time, including those due now.
    """

    outlet: str
    intervals: tuple[timedelta, ...] | None
    is_override: bool
    articles: int
    due: int
    due_soon: int


class RevisitIntervals(Facet):
    """The ages at which the articles of each outlet are fetched again."""

    def declare(self, name: str, intervals: Sequence[timedelta] | None) -> None:
        """Stores the revisit intervals that an outlet declares; None for the default intervals.

        An override by the operator stays in force.
        """
        values = {"ladder": _in_order(intervals)}
        statement = update(outlet).where(outlet.c.name == name)
        self._database.write(lambda connection: connection.execute(statement, values))

    def override(
        self,
        name: str,
        intervals: Sequence[timedelta] | None,
        *,
        declared: Sequence[timedelta] | None = None,
        progress: ProgressCallback | None = None,
    ) -> int:
        """Sets the operator's revisit intervals for an outlet, or removes them.

        () stops the revisits. None removes the override; `declared` is then in force. All captured
        articles of the outlet get a new due time, in transactions of 500 articles. `progress` gets
        the number of articles done and the total. Returns the number of these articles. Raises
        NotFound for an unknown outlet.
        """
        values = (
            {"ladder": _in_order(declared), "ladder_override": None}
            if intervals is None
            else {"ladder_override": _in_order(intervals)}
        )
        statement = update(outlet).where(outlet.c.name == name)

        def work(connection: Connection) -> list[int]:
            if not connection.execute(statement, values).rowcount:
                raise NotFound(f"no outlet is named {name}: see `nkwire outlets`")
            query = select(article.c.id).where(
                article.c.outlet == name, article.c.last_captured_at.is_not(None)
            )
            return list(connection.scalars(query.order_by(article.c.id)))

        ids = self._database.write(work)
        done = 0
        for batch in batched(ids):
            self._database.write(partial(_reschedule_articles, ids=batch))
            done += len(batch)
            if progress is not None:
                progress(done, len(ids))
        return done

    def summary(
        self, now: datetime, within: timedelta, name: str | None = None
    ) -> list[RevisitSummary]:
        """Returns the revisit settings of each outlet, in order of name.

        `within`: articles that become due within this time after `now` count in `due_soon`. `name`:
        only of this outlet.
        """
        due_at = article.c.next_check_at
        is_asked = true() if name is None else article.c.outlet == name
        counts = (
            select(
                article.c.outlet,
                func.count(due_at).label("articles"),
                func.count(case((due_at <= now, 1))).label("due"),
                func.count(case((due_at <= now + within, 1))).label("soon"),
            )
            # Not `IS NOT NULL`: SQLite would not take the index that has both columns.
            .where(is_asked, due_at >= _EARLIEST)
            .group_by(article.c.outlet)
            .subquery()
        )
        is_override = outlet.c.ladder_override.is_not(None).label("is_override")
        query = select(outlet.c.name, revisit_ladder(), is_override, counts).outerjoin_from(
            outlet, counts, counts.c.outlet == outlet.c.name
        )
        if name is not None:
            query = query.where(outlet.c.name == name)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        # Sorted in Python, because databases sort names differently.
        return sorted(map(_make_summary, rows), key=lambda each: each.outlet)


def _in_order(intervals: Sequence[timedelta] | None) -> list[timedelta] | None:
    return None if intervals is None else sorted(intervals)


def _reschedule_articles(connection: Connection, ids: Sequence[int]) -> None:
    for article_id in ids:
        update_change_state(connection, article_id, versions=False)


def _make_summary(row: AnyRow) -> RevisitSummary:
    return RevisitSummary(
        outlet=row.name,
        intervals=row.ladder,
        is_override=bool(row.is_override),
        articles=0 if row.ladder == () else row.articles or 0,
        due=row.due or 0,
        due_soon=row.soon or 0,
    )
