"""The background service: every outlet on its cadence, each run in a child process of its own.

`python scheduler.py` is `nkwire run`. The scheduler holds the database's lease, keeps one APScheduler
job an outlet, and records the runs of children that could not do it themselves.
"""

import asyncio
import logging
import os
import random
import runpy
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from crawler.declaration import Outlet
from crawler.processes.children import ChildResult, ProcessPool, wait_for_event
from storage import Database
from storage.errors import StorageError
from storage.records import Run
from storage.runs.course import Course, Taken, course, effective
from storage.runs.runs import UNSAID
from storage.runs.slots import Cadence, Override

__all__ = ["Cadence", "Scheduler", "declared", "on_stop_signal", "told"]

LEASE = "scheduler"
CLOCK_JUMP = 60.0  # seconds; less is a clock being adjusted
REST_FROM = timedelta(minutes=10)  # without a run due, for which nothing is held ready
LOOK_EVERY = 10.0  # seconds between looks at what the operator changed
TRY_AGAIN = timedelta(seconds=15)  # after the database was out of reach
REMEMBERED_RUNS = 12  # by which a cadence adapts and rests
T = TypeVar("T")

log = logging.getLogger("nkwire.scheduler")


def declared(outlets: Mapping[str, type[Outlet]]) -> list[Cadence]:
    """What is to be read how often, by the declarations."""
    return [
        Cadence(
            outlet=name,
            every=outlet.every,
            browser=outlet.browser,
            between=outlet.poll_interval_range(),
        )
        for name, outlet in outlets.items()
    ]


async def tick(scheduler: "Scheduler", outlet: str) -> None:
    """The job of one outlet, as APScheduler calls it by its text reference."""
    await scheduler.run_due(outlet)


