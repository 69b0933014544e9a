"""Computes when an article is fetched again: by its age, and sooner if it was not found. No I/O."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from storage.changes.article_state import ArticleState

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

DEFAULT_INTERVALS = (15 * MINUTE, HOUR, 3 * HOUR, DAY, 3 * DAY, 30 * DAY, 365 * DAY)
"""Ages at which an article is fetched again; after the last age, once per that time."""
LEADER_REPORT_INTERVALS = (15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 30 * DAY, 365 * DAY)  # fmt: skip
"""For reports on the leader by his own agency: a quarter is translated again within days."""
SUSPECT_INTERVALS = (HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 15 * DAY, 30 * DAY)
"""Times after the first revisit that did not find the article."""
# An interval is left out if less than a tenth of it remains between the last check and its end.
_MIN_INTERVAL_DIVISOR = 10


def next_interval_end(
    base: datetime, checked_at: datetime, intervals: Sequence[timedelta]
) -> datetime:
    """Returns the next end of an interval, counted from `base`, after the last check.

    After the last interval it repeats that interval, counted from `checked_at`.
    """
    for interval in intervals:
        if base + interval - checked_at >= interval / _MIN_INTERVAL_DIVISOR:
            return base + interval
    return checked_at + intervals[-1]


def next_revisit_at(
    *,
    appeared_at: datetime,
    checked_at: datetime,
    state: ArticleState,
    suspect_since: datetime | None,
    intervals: Sequence[timedelta] | None = None,
) -> datetime | None:
    """Returns when an article is due for its next revisit; None for never.

    `appeared_at`: its publication, else when it was first seen. `checked_at`: the last check.
    `suspect_since`: the first check that did not find it, witnessed or not. `intervals`: the
    outlet's own intervals, () for no revisits, None for the default ones.
    """
    intervals = DEFAULT_INTERVALS if intervals is None else intervals
    if not intervals:
        return None
    if suspect_since is not None and state is not ArticleState.GONE:
        return next_interval_end(suspect_since, checked_at, SUSPECT_INTERVALS)
    if state is ArticleState.GONE:
        return next_interval_end(
            suspect_since or checked_at, checked_at, (30 * DAY, 90 * DAY, 365 * DAY)
        )
    return next_interval_end(appeared_at, checked_at, intervals)


def count_revisits(
    days: float,
    intervals: Sequence[timedelta] = DEFAULT_INTERVALS,
    cadence: timedelta = timedelta(0),
) -> int:
    """Returns how many revisits an unchanged article gets in its first `days` days.

    `cadence`: the pause between two runs of its outlet; 0 if a run could start at any minute.
    """
    if not intervals:
        return 0
    appeared_at, end = (
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC) + days * DAY,
    )
    checked_at, revisit_count = appeared_at, 0
    while (
        checked_at := _next_run_at(
            next_interval_end(appeared_at, checked_at, intervals), appeared_at, cadence
        )
    ) <= end:
        revisit_count += 1
    return revisit_count


def _next_run_at(due_at: datetime, first_run_at: datetime, cadence: timedelta) -> datetime:
    """Returns the start of the first run that is not before `due_at`."""
    return first_run_at + -(-(due_at - first_run_at) // cadence) * cadence if cadence else due_at
