"""Derives an outlet's schedule state from its taken slots and its last runs. Pure functions."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from storage.counts import Count
from storage.records import Run
from storage.runs.slots import (
    Cadence,
    InvalidScheduleError,
    ScheduleOverride,
    adapted_level,
    compute_backoff,
    next_run_at,
)

log = logging.getLogger("nkwire.scheduler")

MAX_CLOCK_SKEW = timedelta(seconds=15)  # between the clocks of two hosts
# A slot that lies further in the future was taken before the clock was set back.
MAX_SLOT_LEAD = timedelta(minutes=1)
RUN_HISTORY_LENGTH = 12  # the runs that a cadence adapts to


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleProgress:
    """The stored progress of an outlet's schedule.

    `slot_at`: the last slot that was taken, at `taken_at`. `missed`: number of slots in the last
    week that nobody took.
    """

    slot_at: datetime | None = None
    taken_at: datetime | None = None
    missed: int = 0


class TakenSlot(NamedTuple):
    """A slot that a scheduler took. `missed`: slots just before it that nobody took."""

    slot_at: datetime | None = None
    missed: int = 0


def effective_cadences(
    cadences: Sequence[Cadence], overrides: Mapping[str, ScheduleOverride]
) -> list[Cadence]:
    """Returns the cadences with the operator's overrides applied, without disabled outlets."""
    effective = []
    for cadence in cadences:
        override = overrides.get(cadence.outlet, ScheduleOverride())
        if override.enabled is False:
            continue
        try:
            effective.append(cadence.with_override(override))
        except InvalidScheduleError as error:  # for example a time zone that this system lacks
            log.error("%s is read as declared: %s", cadence.outlet, error)
            effective.append(cadence)
    return effective


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """The current state of an outlet's schedule.

    `last_served`: the last slot that was taken, or the start of the last run if that is later.
    `needs_rerun`: the last run was cut off or never started, so another one is due now. `level`:
    the interval is `Cadence.every * 2**level`. `backoff_until`: no run starts before this time.
    """

    last_served: datetime | None = None
    needs_rerun: bool = False
    level: int = 0
    backoff_until: datetime | None = None

    def next_run_at(self, cadence: Cadence, now: datetime) -> datetime | None:
        """Returns when the next run is due; None for never."""
        served = None if self.needs_rerun else self.last_served
        return next_run_at(cadence, served, now, level=self.level, backoff_until=self.backoff_until)

    def slot_to_take(self, cadence: Cadence, now: datetime) -> datetime | None:
        """Returns the slot to take now; None if no slot is due."""
        if self.needs_rerun:
            return now
        slot = cadence.latest_slot(now, self.level)
        return None if slot and self.last_served and slot <= self.last_served else slot


def compute_schedule_state(
    cadence: Cadence,
    progress: ScheduleProgress,
    runs: Sequence[Run],
    now: datetime,
    *,
    is_starting: bool = False,
) -> ScheduleState:
    """Computes the schedule state of an outlet. `runs`: its last crawls, newest first.

    `is_starting`: the scheduler has just started, so no run of the outlet is active. Then a run
    that was cut off or never started is repeated. What lies in the future was stored while the
    clock was ahead, and does not count.
    """
    latest_plausible = now + MAX_SLOT_LEAD
    runs = [run for run in runs if not run.selective and run.started_at <= latest_plausible]
    last_run = next(iter(runs), None)
    if any(at > latest_plausible for at in (progress.slot_at, progress.taken_at) if at):
        progress = ScheduleProgress()
    last_run_at = last_run.started_at if last_run and not last_run.is_cut_off else None
    served_times = [at for at in (progress.slot_at, last_run_at) if at]
    was_lost = progress.taken_at is not None and not _has_run(last_run, progress)
    was_cut_off = last_run is not None and last_run.is_cut_off
    level = adapted_level(
        cadence,
        [run.counts.get(Count.STORED_NEW, 0) for run in runs if run.is_complete],
    )
    return ScheduleState(
        last_served=max(served_times, default=None),
        needs_rerun=is_starting and (was_cut_off or was_lost),
        level=level,
        backoff_until=compute_backoff(runs, cadence.interval(level), now),
    )


def _has_run(last_run: Run | None, progress: ScheduleProgress) -> bool:
    """Whether the last taken slot has a run; a run without a slot is matched by its start."""
    if last_run is None or progress.taken_at is None:
        return False
    if last_run.slot_at and progress.slot_at:
        return last_run.slot_at >= progress.slot_at
    return last_run.started_at > progress.taken_at - MAX_CLOCK_SKEW
