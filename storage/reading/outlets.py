"""Reads the status of each outlet: how much is stored of it, and its last run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from storage.engine import Facet
from storage.reading.rows import OutletStatus
from storage.runs.outlets import declare_ranks, held_ranks
from storage.runs.runs import Runs
from storage.tables.articles import article
from storage.tables.columns import AnyRow
from storage.tables.totals import HAS_CLOCK_TIME, day_total


class Outlets(Facet):
    """The outlets: their ranks and their status."""

    def declare_ranks(self, ranks: Mapping[str, int]) -> None:
        """Stores the rank of each outlet: 0 for the agency itself, 1 for a wire, 9 for others.

        The ranks decide which member of a story is the lead document. Call this before the articles
        of the outlet are saved.
        """
        stored_ranks = self._database.read(held_ranks)
        changed_ranks = {
            name: rank for name, rank in ranks.items() if stored_ranks.get(name) != rank
        }
        # Commands that only read should not wait for a writer.
        if changed_ranks:
            self._database.write(lambda connection: declare_ranks(connection, changed_ranks))

    def names(self) -> set[str]:
        """Returns the outlets that the database has a row of: all with an article or a run."""
        return set(self._database.read(held_ranks))

    def status(self) -> list[OutletStatus]:
        """Returns the status of each outlet that has an article or a run, in order of name."""
        rows = {
            row.outlet: row
            for row in self._database.read(
                lambda connection: connection.execute(_STATUS_QUERY).all()
            )
        }
        runs = Runs(self._database).last_by_outlet()
        return [
            OutletStatus(outlet=name, **_status_values(rows.get(name)), last_run=runs.get(name))
            for name in sorted(rows.keys() | runs.keys())
        ]


def _status_values(row: AnyRow | None) -> dict[str, Any]:
    if row is None:
        return dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_LATEST)
    return {name: getattr(row, name) for name in (*_COUNTS, *_LATEST)}


def _latest(column: ColumnElement[datetime | None], *where: ColumnElement[bool]) -> Any:
    """Returns the latest time of the outlet of `_SUMS`. Each needs an index to be quick."""
    query = select(func.max(column)).where(article.c.outlet == _SUMS.c.outlet, *where)
    return query.scalar_subquery()


_COUNTS = ("articles", "stubs", "edited", "gone", "stories")
_SUMS = (
    select(day_total.c.outlet, *(func.sum(day_total.c[name]).label(name) for name in _COUNTS))
    .group_by(day_total.c.outlet)
    .having(func.sum(day_total.c.articles) > 0)
    .subquery()
)
_LATEST = {
    "last_captured_at": _latest(article.c.last_captured_at),
    "last_published_at": _latest(article.c.published_at),
    "last_clock_published_at": _latest(article.c.published_at, HAS_CLOCK_TIME),
}
_STATUS_QUERY = select(_SUMS, *(query.label(name) for name, query in _LATEST.items()))
