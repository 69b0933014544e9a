"""When an outlet was not watched, out of reach, or silent: made from its runs. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from storage.records import Run, RunOutcome

_SUCCESSFUL_OUTCOMES = (RunOutcome.OK, RunOutcome.DEGRADED)
_MAX_PAUSE_FACTOR = 2.5  # times the usual pause between two runs: then the watch was interrupted


class GapReason(StrEnum):
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
    why: GapReason
    cause: str = ""


def find_gaps(runs: Iterable[Run], now: datetime, cadence: timedelta | None = None) -> list[Gap]:
    """The gaps of one outlet in order of time.

    `runs`: in any order; those that did not end count as unreachable. `every`: the cadence; without
    it the middle pause between runs is taken.
    """
    ordered = sorted((run for run in runs if run.kind == "crawl"), key=lambda run: run.started_at)
    if not ordered:
        return []
    usual = cadence or _median_pause(ordered)
    found = [*_iter_unwatched_gaps(ordered, now, usual), *_iter_fruitless_gaps(ordered, usual)]
    return sorted(found, key=lambda gap: (gap.start, gap.why))


def _median_pause(ordered: Sequence[Run]) -> timedelta:
    pauses = sorted(b.started_at - a.started_at for a, b in pairwise(ordered))
    return pauses[len(pauses) // 2] if pauses else timedelta(hours=1)


def _iter_unwatched_gaps(ordered: Sequence[Run], now: datetime, usual: timedelta) -> Iterable[Gap]:
    moments = [*((run.started_at, run.ended_at or run.started_at) for run in ordered), (now, now)]
    for (_, left), (right, _) in pairwise(moments):
        if right - left > _MAX_PAUSE_FACTOR * usual:
            yield Gap(ordered[0].outlet, left, right, GapReason.NOT_RUNNING)


def _iter_fruitless_gaps(ordered: Sequence[Run], usual: timedelta) -> Iterable[Gap]:
    """Runs without articles that follow each other; from the last good run to the next one."""
    at = 0
    for why, some in groupby(ordered, key=_gap_reason):
        alike = list(some)
        first, after = at, at + len(alike)
        at = after
        if why is None:
            continue
        before = ordered[first - 1] if first else alike[0]
        last = ordered[after] if after < len(ordered) else alike[-1]
        start, end = before.started_at, last.started_at
        if why is GapReason.QUIET and end - start <= _MAX_PAUSE_FACTOR * usual:
            continue
        yield Gap(alike[0].outlet, start, end, why, alike[0].cause)


def _gap_reason(run: Run) -> GapReason | None:
    if run.outcome in _SUCCESSFUL_OUTCOMES:
        return None
    return GapReason.QUIET if run.outcome is RunOutcome.QUIET else GapReason.UNREACHABLE
