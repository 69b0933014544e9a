"""The leader's side: gives runs out as jobs, follows them, and makes up for silent workers."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.processes.children import ChildResult, ProcessLimits
from crawler.processes.lease_holder import DATABASE_ERRORS, LeaseHolder, problem_line
from storage import Database
from storage.fleet.jobs import OpenRun
from storage.fleet.orders import Order
from storage.fleet.sweep import MadeUp
from storage.records import SUCCESS_OUTCOMES, Run, StopReason
from storage.runs.schedule_state import TakenSlot
from storage.runs.slots import Cadence

LOOK_SECONDS = 1.0  # between looks at the jobs
STATUS_SECONDS = 10.0  # between looks whether each queue has a worker
FORGET_SECONDS = 3600.0  # between deletions of old jobs and workers
WAITING = "waits for a worker"

log = logging.getLogger("nkwire.scheduler")


@dataclass(frozen=True, slots=True)
class GivenOut:
    """An outlet that waits for a worker, or is being read on another host (`where`)."""

    outlet: str
    started_at: datetime
    where: str = WAITING


class FleetPool:
    """Gives runs to workers on other hosts; implements `crawler.processes.outlet_pool.OutletPool`.

    Nothing is lost with this process: the jobs and the runs are in the database, and the scheduler
    that leads next follows them.
    """

    def __init__(self, database: Database, limits: ProcessLimits) -> None:
        self.limits = limits
        self.problem = ""
        self._database = database
        self._running: dict[str, GivenOut] = {}
        self._slots: dict[str, TakenSlot] = {}
        self._ends: dict[str, asyncio.Future[ChildResult | None]] = {}
        self._is_stopped = False
        self._told = ""
        self._status_at = self._forget_at = float("-inf")

    @property
    def running(self) -> Mapping[str, GivenOut]:
        """The outlets that are being read on other hosts, or wait for a worker, by name."""
        return self._running

    def take_slot(
        self, database: Database, cadence: Cadence, slot: TakenSlot, lease: LeaseHolder
    ) -> bool:
        """Takes a slot and gives its run out, in one transaction. Returns whether it did."""
        order = Order(
            outlet=cadence.outlet,
            browser=cadence.browser,
            slot_at=slot.slot_at,
            missed=slot.missed,
        )
        self._slots[cadence.outlet] = slot
        return database.jobs.hand_out(order, lease.owner, lease_name=lease.name)

    def left_running(self, database: Database) -> Mapping[str, TakenSlot]:
        """Returns the slots of runs that were given out before, and have not ended."""
        slots = {each.outlet: TakenSlot(each.slot_at) for each in database.jobs.open_runs()}
        self._slots |= slots
        return slots

    async def run(self, outlet: str, *, browser: bool = False) -> ChildResult | None:
        """Waits until the outlet has no unfinished run; returns how its last one ended.

        Returns None if it has left no record, or this process stops before.
        """
        if self._is_stopped:
            return None
        self._running[outlet] = GivenOut(outlet, datetime.now(UTC))
        end: asyncio.Future[ChildResult | None] = asyncio.get_running_loop().create_future()
        self._ends[outlet] = end
        try:
            return await end
        finally:
            del self._ends[outlet]
            self._running.pop(outlet, None)

    async def watch(self, seconds: float, lease: LeaseHolder) -> None:
        """Looks every second which runs have ended and which workers are silent."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                await self._look(lease)
                self._told = ""
            except DATABASE_ERRORS as error:
                if (line := problem_line(error)) != self._told:
                    log.error("cannot look at the jobs: %s", line)
                    self._told = line
            await asyncio.sleep(min(LOOK_SECONDS, left))

    async def _look(self, lease: LeaseHolder) -> None:
        waited_for = list(self._ends)  # a run that is given out meanwhile is looked at next time
        made_up, open_runs, ended = await lease.call(self._read, waited_for, lease)
        for given_up in made_up:
            log.warning("%s", _made_up_line(given_up))
        for each in open_runs:
            if each.outlet in self._ends:
                where = each.host or WAITING
                self._running[each.outlet] = GivenOut(each.outlet, each.since, where)
        for outlet, run in ended.items():
            end = self._ends.get(outlet)
            if end and not end.done():
                end.set_result(_result(run) if run else None)

    def _read(
        self, waited_for: list[str], lease: LeaseHolder
    ) -> tuple[list[MadeUp], list[OpenRun], dict[str, Run | None]]:
        """Sweeps, and returns what was made up for, what goes on, and the last runs of the others."""
        jobs = self._database.jobs
        made_up = jobs.give_up_silent(lease.owner, lease_name=lease.name) or []
        open_runs = jobs.open_runs()
        names = {each.outlet for each in open_runs}
        ended = {name: self._last_run(name) for name in waited_for if name not in names}
        now = time.monotonic()
        if now - self._status_at > STATUS_SECONDS:
            self._status_at = now
            self._check_queues()
        if now - self._forget_at > FORGET_SECONDS:
            self._forget_at = now
            jobs.forget_old()
            self._database.workers.forget_old()
        return made_up, open_runs, ended

    def _last_run(self, outlet: str) -> Run | None:
        run = self._database.runs.last_begun(outlet)
        slot_at = self._slots.get(outlet, TakenSlot()).slot_at
        if run is None or run.ended_at is None or run.slot_at is None:
            return None
        return run if slot_at is None or run.slot_at >= slot_at else None

    def _check_queues(self) -> None:
        problem = "; ".join(self._database.workers.status().problems())
        if problem and problem.partition(",")[0] != self.problem.partition(",")[0]:
            log.error("%s", problem)
        self.problem = problem

    def pids(self) -> set[int]:
        """Returns nothing: the children are those of workers."""
        return set()

    def allow_starts(self) -> None:
        """Lets runs be given out again after a stop."""
        self._is_stopped = False

    async def stop(self, reason: StopReason, cause: str) -> None:
        """Gives out nothing more, and follows no run any more. Workers go on."""
        self._is_stopped = True
        for end in list(self._ends.values()):
            if not end.done():
                end.set_result(None)

    async def stop_forkserver(self) -> None:
        """Does nothing: there is none."""


def _result(run: Run) -> ChildResult:
    """Returns how a run on another host ended, as if it had been a child."""
    return ChildResult(
        outlet=run.outlet,
        started_at=run.started_at,
        pid=run.pid,
        exit_code=0 if run.outcome in SUCCESS_OUTCOMES else 1,
        stop_reason=run.stop_reason,
        run=run,
        is_recorded=True,
    )


def _made_up_line(each: MadeUp) -> str:
    host = f" on {each.host}" if each.host else ""
    what = "it is read again" if each.is_again else "it is not read again"
    return f"{each.outlet}: its worker{host} was silent, {what}"
