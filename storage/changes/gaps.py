"""Finds when an outlet was not watched, unreachable or quiet, from its runs. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from storage.records import Run, RunOutcome

_SUCCESSFUL_OUTCOMES = (RunOutcome.OK, RunOutcome.DEGRADED)
_MAX_PAUSE_FACTOR = 2.5  # a pause longer than this many usual pauses is a gap


class GapReason(StrEnum):
    """Why there are no articles from a period."""

    NOT_RUNNING = "not running"  # nkwire had no run
    UNREACHABLE = "unreachable"  # a run got no answer, or no articles
    QUIET = "quiet"  # the outlet answered and had nothing new


@dataclass(frozen=True, slots=True)
class Gap:
    """A period without articles of an outlet, from `start` to `end`, with the cause in words."""

    outlet: str
    start: datetime
    end: datetime
    why: GapReason
    cause: str = ""


def find_gaps(runs: Iterable[Run], now: datetime, cadence: timedelta | None = None) -> list[Gap]:
    """Returns the gaps of one outlet in order of time.

    `runs`: in any order; a run that did not end counts as unreachable. `cadence`: the usual pause
    between two runs; without it the median pause is used.
    """
    ordered = sorted((run for run in runs if run.kind == "crawl"), key=lambda run: run.started_at)
    if not ordered:
        return []
    usual_pause = cadence or _median_pause(ordered)
    gaps = [
        *_iter_unwatched_gaps(ordered, now, usual_pause),
        *_iter_fruitless_gaps(ordered, usual_pause),
    ]
    return sorted(gaps, key=lambda gap: (gap.start, gap.why))


def _median_pause(ordered: Sequence[Run]) -> timedelta:
    pauses = sorted(later.started_at - earlier.started_at for earlier, later in pairwise(ordered))
    return pauses[len(pauses) // 2] if pauses else timedelta(hours=1)


def _iter_unwatched_gaps(
    ordered: Sequence[Run], now: datetime, usual_pause: timedelta
) -> Iterable[Gap]:
    periods = [*((run.started_at, run.ended_at or run.started_at) for run in ordered), (now, now)]
    for (_, last_end), (next_start, _) in pairwise(periods):
        if next_start - last_end > _MAX_PAUSE_FACTOR * usual_pause:
            yield Gap(ordered[0].outlet, last_end, next_start, GapReason.NOT_RUNNING)


def _iter_fruitless_gaps(ordered: Sequence[Run], usual_pause: timedelta) -> Iterable[Gap]:
    """Yields a gap for each series of runs without articles, from the last good run to the next."""
    index = 0
    for reason, group in groupby(ordered, key=_gap_reason):
        series = list(group)
        start_index, end_index = index, index + len(series)
        index = end_index
        if reason is None:
            continue
        previous_run = ordered[start_index - 1] if start_index else series[0]
        next_run = ordered[end_index] if end_index < len(ordered) else series[-1]
        start, end = previous_run.started_at, next_run.started_at
        if reason is GapReason.QUIET and end - start <= _MAX_PAUSE_FACTOR * usual_pause:
            continue
        yield Gap(series[0].outlet, start, end, reason, series[0].cause)


def _gap_reason(run: Run) -> GapReason | None:
    if run.outcome in _SUCCESSFUL_OUTCOMES:
        return None
    return GapReason.QUIET if run.outcome is RunOutcome.QUIET else GapReason.UNREACHABLE
