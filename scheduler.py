"""The background service: polls every outlet on its cadence, each run in its own child process.

`python scheduler.py` is `nkwire run`. The scheduler holds the database's lease, keeps one
APScheduler job for each outlet, and records the runs of children that could not do it themselves.
"""

import asyncio
import logging
import random
import runpy
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from crawler.processes.children import ChildResult, wait_for_event
from crawler.processes.failed_runs import record_failed_run
from crawler.processes.leader import new_owner
from crawler.processes.lease_holder import DATABASE_ERRORS, LeaseHolder, problem_line
from crawler.processes.outlet_pool import OutletPool
from crawler.processes.run_report import RunReport
from crawler.processes.schedule_loading import load_schedule_state
from storage import Database
from storage.records import StopReason
from storage.runs.clock import wall_clock_offset
from storage.runs.schedule_state import (
    ScheduleProgress,
    ScheduleState,
    TakenSlot,
    effective_cadences,
)
from storage.runs.slots import Cadence, ScheduleOverride

__all__ = ["Cadence", "Scheduler"]

LEASE_NAME = "scheduler"
CLOCK_JUMP = 60.0  # seconds; smaller steps are normal adjustments
FORKSERVER_IDLE_AFTER = timedelta(minutes=10)  # if no run is due sooner
CHECK_INTERVAL_SECONDS = 10.0  # between checks for changes by the operator
RETRY_DELAY = timedelta(seconds=15)  # after the database did not answer, or the schedule broke off
START_RETRY_DELAY = timedelta(minutes=5)  # after a child could not be started

log = logging.getLogger("nkwire.scheduler")


