"""Reads one page of a list that is ordered by time and id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection

from storage.browsing.position import Position, is_beyond
from storage.errors import InvalidRequest
from storage.tables.columns import AnySelect

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """One page of a list, latest first.

    `next`: ask for rows `before` this position to get the older page; None: there is none.
    `previous`: ask for rows `after` this position to get the newer page; None: there is none.
    """

    rows: tuple[T, ...]
    next: Position | None
    previous: Position | None


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: at most `limit` rows, older than `before` or newer than `after`.

    With neither, it is the first page. Raises InvalidRequest for both, or for a limit below 1.
    """

    limit: int
    before: Position | None = None
    after: Position | None = None

    def __post_init__(self) -> None:
        if self.before is not None and self.after is not None:
            raise InvalidRequest("a page is before or after a position, not both")
        if self.limit < 1:
            raise InvalidRequest("a page has at least one row")

    def load(
        self, connection: Connection, query: AnySelect, columns: Sequence[ColumnElement[Any]]
    ) -> Listing[Position]:
        """Returns the positions of the page's rows.

        `query`: selects the columns of a `Position` from all rows of the list. `columns`: those of
        the order. One more row than asked for is read, to know whether another page follows. Raises
        InvalidRequest for a position of another order.
        """
        older = self.after is None
        start = self.before or self.after
        if start is not None:
            if len(start.values) != len(columns):
                raise InvalidRequest("this place is one of a list in another order")
            query = query.where(is_beyond(columns, start, older=older))
        order = [column.desc() if older else column.asc() for column in columns]
        rows = connection.execute(query.order_by(*order).limit(self.limit + 1)).all()
        found = [Position(*row) for row in rows[: self.limit]]
        return self._make_listing(found, has_more=len(rows) > self.limit)

    def _make_listing(self, found: Sequence[Position], *, has_more: bool) -> Listing[Position]:
        """Makes the listing of the rows in the order in which they were read."""
        if not found:
            return Listing(rows=(), next=_at_or_before(self.after), previous=_from(self.before))
        ahead = found[-1] if has_more else None
        if self.after is not None:
            return Listing(rows=tuple(reversed(found)), next=found[0], previous=ahead)
        behind = None if self.before is None else found[0]
        return Listing(rows=tuple(found), next=ahead, previous=behind)


def rows_of(listing: Listing[Position], make: Callable[[Sequence[int]], Sequence[T]]) -> Listing[T]:
    """Returns the listing with the rows that `make` returns for the ids of the positions."""
    rows = make([each.id for each in listing.rows])
    return Listing(rows=tuple(rows), next=listing.next, previous=listing.previous)


def _at_or_before(position: Position | None) -> Position | None:
    """Returns the position whose older page begins with this position."""
    return position and position._replace(id=position.id + 1)


def _from(position: Position | None) -> Position | None:
    """Returns the position whose newer page begins with this position."""
    return position and position._replace(id=position.id - 1)
