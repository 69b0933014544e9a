"""Defines a place in a list that is ordered by time."""

from datetime import datetime
from typing import NamedTuple


class Position(NamedTuple):
    """The place of a row in a list ordered by time (aware, UTC), then by id."""

    at: datetime
    id: int
