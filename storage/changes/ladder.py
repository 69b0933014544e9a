"""When an article is looked at again: by its age, sooner where something is amiss. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from storage.changes.states import State

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

LADDER = (15 * MINUTE, HOUR, 3 * HOUR, DAY, 3 * DAY, 30 * DAY, 365 * DAY)
"""Ages at which an article is fetched again; after the last rung once in that time."""
CLOSE = (15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 30 * DAY, 365 * DAY)  # fmt: skip
"""For reports on the leader by his own agency: of these a quarter are re-translated within days."""
NEVER = (timedelta(0),)
"""The ladder of an outlet whose articles are not fetched again."""
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
) -> datetime | None:
    """When an article is due again; None for never.

    `born`: published, else first seen; `looked`: the last check; `suspect_since`: the first check
    that did not find it, witnessed or not; `rungs`: the outlet's own ladder, () for the default.
    """
    if tuple(rungs) == NEVER:
        return None
    if suspect_since is not None and state is not State.GONE:
        return next_check(suspect_since, looked, SUSPECT)
    if state is State.GONE:
        return next_check(suspect_since or looked, looked, (30 * DAY, 90 * DAY, 365 * DAY))
    return next_check(born, looked, rungs or LADDER)


def visits(
    days: float, rungs: Sequence[timedelta] = LADDER, every: timedelta = timedelta(0)
) -> int:
    """How many re-visits an article that stays as it is gets in its first so many days.

    `every`: the pause between two runs of its outlet; 0 if each rung could be met to the minute.
    """
    if tuple(rungs) == NEVER:
        return 0
    born, end = datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC) + days * DAY
    looked, done = born, 0
    while (looked := _tick(next_check(born, looked, rungs), born, every)) <= end:
        done += 1
    return done


def _tick(due: datetime, first: datetime, every: timedelta) -> datetime:
    """The first run that is not before `due`."""
    return first + -(-(due - first) // every) * every if every else due
