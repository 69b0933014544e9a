"""Decides how serious a failed poll is, and when the source is asked again. Pure functions.

The classes and points are those of Media Cloud's rss-fetcher: a hard failure counts one point, a
soft one half, a temporary one a quarter. Failures of one bad night never disable a source.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.crawl.causes import Cause, FailureKind
from storage.backoff import backoff
from storage.records import SourceState


class FailureSeverity(StrEnum):
    """How serious a failure is: how likely the next poll is to fail too."""

    HARD = "hard"  # gone for good (410, 451), forbidden by robots.txt, leads to another site
    SOFT = "soft"  # 404, 403 and other refusals, a captcha, no DNS entry: outlets often repair it
    TEMPORARY = "temporary"  # 429, 5xx, timeouts, broken connections


SEVERITY_POINTS = {
    FailureSeverity.HARD: 1.0,
    FailureSeverity.SOFT: 0.5,
    FailureSeverity.TEMPORARY: 0.25,
}
# Failures in a row that are followed by no wait.
FAILURES_WITHOUT_WAIT = {
    FailureSeverity.HARD: 0,
    FailureSeverity.SOFT: 1,
    FailureSeverity.TEMPORARY: 2,
}
MAX_WAIT = {
    FailureSeverity.HARD: timedelta(days=1),
    FailureSeverity.SOFT: timedelta(days=1),
    FailureSeverity.TEMPORARY: timedelta(hours=6),
}
# A source with so many points that has failed for so long is disabled.
DISABLE_POINTS, DISABLE_AFTER = (10.0, timedelta(days=7))
DISABLED_POLL_INTERVAL = timedelta(days=7)  # a disabled source is still asked this often
_HARD_STATUSES = frozenset({410, 451})


def severity_of_status(status: int) -> FailureSeverity:
    """Returns the severity of an answer with an HTTP status that is not wanted."""
    if status in _HARD_STATUSES:
        return FailureSeverity.HARD
    return (
        FailureSeverity.TEMPORARY
        if status in (408, 425, 429) or status >= 500
        else FailureSeverity.SOFT
    )


def severity_of_cause(cause: Cause, kind: FailureKind | None) -> FailureSeverity:
    """Returns the severity of a missing answer."""
    if kind is FailureKind.DNS:
        return FailureSeverity.SOFT
    if kind is FailureKind.ROBOTS and cause is Cause.REFUSED:
        return FailureSeverity.HARD
    if cause is Cause.ERROR:
        return FailureSeverity.HARD
    return FailureSeverity.TEMPORARY if cause is Cause.UNREACHABLE else FailureSeverity.SOFT


def state_after_failure(
    previous: SourceState,
    severity: FailureSeverity,
    problem: str,
    failed_at: datetime,
    poll_interval: timedelta,
) -> SourceState:
    """Returns a source's state after one more failure.

    The wait doubles with each failure, up to MAX_WAIT. `poll_interval`: the usual time between
    polls.
    """
    failures, points = previous.failures + 1, previous.points + SEVERITY_POINTS[severity]
    since = previous.failing_since or failed_at
    wait = backoff(
        failures - FAILURES_WITHOUT_WAIT[severity],
        2 * poll_interval,
        max(MAX_WAIT[severity], poll_interval),
    )
    if points >= DISABLE_POINTS and failed_at - since >= DISABLE_AFTER:
        wait = DISABLED_POLL_INTERVAL
    return replace(
        previous,
        failures=failures,
        points=points,
        failing_since=since,
        failure=str(severity),
        problem=problem[:300],
        next_at=failed_at + wait if wait else None,
    )


def longest_wait(state: SourceState, poll_interval: timedelta) -> timedelta:
    """Returns the longest time that a source with this state can have to wait after its failure."""
    if state.points >= DISABLE_POINTS:
        return max(DISABLED_POLL_INTERVAL, poll_interval)
    severity = FailureSeverity(state.failure) if state.failure else FailureSeverity.HARD
    return max(MAX_WAIT[severity], poll_interval)


def is_disabled(state: SourceState) -> bool:
    """Returns whether a source failed so often and so long that it is hardly asked any more."""
    failed_for_long = (
        state.failing_since
        and state.next_at
        and state.next_at - state.failing_since >= DISABLE_AFTER
    )
    return state.points >= DISABLE_POINTS and bool(failed_for_long)
