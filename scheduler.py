"""The background service: every outlet on its cadence, each run in a child process of its own.

`python scheduler.py` is `nkwire run`. The scheduler holds the database's lease, keeps one APScheduler
job an outlet, and records the runs of children that could not do it themselves.
"""

import asyncio
import logging
import os
import runpy
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from crawler.children import Crew, Ending, happens
from crawler.declaration import Outlet
from storage import Database
from storage.errors import StorageError
from storage.records import Run, RunOutcome
from storage.runs import Override

LEASE = "scheduler"
CLOCK_JUMP = 60.0  # seconds; less is a clock being adjusted
T = TypeVar("T")

log = logging.getLogger("nkwire.scheduler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often an outlet is read. `browser`: its run starts one, which needs memory of its own."""

    outlet: str
    every: timedelta
    browser: bool = False


def cadences(
    outlets: Mapping[str, type[Outlet]], overrides: Mapping[str, Override]
) -> list[Cadence]:
    """What is to be read how often: the declarations, and what the operator says instead."""
    return [
        Cadence(outlet=name, every=override.every or outlet.every, browser=outlet.browser)
        for name, outlet in outlets.items()
        if (override := overrides.get(name, Override())).enabled is not False
    ]


def first_due(last: Run | None, every: timedelta, now: datetime) -> datetime:
    """When an outlet is to be read after a start: at once if it never was, is overdue, or was killed.

    A last run in the future means that the clock was set back: due at once, too.
    """
    if last is None or last.outcome is RunOutcome.KILLED or last.started_at > now:
        return now
    return max(now, last.started_at + every)


async def tick(scheduler: "Scheduler", outlet: str) -> None:
    """The job of one outlet, as APScheduler calls it by its text reference."""
    await scheduler.run(outlet)


class Scheduler:
    """Reads outlets when they are due, while it holds the database's lease.

    Any number may be started on one database: one leads, the others stand by and take over when the
    lease ends. Jobs are rebuilt from the cadences and the run table, so a restart loses nothing.
    """

    def __init__(self, database: Database, crew: Crew, cadences: Sequence[Cadence]) -> None:
        self.crew = crew
        self.cadences = {cadence.outlet: cadence for cadence in cadences}
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
            if await self._renew():
                await self._lead(self._tick_for_ever())
            elif not self.standing_by:
                log.warning("standing by: another scheduler serves this database")
                self.standing_by = True
            await happens(self._stop, self.crew.limits.lease / 3)
        self._thread.shutdown(wait=False)

    async def once(self) -> list[Ending] | None:
        """Run every outlet that is due, once. None if another scheduler serves this database."""
        endings: list[Ending] = []
        leads = await self._renew()
        if leads:
            await self._lead(self._run_due(endings))
        self._thread.shutdown(wait=False)
        return endings if leads else None

    async def run(self, outlet: str) -> Ending | None:
        """Run one outlet in a child; a run that the child could not close is closed for it."""
        task = asyncio.current_task()
        if task:
            self._runs.add(task)
            task.add_done_callback(self._runs.discard)
        ending = await self.crew.run(outlet, browser=self.cadences[outlet].browser)
        if ending is None:
            return None
        log.log(logging.WARNING if ending.code else logging.INFO, "%s", told(ending.as_run()))
        if ending.cause or ending.code:
            await self._ask(self._record, ending)
        return ending

    def next_runs(self) -> dict[str, datetime]:
        """When each outlet is read next; empty while another scheduler leads."""
        jobs = self._jobs.get_jobs() if self.leading else []
        return {job.id: job.next_run_time for job in jobs if job.next_run_time}

    async def _lead(self, work: Coroutine[object, object, None]) -> None:
        """Do `work` while the lease holds and nobody asks to stop; then leave no child behind."""
        log.info("leading: %d outlets", len(self.cadences))
        self.leading, self.standing_by = True, False
        self.crew.open()
        working = asyncio.create_task(work)
        try:
            await self._hold_lease(working)
        finally:
            self.leading = False
            await self.crew.stop("the service was stopped" if self._stop.is_set() else "lease lost")
            await asyncio.gather(*self._runs, return_exceptions=True)
            working.cancel()
            for problem in await asyncio.gather(working, return_exceptions=True):
                if isinstance(problem, Exception):
                    log.error("the schedule broke off: %s", problem)
            with suppress(StorageError, TimeoutError):
                await self._ask(self._database.release, LEASE, self._owner)

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
                await self._plan()
        stopping.cancel()

    async def _renew(self) -> bool:
        asked = self.ticked_at = time.monotonic()
        try:
            held = await self._ask(self._database.lease, LEASE, self._owner, self.crew.limits.lease)
        except (StorageError, TimeoutError) as error:
            log.error("cannot renew the lease: %s", error or "the database does not answer")
            return self.leading and asked - self._renewed < self.crew.limits.lease * 2 / 3
        self._renewed = asked if held else self._renewed
        return held

    async def _tick_for_ever(self) -> None:
        await self._ask(self._database.close_dead_runs)
        self._jobs = AsyncIOScheduler(timezone=UTC)
        await self._plan()
        self._jobs.start()
        try:
            await asyncio.Event().wait()
        finally:
            self._jobs.shutdown(wait=False)

    async def _run_due(self, endings: list[Ending]) -> None:
        await self._ask(self._database.close_dead_runs)
        last, now = await self._ask(self._database.last_runs), datetime.now(UTC)
        due = [
            cadence.outlet
            for cadence in self.cadences.values()
            if first_due(last.get(cadence.outlet), cadence.every, now) <= now
        ]
        ran = await asyncio.gather(*(self.run(outlet) for outlet in due))
        endings.extend(ending for ending in ran if ending)

    async def _plan(self) -> None:
        """Make each outlet's job anew: first when it is due by the run table, then by its cadence."""
        last, now = await self._ask(self._database.last_runs), datetime.now(UTC)
        for cadence in self.cadences.values():
            seconds = cadence.every.total_seconds()
            self._jobs.add_job(
                "scheduler:tick",
                IntervalTrigger(seconds=seconds, jitter=min(60, seconds / 10), timezone=UTC),
                args=(self, cadence.outlet),
                id=cadence.outlet,
                replace_existing=True,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=max(300, int(seconds)),
                next_run_time=first_due(last.get(cadence.outlet), cadence.every, now),
            )

    def _record(self, ending: Ending) -> None:
        """Write down a run whose child was stopped, was killed, or failed before it began."""
        dead = [run for run in self._database.close_dead_runs() if run.pid == ending.pid]
        last = self._database.last_runs().get(ending.outlet)
        if not dead and last and last.started_at >= ending.started_at:
            return
        run = dead[0] if dead else self._database.begin_run(ending.outlet, pid=ending.pid)
        known = ending.as_run()
        run.outcome, run.cause, run.counts = known.outcome, known.cause, known.counts
        self._database.finish_run(run)

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
