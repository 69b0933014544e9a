"""Defines a place in a list, and the SQL conditions for what follows or precedes it. No I/O."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_


class Position(NamedTuple):
    """A place in a list that is ordered by time, then by id; the latest row comes first.

    `outlets`: the number of outlets, in a list that is ordered by it first; else None.
    """

    at: datetime
    id: int
    outlets: int | None = None

    @property
    def values(self) -> tuple[int | datetime, ...]:
        """The values of the columns of the order: number of outlets if there is one, time, id."""
        return (self.at, self.id) if self.outlets is None else (self.outlets, self.at, self.id)


def is_beyond(
    columns: Sequence[ColumnElement[Any]], position: Position, *, older: bool
) -> ColumnElement[bool]:
    """Returns the condition for the rows after a position (`older`), or before it.

    `columns`: those of the order. The first one is bounded by itself, since SQLite uses no index on
    an expression for a comparison of rows.
    """
    first, value = columns[0], position.values[0]
    bound = first <= value if older else first >= value
    return and_(bound, _is_strictly_beyond(columns, position.values, older))


def _is_strictly_beyond(
    columns: Sequence[ColumnElement[Any]], values: Sequence[Any], older: bool
) -> ColumnElement[bool]:
    column, value = columns[0], values[0]
    beyond: ColumnElement[bool] = column < value if older else column > value
    if len(columns) == 1:
        return beyond
    return or_(beyond, and_(column == value, _is_strictly_beyond(columns[1:], values[1:], older)))
