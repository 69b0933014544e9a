"""When an article is looked at again: by its age, sooner where something is amiss. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from storage.change_states import State

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

LADDER = (15 * MINUTE, HOUR, 3 * HOUR, DAY, 3 * DAY, 30 * DAY, 365 * DAY)
"""Ages at which an article is fetched again; after the last rung once in that time."""
CLOSE = (15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 30 * DAY, 365 * DAY)  # fmt: skip
"""For reports on the leader by his own agency: of these a quarter are re-translated within days."""
SUSPECT = (HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 15 * DAY, 30 * DAY)
"""Times after an article was first not found."""
_LEAST_SHARE = 10  # of a rung must have passed since the last look, else the rung is left out


def next_check(base: datetime, at: datetime, rungs: Sequence[timedelta]) -> datetime:
    """The next rung of the ladder that stands on `base`, looked at from `at`."""
    for rung in rungs:
        if base + rung - at >= rung / _LEAST_SHARE:
            return base + rung
    return at + rungs[-1]


def due_at(
    *,
    born: datetime,
    looked: datetime,
    state: State,
    suspect_since: datetime | None,
    rungs: Sequence[timedelta] = (),
) -> datetime:
    """When an article is due again.

    `born`: published, else first seen; `looked`: the last check; `suspect_since`: the first check
    that did not find it, witnessed or not; `rungs`: the outlet's own ladder, () for the default.
    """
    if suspect_since is not None and state is not State.GONE:
        return next_check(suspect_since, looked, SUSPECT)
    if state is State.GONE:
        return next_check(suspect_since or looked, looked, (30 * DAY, 90 * DAY, 365 * DAY))
    return next_check(born, looked, rungs or LADDER)


def visits(days: float, rungs: Sequence[timedelta] = LADDER) -> int:
    """How many re-visits an article gets in its first so many days."""
    whole = timedelta(days=days)
    climbed = sum(rung <= whole for rung in rungs)
    return climbed + max(0, (whole - rungs[-1]) // rungs[-1])