class Scheduler:
    """Runs outlets when they are due, while it holds the database's lease.

    Any number of schedulers may use one database: one leads, the others stand by and take over when
    the lease ends. Jobs are rebuilt from the cadences and the run table, so a restart loses
    nothing.
    """

    def __init__(self, database: Database, pool: OutletPool, cadences: Sequence[Cadence]) -> None:
        self.pool = pool
        self.cadences = {cadence.outlet: cadence for cadence in cadences}
        self.running_slots: dict[str, TakenSlot] = {}  # by outlet, of the runs in progress
        self._declared = tuple(cadences)
        self._overrides: Mapping[str, ScheduleOverride] = {}
        self._states: dict[str, ScheduleState] = {}
        self.is_leader = self.is_standby = False
        self._database = database
        self.lease = LeaseHolder(database, LEASE_NAME, new_owner(), pool.limits.lease)
        self.leader_line = ""  # who leads while this one does not
        self.report = RunReport()
        self._jobs = AsyncIOScheduler(timezone=UTC)
        self._runs: set[asyncio.Task[object]] = set()
        self._stop = asyncio.Event()
        self.held_because = ""  # why no run is started at present
        self.problem: Exception | None = None  # what broke the schedule off
        self._last_error: Exception | None = None  # of a run that could not begin
        self.unread: set[str] = set()  # outlets that were due in `run_once` and were not read

    def stop(self) -> None:
        """Asks for a clean stop: `serve` and `run_once` return when all children have ended."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    def is_paused(self, outlet: str) -> bool:
        """Whether the operator paused an outlet, which may be one that this scheduler does not read."""
        return self._overrides.get(outlet, ScheduleOverride()).enabled is False

    async def serve(self) -> None:
        """Leads whenever the lease is free, until `stop` is called."""
        while not self._stop.is_set():
            seconds_left = await self.lease.seconds_left()
            if not seconds_left and await self.lease.renew():
                await self._run_as_leader(self._run_jobs_forever())
            elif not self.lease.problem:
                await self._stand_by()
            if self.problem:
                log.error("the schedule broke off: %s", problem_line(self.problem))
                self.problem = None
                await wait_for_event(self._stop, RETRY_DELAY.total_seconds())
                continue
            # Tries again just after the lease ends, so that no lease time is lost.
            await wait_for_event(self._stop, min(seconds_left + 0.05, self.pool.limits.lease / 3))
        self.lease.close()

    async def _stand_by(self) -> None:
        """Says once who leads, and again if another one does."""
        line = await self.lease.holder_line()
        if not self.is_standby or line != self.leader_line:
            log.warning("standing by: %s; this one takes over when it can", line)
        self.leader_line, self.is_standby = line, True

    async def run_once(self) -> list[ChildResult] | None:
        """Runs every outlet that is due, once. `unread` and `problem` say what was not done.

        Returns how the children ended; None if another scheduler serves this database.
        """
        results: list[ChildResult] = []
        holds_lease = await self.lease.renew()
        if holds_lease:
            self.unread = set(self.cadences)
            await self._run_as_leader(self._run_due_outlets(results))
        elif not self.lease.problem:
            self.leader_line = await self.lease.holder_line()
        self.lease.close()
        return results if holds_lease else None

    async def hold_starts(self, reason: str) -> None:
        """Stops all children and starts none, until `allow_starts`. The lease is kept."""
        self.held_because = reason
        await self.pool.stop(StopReason.SERVICE_STOPPED, reason)
        await self._wait_for_runs()

    async def allow_starts(self) -> None:
        """Goes on after `hold_starts`, and repeats the runs that it cut off. Raises StorageError."""
        self.held_because = ""
        self.pool.allow_starts()
        if self.is_leader and self._jobs.running:
            await self._schedule_all(is_starting=True)

    async def run_outlet_if_due(self, outlet: str) -> ChildResult | None:
        """Takes the outlet's slot and runs it.

        Returns None if no slot is due or another scheduler took it.
        """
        if task := asyncio.current_task():
            self._keep(task)
        cadence, now = self.cadences.get(outlet), datetime.now(UTC)
        is_held = self.held_because or not self.is_leader or outlet in self.running_slots
        if cadence is None or is_held:
            return None
        try:
            slot = await self._take_due_slot(cadence, now)
            if slot is None:
                self._schedule_outlet(outlet)
                return None
            return await self._run_taken(cadence, slot)
        except DATABASE_ERRORS as error:
            log.error("%s waits: %s", outlet, problem_line(error))
            self._last_error = error
            self._schedule_outlet(outlet, datetime.now(UTC) + RETRY_DELAY)
        return None

    async def _run_taken(self, cadence: Cadence, slot: TakenSlot) -> ChildResult | None:
        """Runs an outlet whose slot is taken, and plans its next run."""
        self.running_slots[cadence.outlet] = slot
        try:
            result = await self._run(cadence)
        finally:
            del self.running_slots[cadence.outlet]
            await self._adapt_cadence(cadence)
        if result and not result.pid:
            self._repeat_soon(cadence)
        return result

    async def _take_due_slot(self, cadence: Cadence, now: datetime) -> TakenSlot | None:
        """Takes the slot that is due. Returns None if none is, or another scheduler took it."""
        state = self._states[cadence.outlet]
        slot_at = state.slot_to_take(cadence, now)
        if slot_at is None:
            return None
        last = state.last_served
        slot = TakenSlot(slot_at, cadence.count_missed(last, slot_at, state.level) if last else 0)
        take = self.pool.take_slot
        was_taken = await self.lease.call(take, self._database, cadence, slot, self.lease)
        self._states[cadence.outlet] = replace(state, last_served=slot_at, needs_rerun=False)
        if not was_taken:
            return None
        if slot.missed:
            log.warning("%s: %d times of reading were missed", cadence.outlet, slot.missed)
        return slot

    async def _run(self, cadence: Cadence) -> ChildResult | None:
        """Runs one outlet in a child, and records the run if the child could not."""
        result = await self.pool.run(cadence.outlet, browser=cadence.browser)
        if result is None:
            return None
        left = len(self.pool.running)
        self.report.add(result, len(self.cadences), left, is_stopping=self.stopped)
        if not result.is_recorded and (result.cause or result.exit_code):
            slot = self.running_slots.get(result.outlet, TakenSlot())
            living, owner = self.pool.pids(), self.lease.owner
            await self.lease.call(record_failed_run, self._database, result, slot, living, owner)
        return result

    async def _adapt_cadence(self, cadence: Cadence) -> None:
        """Adapts the cadence to how the run went, and schedules the next run."""
        if not self.is_leader or self.stopped:
            return
        with suppress(*DATABASE_ERRORS):
            progress = ScheduleProgress(slot_at=self._states[cadence.outlet].last_served)
            await self._load_state(cadence, progress)
        self._schedule_outlet(cadence.outlet)

    def _repeat_soon(self, cadence: Cadence) -> None:
        """Schedules a run again whose child could not be started."""
        state, now = self._states[cadence.outlet], datetime.now(UTC)
        usual_at = state.next_run_at(cadence, now) or now + START_RETRY_DELAY
        self._states[cadence.outlet] = replace(state, needs_rerun=True)
        self._schedule_outlet(cadence.outlet, min(usual_at, now + START_RETRY_DELAY))

    async def _load_state(
        self, cadence: Cadence, progress: ScheduleProgress, *, is_starting: bool = False
    ) -> None:
        """Computes the state of an outlet's schedule from its last runs."""
        self._states[cadence.outlet] = await self.lease.call(
            load_schedule_state, self._database, cadence, progress, is_starting
        )

    def next_runs(self) -> dict[str, datetime]:
        """Returns when each outlet runs next, in UTC; {} while another scheduler leads."""
        # Before APScheduler starts, jobs have no times.
        jobs = self._jobs.get_jobs() if self.is_leader and self._jobs.running else []
        return {job.id: job.next_run_time for job in jobs if job.next_run_time}

    async def _run_as_leader(self, work: Coroutine[object, object, None]) -> None:
        """Runs `work` until the lease is lost or a stop is asked for; then ends all children."""
        log.info("leading: %d outlets", len(self.cadences))
        self.is_leader, self.is_standby = True, False
        if not self.held_because:
            self.pool.allow_starts()
        work_task = asyncio.create_task(work)
        try:
            await self._hold_lease(work_task)
        finally:
            self.is_leader = False
            if self._jobs.running:
                self._jobs.pause()
            if self._stop.is_set():
                await self.pool.stop(StopReason.SERVICE_STOPPED, "the service was stopped")
            else:
                await self.pool.stop(StopReason.LEASE_LOST, "lease lost")
            await self._wait_for_runs()
            work_task.cancel()
            for problem in await asyncio.gather(work_task, return_exceptions=True):
                if isinstance(problem, Exception):
                    self.problem = problem
            await self.lease.release()

    async def _wait_for_runs(self) -> None:
        """Waits for the jobs that run: APScheduler logs an error for each one it must cancel."""
        await asyncio.sleep(0)  # a new task is not in `_runs` yet
        while self._runs:
            await asyncio.gather(*self._runs, return_exceptions=True)
            await asyncio.sleep(0)

    async def _hold_lease(self, work_task: asyncio.Task[None]) -> None:
        """Renews the lease until the work is done, the lease is lost, or a stop is asked for."""
        stop_task = asyncio.create_task(self._stop.wait())
        clock_offset = wall_clock_offset()
        while await self.lease.renew():
            await asyncio.wait(
                {work_task, stop_task},
                timeout=self.pool.limits.lease / 3,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if work_task.done() or stop_task.done():
                break
            jump = wall_clock_offset() - clock_offset
            if abs(jump) > CLOCK_JUMP and self._jobs.running:
                log.warning("the clock has jumped by %+.0f s: all runs are planned anew", jump)
                with suppress(*DATABASE_ERRORS):  # then the next turn does it
                    await self.lease.renew()  # the new clock may have ended it
                    await self._schedule_all(is_starting=True)
                    clock_offset += jump
        else:
            log.error("the lease is lost: %s", self.lease.lost_because)
        stop_task.cancel()

    async def _run_jobs_forever(self) -> None:
        await self.lease.call(self._close_dead)
        self._jobs = AsyncIOScheduler(timezone=UTC)
        await self._schedule_all(is_starting=True)
        self._jobs.start()
        try:
            while True:
                await self.pool.watch(CHECK_INTERVAL_SECONDS, self.lease)
                await self._apply_operator_changes()
        finally:
            self._jobs.shutdown(wait=False)

    async def _run_due_outlets(self, results: list[ChildResult]) -> None:
        await self.lease.call(self._close_dead)
        await self._schedule_all(is_starting=True)
        now = datetime.now(UTC)
        due = [
            outlet
            for outlet, cadence in self.cadences.items()
            if (at := self._states[outlet].next_run_at(cadence, now)) and at <= now
        ]
        self.unread = set(due)

        async def run_one(outlet: str) -> None:
            if result := await self.run_outlet_if_due(outlet):
                results.append(result)
                self.unread.discard(outlet)

        # One that fails leaves the others alone.
        problems = await asyncio.gather(*map(run_one, due), return_exceptions=True)
        raised = (each for each in problems if isinstance(each, Exception))
        self.problem = next(raised, self._last_error if self.unread else None)

    async def _apply_operator_changes(self) -> None:
        """Applies changes of the schedule, plans outlets without a job, and ends an idle forkserver."""
        with suppress(*DATABASE_ERRORS):
            if await self.lease.call(self._database.schedule.overrides) != self._overrides:
                log.info("the schedule was changed")
                await self._schedule_all()
        for outlet in self.cadences.keys() - {job.id for job in self._jobs.get_jobs()}:
            self._schedule_outlet(outlet)
        soonest = min(self.next_runs().values(), default=None)
        if not self.running_slots and (
            soonest is None or soonest - datetime.now(UTC) > FORKSERVER_IDLE_AFTER
        ):
            await self.pool.stop_forkserver()

    async def _schedule_all(self, *, is_starting: bool = False) -> None:
        """Schedules each outlet anew from the database.

        `is_starting`: nothing runs yet, or the clock has jumped: cut-off runs are repeated.
        """
        forget = self._database.schedule.forget_future_slots
        if is_starting and await self.lease.call(forget) > 0:
            log.warning("the clock was ahead: slots that were taken in the future are forgotten")
        self._overrides = await self.lease.call(self._database.schedule.overrides)
        cadences = effective_cadences(self._declared, self._overrides)
        self.cadences = {cadence.outlet: cadence for cadence in cadences}
        last_taken = await self.lease.call(self._database.schedule.last_taken, datetime.now(UTC))
        for cadence in cadences:
            progress = last_taken.get(cadence.outlet, ScheduleProgress())
            await self._load_state(cadence, progress, is_starting=is_starting)
            self._schedule_outlet(cadence.outlet)
        for job in self._jobs.get_jobs():
            if job.id not in self.cadences:
                job.remove()
        if is_starting:
            await self._follow_left_runs()

    async def _follow_left_runs(self) -> None:
        """Follows runs on other hosts that were given out before this scheduler led."""
        left = await self.lease.call(self.pool.left_running, self._database)
        for outlet in left.keys() & self.cadences.keys() - self.running_slots.keys():
            self._keep(asyncio.create_task(self._run_taken(self.cadences[outlet], left[outlet])))

    def _keep(self, task: asyncio.Task[object]) -> None:
        """Keeps a task of a run until it is done."""
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)

    def _schedule_outlet(self, outlet: str, at: datetime | None = None) -> None:
        """Makes APScheduler run the outlet at its next slot, or at `at`."""
        cadence, now = self.cadences.get(outlet), datetime.now(UTC)
        if cadence is None or outlet in self.running_slots:
            return
        at = at or self._states[outlet].next_run_at(cadence, now)
        if at is None:
            return
        if at > now:
            at += random.random() * cadence.max_jitter(self._states[outlet].level)
        self._jobs.add_job(
            self.run_outlet_if_due,
            DateTrigger(at),
            args=(outlet,),
            id=outlet,
            replace_existing=True,
            max_instances=2,  # a job that schedules the next one has not quite ended
            misfire_grace_time=None,
        )

    def _close_dead(self) -> None:
        """Records the end of runs whose process is dead, and of those that other leaders left."""
        self._database.runs.close_dead(self.pool.pids(), leader=self.lease.owner)


if __name__ == "__main__":
    sys.argv[1:1] = ["run"]
    runpy.run_module("nkwire", run_name="__main__")
