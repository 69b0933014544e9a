"""What an outlet's schedule has come to, by what was taken and by how its last runs went. Pure."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records import Run, RunOutcome
from storage.runs.slots import (
    Cadence,
    InvalidScheduleError,
    ScheduleOverride,
    adapted_level,
    compute_backoff,
    next_run_at,
)

log = logging.getLogger("nkwire.scheduler")

MAX_CLOCK_SKEW = timedelta(seconds=15)  # by which those of two hosts may differ
_COMPLETE_OUTCOMES = (RunOutcome.OK, RunOutcome.QUIET, RunOutcome.DEGRADED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleProgress:
    """What the database holds of an outlet's schedule. `slot_at`: the last slot that was taken, at
    `taken_at`; `missed`: slots of the last week that nobody took.
    """

    slot_at: datetime | None = None
    taken_at: datetime | None = None
    missed: int = 0


def effective_cadences(
    cadences: Sequence[Cadence], overrides: Mapping[str, ScheduleOverride]
) -> list[Cadence]:
    """What is to be read how often, by what the operator says; without what is paused."""
    found = []
    for cadence in cadences:
        override = overrides.get(cadence.outlet, ScheduleOverride())
        if override.enabled is False:
            continue
        try:
            found.append(cadence.with_override(override))
        except InvalidScheduleError as error:  # a zone that this system does not know
            log.error("%s is read as declared: %s", cadence.outlet, error)
            found.append(cadence)
    return found


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """What an outlet's schedule has come to. `served`: the last slot that was taken, or the last reading
    by hand; `again`: the last run was cut off, so another one is due; `level`, `rest`: see `due`.
    """

    last_served: datetime | None = None
    needs_rerun: bool = False
    level: int = 0
    backoff_until: datetime | None = None

    def next_run_at(self, cadence: Cadence, now: datetime) -> datetime | None:
        """When the outlet is to be read next."""
        served = None if self.needs_rerun else self.last_served
        return next_run_at(cadence, served, now, level=self.level, backoff_until=self.backoff_until)

    def slot_to_take(self, cadence: Cadence, now: datetime) -> datetime | None:
        """The slot to take now, None if there is none."""
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
    """What the database says of an outlet's schedule. `runs`: its last crawls, newest first.

    `begins`: nothing of it runs, so a run that was cut off, or never began, is made up for. So it is
    when the last one lies in the future: the clock was set back.
    """
    runs = [run for run in runs if not run.is_selective]
    last, soon = next(iter(runs), None), now + timedelta(minutes=1)
    read_at = last.started_at if last and not last.is_cut_off else None
    known = [at for at in (progress.slot_at, read_at) if at]
    lost = progress.taken_at is not None and not _has_run(last, progress)
    cut = last is not None and last.is_cut_off
    level = adapted_level(
        cadence,
        [run.counts.get("stored.new", 0) for run in runs if run.outcome in _COMPLETE_OUTCOMES],
    )
    return ScheduleState(
        last_served=max((at for at in known if at <= soon), default=None),
        needs_rerun=is_starting and (cut or lost or any(at > soon for at in known)),
        level=level,
        backoff_until=compute_backoff(runs, cadence.interval(level)),
    )


def _has_run(last: Run | None, taken: ScheduleProgress) -> bool:
    """Whether the last slot that was taken has a run; those that know no slot are told by the time."""
    if last is None or taken.taken_at is None:
        return False
    if last.slot_at and taken.slot_at:
        return last.slot_at >= taken.slot_at
    return last.started_at > taken.taken_at - MAX_CLOCK_SKEW
