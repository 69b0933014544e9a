"""When an outlet was not watched, out of reach, or silent: made from its runs. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from storage.records import Run, RunOutcome

_READ = (RunOutcome.OK, RunOutcome.DEGRADED)
_LATE = 2.5  # times the usual pause between two runs: then the watch was interrupted


class Why(StrEnum):
    """Why there are no articles of a time."""

    NOT_RUNNING = "not running"  # nkwire did not look
    UNREACHABLE = "unreachable"  # it looked and was not answered, or not with articles
    QUIET = "quiet"  # the outlet answered and had nothing new


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without articles of an outlet, from `start` to `end`, with the cause in words."""

    outlet: str
    start: datetime
    end: datetime
    why: Why
    cause: str = ""


def gaps(runs: Iterable[Run], now: datetime, every: timedelta | None = None) -> list[Gap]:
    """The gaps of one outlet in order of time.

    `runs`: in any order; those that did not end count as unreachable. `every`: the cadence; without
    it the middle pause between runs is taken.
    """
    ordered = sorted((run for run in runs if run.kind == "crawl"), key=lambda run: run.started_at)
    if not ordered:
        return []
    usual = every or _middle_pause(ordered)
    found = [*_pauses(ordered, now, usual), *_stretches(ordered, usual)]
    return sorted(found, key=lambda gap: (gap.start, gap.why))


def _middle_pause(ordered: Sequence[Run]) -> timedelta:
    pauses = sorted(b.started_at - a.started_at for a, b in pairwise(ordered))
    return pauses[len(pauses) // 2] if pauses else timedelta(hours=1)


def _pauses(ordered: Sequence[Run], now: datetime, usual: timedelta) -> Iterable[Gap]:
    moments = [*((run.started_at, run.ended_at or run.started_at) for run in ordered), (now, now)]
    for (_, left), (right, _) in pairwise(moments):
        if right - left > _LATE * usual:
            yield Gap(ordered[0].outlet, left, right, Why.NOT_RUNNING)


def _stretches(ordered: Sequence[Run], usual: timedelta) -> Iterable[Gap]:
    """Runs without articles that follow each other; from the last good run to the next one."""
    at = 0
    for why, some in groupby(ordered, key=_why):
        alike = list(some)
        first, after = at, at + len(alike)
        at = after
        if why is None:
            continue
        before = ordered[first - 1] if first else alike[0]
        last = ordered[after] if after < len(ordered) else alike[-1]
        start, end = before.started_at, last.started_at
        if why is Why.QUIET and end - start <= _LATE * usual:
            continue
        yield Gap(alike[0].outlet, start, end, why, alike[0].cause)


def _why(run: Run) -> Why | None:
    if run.outcome in _READ:
        return None
    return Why.QUIET if run.outcome is RunOutcome.QUIET else Why.UNREACHABLE