class Scheduler:
    """Reads outlets when they are due, while it holds the database's lease.

    Any number may be started on one database: one leads, the others stand by and take over when the
    lease ends. Jobs are rebuilt from the cadences and the run table, so a restart loses nothing.
    """

    def __init__(self, database: Database, crew: ProcessPool, cadences: Sequence[Cadence]) -> None:
        self.crew = crew
        self.cadences = {cadence.outlet: cadence for cadence in cadences}
        self.slots: dict[str, datetime] = {}  # of the runs that go on
        self._declared = tuple(cadences)
        self._overrides: Mapping[str, Override] = {}
        self._courses: dict[str, Course] = {}
        self.leading = self.standing_by = False
        self._database = database
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._jobs = AsyncIOScheduler(timezone=UTC)
        self._runs: set[asyncio.Task[object]] = set()
        self._stop = asyncio.Event()
        self.ticked_at = time.monotonic()  # of the loop's last turn, for who watches from outside
        self._renewed = 0.0
        self._thread = ThreadPoolExecutor(1, "database")

    def stop(self) -> None:
        """Ask for a clean stop: `serve` and `once` return when all children are gone."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    async def serve(self) -> None:
        """Lead whenever the lease is free, until stopped."""
        while not self._stop.is_set():
            left = await self._lease_left()
            if not left and await self._renew():
                await self._lead(self._tick_for_ever())
            elif not self.standing_by:
                log.warning("standing by: another scheduler serves this database")
                self.standing_by = True
            # At the very end of the lease: whoever takes over should not have waited for nothing.
            await wait_for_event(self._stop, min(left + 0.05, self.crew.limits.lease / 3))
        self._thread.shutdown(wait=False)

    async def once(self) -> list[ChildResult] | None:
        """Run every outlet that is due, once. None if another scheduler serves this database."""
        endings: list[ChildResult] = []
        leads = await self._renew()
        if leads:
            await self._lead(self._run_due(endings))
        self._thread.shutdown(wait=False)
        return endings if leads else None

    async def run_due(self, outlet: str) -> ChildResult | None:
        """Take the outlet's slot and run it; None if there is none, or another scheduler took it."""
        task = asyncio.current_task()
        if task:
            self._runs.add(task)
            task.add_done_callback(self._runs.discard)
        cadence, now = self.cadences.get(outlet), datetime.now(UTC)
        if cadence is None or outlet in self.slots or not self.leading:
            return None
        try:
            slot = self._courses[outlet].slot(cadence, now)
            if slot is None or not await self._take(cadence, slot):
                self._book(outlet)
                return None
            self.slots[outlet] = slot
            try:
                return await self._run(cadence)
            finally:
                del self.slots[outlet]
                await self._review(cadence)
        except (StorageError, TimeoutError) as error:
            log.error("%s waits: %s", outlet, error or "the database does not answer")
            self._book(outlet, datetime.now(UTC) + TRY_AGAIN)
        return None

    async def _take(self, cadence: Cadence, slot: datetime) -> bool:
        """Take a slot, once among all schedulers."""
        known = self._courses[cadence.outlet]
        missed = cadence.missed(known.served, slot, known.level) if known.served else 0
        take = partial(self._database.schedule.take_slot, lease_name=LEASE, missed=missed)
        mine = await self._ask(take, cadence.outlet, slot, self._owner)
        self._courses[cadence.outlet] = replace(known, served=slot, again=False)
        if mine and missed:
            log.warning("%s: %d times of reading were missed", cadence.outlet, missed)
        return mine

    async def _run(self, cadence: Cadence) -> ChildResult | None:
        """Run one outlet in a child; a run that the child could not close is closed for it."""
        ending = await self.crew.run(cadence.outlet, browser=cadence.browser)
        if ending is None:
            return None
        log.log(logging.WARNING if ending.exit_code else logging.INFO, "%s", told(ending.to_run()))
        if ending.cause or ending.exit_code:
            await self._ask(self._record, ending)
        return ending

    async def _review(self, cadence: Cadence) -> None:
        """Adapt the cadence to how the run went, and plan the next one."""
        if not self.leading or self.stopped:
            return
        outlet, now = cadence.outlet, datetime.now(UTC)
        with suppress(StorageError, TimeoutError):
            runs = await self._ask(self._history, outlet)
            last = Taken(slot_at=self._courses[outlet].served)
            self._courses[outlet] = course(cadence, last, runs, now)
        self._book(outlet)

    def next_runs(self) -> dict[str, datetime]:
        """When each outlet is read next; empty while another scheduler leads."""
        # Before it starts, jobs have no times.
        jobs = self._jobs.get_jobs() if self.leading and self._jobs.running else []
        return {job.id: job.next_run_time for job in jobs if job.next_run_time}

    async def _lead(self, work: Coroutine[object, object, None]) -> None:
        """Do `work` while the lease holds and nobody asks to stop; then leave no child behind."""
        log.info("leading: %d outlets", len(self.cadences))
        self.leading, self.standing_by = True, False
        self.crew.allow_starts()
        working = asyncio.create_task(work)
        try:
            await self._hold_lease(working)
        finally:
            self.leading = False
            if self._jobs.running:
                self._jobs.pause()
            await self.crew.stop("the service was stopped" if self._stop.is_set() else "lease lost")
            await self._runs_end()
            working.cancel()
            for problem in await asyncio.gather(working, return_exceptions=True):
                if isinstance(problem, Exception):
                    log.error("the schedule broke off: %s", problem)
            with suppress(StorageError, TimeoutError):
                await self._ask(self._database.leases.release, LEASE, self._owner)

    async def _runs_end(self) -> None:
        """Wait for what APScheduler has begun: a job that it must cancel is an error to its log."""
        await asyncio.sleep(0)  # a task that was made just now is not among the runs yet
        while self._runs:
            await asyncio.gather(*self._runs, return_exceptions=True)
            await asyncio.sleep(0)

    async def _hold_lease(self, working: asyncio.Task[None]) -> None:
        """Renew until the work is done, the lease is lost, or a stop is asked for."""
        stopping = asyncio.create_task(self._stop.wait())
        drift = clock_drift()
        while await self._renew():
            await asyncio.wait(
                {working, stopping},
                timeout=self.crew.limits.lease / 3,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if working.done() or stopping.done():
                break
            if self._jobs.running and abs(clock_drift() - drift) > CLOCK_JUMP:
                drift = clock_drift()
                await self._plan(begins=True)
        stopping.cancel()

    async def _lease_left(self) -> float:
        """Seconds that another scheduler leads for."""
        self.ticked_at = time.monotonic()
        try:
            return await self._ask(self._database.leases.seconds_left, LEASE)
        except (StorageError, TimeoutError) as error:
            log.error("cannot look at the lease: %s", error or "the database does not answer")
            return self.crew.limits.lease

    async def _renew(self) -> bool:
        asked = self.ticked_at = time.monotonic()
        try:
            held = await self._ask(
                self._database.leases.acquire, LEASE, self._owner, self.crew.limits.lease
            )
        except (StorageError, TimeoutError) as error:
            log.error("cannot renew the lease: %s", error or "the database does not answer")
            return self.leading and asked - self._renewed < self.crew.limits.lease * 2 / 3
        self._renewed = asked if held else self._renewed
        return held

    async def _tick_for_ever(self) -> None:
        await self._ask(self._database.runs.close_dead)
        self._jobs = AsyncIOScheduler(timezone=UTC)
        await self._plan(begins=True)
        self._jobs.start()
        try:
            while True:
                await asyncio.sleep(LOOK_EVERY)
                await self._look()
        finally:
            self._jobs.shutdown(wait=False)

    async def _run_due(self, endings: list[ChildResult]) -> None:
        await self._ask(self._database.runs.close_dead)
        await self._plan(begins=True)
        now = datetime.now(UTC)
        due = [
            outlet
            for outlet, cadence in self.cadences.items()
            if (at := self._courses[outlet].due(cadence, now)) and at <= now
        ]
        ran = await asyncio.gather(*(self.run_due(outlet) for outlet in due))
        endings.extend(ending for ending in ran if ending)

    async def _look(self) -> None:
        """Take over what the operator has changed; plan what for whatever reason is not planned."""
        with suppress(StorageError, TimeoutError):
            if await self._ask(self._database.schedule.overrides) != self._overrides:
                log.info("the schedule was changed")
                await self._plan()
        for outlet in self.cadences.keys() - {job.id for job in self._jobs.get_jobs()}:
            self._book(outlet)
        soonest = min(self.next_runs().values(), default=None)
        if not self.slots and (soonest is None or soonest - datetime.now(UTC) > REST_FROM):
            await self.crew.stop_forkserver()

    async def _plan(self, *, begins: bool = False) -> None:
        """Plan each outlet anew by what the database says of it."""
        now = datetime.now(UTC)
        self._overrides = await self._ask(self._database.schedule.overrides)
        cadences = effective(self._declared, self._overrides)
        self.cadences = {cadence.outlet: cadence for cadence in cadences}
        taken = await self._ask(self._database.schedule.last_taken, now)
        for cadence in cadences:
            outlet = cadence.outlet
            runs = await self._ask(self._history, outlet)
            known = taken.get(outlet, Taken())
            self._courses[outlet] = course(cadence, known, runs, now, begins=begins)
            self._book(outlet)
        for job in self._jobs.get_jobs():
            if job.id not in self.cadences:
                job.remove()

    def _book(self, outlet: str, at: datetime | None = None) -> None:
        """Have APScheduler call `tick` when the outlet is due next, or at the time given."""
        cadence, now = self.cadences.get(outlet), datetime.now(UTC)
        if cadence is None or outlet in self.slots:
            return
        at = at or self._courses[outlet].due(cadence, now)
        if at is None:
            return
        if at > now:
            most = cadence.interval(self._courses[outlet].level) / 10
            jitter = min(timedelta(minutes=1), most) if cadence.jitter is None else cadence.jitter
            at += random.random() * jitter
        self._jobs.add_job(
            "scheduler:tick",
            DateTrigger(at),
            args=(self, outlet),
            id=outlet,
            replace_existing=True,
            max_instances=2,  # the one that books the next has not quite ended
            misfire_grace_time=None,
        )

    def _history(self, outlet: str) -> list[Run]:
        return self._database.runs.latest(outlet, REMEMBERED_RUNS, kind="crawl")

    def _record(self, ending: ChildResult) -> None:
        """Write down a run whose child was stopped, was killed, or failed before it began."""
        self._database.runs.close_dead()
        last = self._database.runs.last_by_outlet().get(ending.outlet)
        # Whoever closed it, another outlet's run may have been quicker, knew only that it is over.
        if last is None or last.started_at < ending.started_at:
            slot = self.slots.get(ending.outlet)
            last = self._database.runs.begin(ending.outlet, pid=ending.pid, slot_at=slot)
        elif last.pid != ending.pid or last.cause != UNSAID:
            return
        known = ending.to_run()
        last.outcome, last.cause, last.counts = known.outcome, known.cause, known.counts
        self._database.runs.finish(last)
        self._database.health.assess(ending.outlet)

    async def _ask(self, call: Callable[..., T], *args: object) -> T:
        """Ask the database in its own thread; TimeoutError where it hangs, so that nothing else does."""
        answer = asyncio.get_running_loop().run_in_executor(self._thread, lambda: call(*args))
        return await asyncio.wait_for(answer, max(5.0, self.crew.limits.lease / 2))


def told(run: Run) -> str:
    """A run in one line: kcna: ok, 3 new, 1 edited in 12 s."""
    seconds = ((run.ended_at or datetime.now(UTC)) - run.started_at).total_seconds()
    new, edited = (run.counts.get(f"stored.{what}", 0) for what in ("new", "edited"))
    line = f"{run.outlet}: {run.outcome}, {new} new, {edited} edited in {seconds:.0f} s"
    return f"{line}: {run.cause}" if run.cause else line


def clock_drift() -> float:
    """Seconds between the wall clock and the one that never jumps (nor runs in a suspended machine)."""
    return time.time() - time.monotonic()


def on_stop_signal(stop: Callable[[], object], within: float = 14.0) -> None:
    """Call `stop` on SIGTERM or SIGINT; a second one, or `within` seconds, end the process at once."""
    loop = asyncio.get_running_loop()

    def once() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        signal.setitimer(signal.ITIMER_REAL, within)  # SIGALRM ends us, and so the children
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, once)


if __name__ == "__main__":
    sys.argv[1:1] = ["run"]
    runpy.run_module("nkwire", run_name="__main__")
