"""Failures of sources by their gravity, and when a source is asked again. Pure.

The classes and their points are Media Cloud's (rss-fetcher): a hard failure weighs a whole point, a soft
one half, a temporary one a quarter. No number of failures in one bad night disables a source.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from storage.records import SourceState


class Failure(StrEnum):
    """How grave a failure is: whether asking again is worth anything."""

    HARD = "hard"  # gone for good (410, 451), forbidden by robots.txt, leads to somebody else
    SOFT = "soft"  # 404, 403 and other refusals, a captcha, no address: often mended by the outlet
    TEMPORARY = "temporary"  # 429, 5xx, timeouts, broken connections


POINTS = {Failure.HARD: 1.0, Failure.SOFT: 0.5, Failure.TEMPORARY: 0.25}
FREE = {Failure.HARD: 0, Failure.SOFT: 1, Failure.TEMPORARY: 2}  # in a row, without a wait
LONGEST = {
    Failure.HARD: timedelta(days=1),
    Failure.SOFT: timedelta(days=1),
    Failure.TEMPORARY: timedelta(hours=6),
}
ENOUGH, LASTING = 10.0, timedelta(days=7)  # points, and for how long, that disable a source
DISABLED = timedelta(days=7)  # between two attempts all the same
_HARD = frozenset({410, 451})


def of_status(status: int) -> Failure:
    """How grave an answer with a status is that is not what was asked for."""
    if status in _HARD:
        return Failure.HARD
    return Failure.TEMPORARY if status in (408, 425, 429) or status >= 500 else Failure.SOFT


def of_error(cause: str, kind: str) -> Failure:
    """How grave it is that no answer came. `cause`, `kind`: see `crawler.crawl.answers`."""
    if kind == "dns":
        return Failure.SOFT
    if kind == "robots" and cause == "refused":
        return Failure.HARD
    if cause == "error":
        return Failure.HARD
    return Failure.TEMPORARY if cause == "unreachable" else Failure.SOFT


def after(
    before: SourceState, failure: Failure, problem: str, at: datetime, every: timedelta
) -> SourceState:
    """A source's state after one more failure. `every`: how often it is read when all is well."""
    failures, points = before.failures + 1, before.points + POINTS[failure]
    since = before.failing_since or at
    times = failures - FREE[failure]
    wait = min(every * 2.0 ** min(times, 20), max(LONGEST[failure], every)) if times > 0 else None
    if points >= ENOUGH and at - since >= LASTING:
        wait = DISABLED
    return replace(
        before,
        failures=failures,
        points=points,
        failing_since=since,
        failure=str(failure),
        problem=problem[:300],
        next_at=at + wait if wait else None,
    )


def is_disabled(state: SourceState) -> bool:
    """Whether a source has failed so often and for so long that it is hardly asked any more."""
    lasts = state.failing_since and state.next_at and state.next_at - state.failing_since >= LASTING
    return state.points >= ENOUGH and bool(lasts)
