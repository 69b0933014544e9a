"""What an outlet's schedule has come to, by what was taken and by how its last runs went. Pure."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records import Run, RunOutcome
from storage.runs.slots import BadSchedule, Cadence, Override, adapted, due, resting

log = logging.getLogger("nkwire.scheduler")

CLOCKS = timedelta(seconds=15)  # by which those of two hosts may differ
_WHOLE = (RunOutcome.OK, RunOutcome.QUIET, RunOutcome.DEGRADED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the database holds of an outlet's schedule. `slot_at`: the last slot that was taken, at
    `taken_at`; `missed`: slots of the last week that nobody took.
    """

    slot_at: datetime | None = None
    taken_at: datetime | None = None
    missed: int = 0


def effective(cadences: Sequence[Cadence], overrides: Mapping[str, Override]) -> list[Cadence]:
    """What is to be read how often, by what the operator says; without what is paused."""
    found = []
    for cadence in cadences:
        override = overrides.get(cadence.outlet, Override())
        if override.enabled is False:
            continue
        try:
            found.append(cadence.under(override))
        except BadSchedule as error:  # a zone that this system does not know
            log.error("%s is read as declared: %s", cadence.outlet, error)
            found.append(cadence)
    return found


@dataclass(frozen=True, slots=True)
class Course:
    """What an outlet's schedule has come to. `served`: the last slot that was taken, or the last reading
    by hand; `again`: the last run was cut off, so another one is due; `level`, `rest`: see `due`.
    """

    served: datetime | None = None
    again: bool = False
    level: int = 0
    rest: datetime | None = None

    def due(self, cadence: Cadence, now: datetime) -> datetime | None:
        """When the outlet is to be read next."""
        served = None if self.again else self.served
        return due(cadence, served, now, level=self.level, rest=self.rest)

    def slot(self, cadence: Cadence, now: datetime) -> datetime | None:
        """The slot to take now, None if there is none."""
        if self.again:
            return now
        slot = cadence.slot(now, self.level)
        return None if slot and self.served and slot <= self.served else slot


def course(
    cadence: Cadence, taken: Taken, runs: Sequence[Run], now: datetime, *, begins: bool = False
) -> Course:
    """What the database says of an outlet's schedule. `runs`: its last crawls, newest first.

    `begins`: nothing of it runs, so a run that was cut off, or never began, is made up for. So it is
    when the last one lies in the future: the clock was set back.
    """
    runs = [run for run in runs if not run.is_selective]
    last, soon = next(iter(runs), None), now + timedelta(minutes=1)
    read_at = last.started_at if last and not last.is_cut_off else None
    known = [at for at in (taken.slot_at, read_at) if at]
    lost = taken.taken_at is not None and not _began(last, taken)
    cut = last is not None and last.is_cut_off
    level = adapted(
        cadence, [run.counts.get("stored.new", 0) for run in runs if run.outcome in _WHOLE]
    )
    return Course(
        served=max((at for at in known if at <= soon), default=None),
        again=begins and (cut or lost or any(at > soon for at in known)),
        level=level,
        rest=resting(runs, cadence.interval(level)),
    )


def _began(last: Run | None, taken: Taken) -> bool:
    """Whether the last slot that was taken has a run; those that know no slot are told by the time."""
    if last is None or taken.taken_at is None:
        return False
    if last.slot_at and taken.slot_at:
        return last.slot_at >= taken.slot_at
    return last.started_at > taken.taken_at - CLOCKS
