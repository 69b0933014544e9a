"""Failures of sources by their gravity, and when a source is asked again. Pure.

The classes and their points are Media Cloud's (rss-fetcher): a hard failure weighs a whole point, a soft
one half, a temporary one a quarter. No number of failures in one bad night disables a source.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from storage.records import SourceState


class FailureSeverity(StrEnum):
    """How grave a failure is: whether asking again is worth anything."""

    HARD = "hard"  # gone for good (410, 451), forbidden by robots.txt, leads to somebody else
    SOFT = "soft"  # 404, 403 and other refusals, a captcha, no address: often mended by the outlet
    TEMPORARY = "temporary"  # 429, 5xx, timeouts, broken connections


SEVERITY_POINTS = {
    FailureSeverity.HARD: 1.0,
    FailureSeverity.SOFT: 0.5,
    FailureSeverity.TEMPORARY: 0.25,
}
FAILURES_WITHOUT_WAIT = {
    FailureSeverity.HARD: 0,
    FailureSeverity.SOFT: 1,
    FailureSeverity.TEMPORARY: 2,
}  # in a row, without a wait
MAX_WAIT = {
    FailureSeverity.HARD: timedelta(days=1),
    FailureSeverity.SOFT: timedelta(days=1),
    FailureSeverity.TEMPORARY: timedelta(hours=6),
}
DISABLE_POINTS, DISABLE_AFTER = (
    10.0,
    timedelta(days=7),
)  # points, and for how long, that disable a source
DISABLED_POLL_INTERVAL = timedelta(days=7)  # between two attempts all the same
_HARD_STATUSES = frozenset({410, 451})


def severity_of_status(status: int) -> FailureSeverity:
    """How grave an answer with a status is that is not what was asked for."""
    if status in _HARD_STATUSES:
        return FailureSeverity.HARD
    return (
        FailureSeverity.TEMPORARY
        if status in (408, 425, 429) or status >= 500
        else FailureSeverity.SOFT
    )


def severity_of_cause(cause: str, kind: str) -> FailureSeverity:
    """How grave it is that no answer came. `cause`, `kind`: see `crawler.crawl.causes`."""
    if kind == "dns":
        return FailureSeverity.SOFT
    if kind == "robots" and cause == "refused":
        return FailureSeverity.HARD
    if cause == "error":
        return FailureSeverity.HARD
    return FailureSeverity.TEMPORARY if cause == "unreachable" else FailureSeverity.SOFT


def state_after_failure(
    previous: SourceState,
    severity: FailureSeverity,
    problem: str,
    at: datetime,
    poll_interval: timedelta,
) -> SourceState:
    """A source's state after one more failure. `every`: how often it is read when all is well."""
    failures, points = previous.failures + 1, previous.points + SEVERITY_POINTS[severity]
    since = previous.failing_since or at
    times = failures - FAILURES_WITHOUT_WAIT[severity]
    wait = (
        min(poll_interval * 2.0 ** min(times, 20), max(MAX_WAIT[severity], poll_interval))
        if times > 0
        else None
    )
    if points >= DISABLE_POINTS and at - since >= DISABLE_AFTER:
        wait = DISABLED_POLL_INTERVAL
    return replace(
        previous,
        failures=failures,
        points=points,
        failing_since=since,
        failure=str(severity),
        problem=problem[:300],
        next_at=at + wait if wait else None,
    )


def is_disabled(state: SourceState) -> bool:
    """Whether a source has failed so often and for so long that it is hardly asked any more."""
    lasts = (
        state.failing_since
        and state.next_at
        and state.next_at - state.failing_since >= DISABLE_AFTER
    )
    return state.points >= DISABLE_POINTS and bool(lasts)
