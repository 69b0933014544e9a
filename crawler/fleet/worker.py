"""A worker: takes runs that the leader gives out, and does them in children of its own."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from procrastinate.worker import Worker

from crawler.crawl.options import CrawlOptions
from crawler.fleet.follow_up import next_order
from crawler.fleet.job_manager import PatientJobManager, make_app
from crawler.fleet.records import record_failed_job
from crawler.processes.children import ChildResult, ProcessLimits, ProcessPool, wait_for_event
from crawler.processes.lease_holder import DATABASE_ERRORS, problem_line
from crawler.processes.run_report import RunReport
from storage import Database
from storage.errors import JobLost, Unavailable
from storage.fleet.orders import Order
from storage.fleet.workers import WorkerRow
from storage.records import WORKER_PREFIX, StopReason

BEATS = 5  # in the time after which a worker is silent
SELF_STOP_SHARE = 2 / 3  # of that time; then it ends its own children, before others begin them
SPACE_SECONDS = 10.0  # between looks at the room that is left
DRAIN_SECONDS = 2.0  # for runs that are about to end, before they are stopped
KILL_GRACE = 1.0
FORKSERVER_IDLE_SECONDS = 600.0
RECORD_ATTEMPTS = 10
RETRY_SECONDS = 2.0

T = TypeVar("T")

log = logging.getLogger("nkwire.worker")


class FleetWorker:
    """Does jobs until it is stopped. At most `row.parallel` at a time.

    `task`: what a child runs, as "module:function"; `options`: what is the same for all runs.
    `lack_of_space`: says why nothing may be fetched, "" if there is room; its argument multiplies
    the room that is wanted.
    """

    def __init__(
        self,
        database: Database,
        row: WorkerRow,
        task: str,
        options: CrawlOptions,
        limits: ProcessLimits,
        lack_of_space: Callable[[float], str] = lambda _: "",
    ) -> None:
        self.row = row
        self.pool = ProcessPool(task, self._options_for, limits)
        self.report = RunReport()
        self._database = database
        self._options = options
        self._lack_of_space = lack_of_space
        self._orders: dict[str, tuple[int, Order]] = {}  # by outlet
        self._stop = asyncio.Event()
        self._worker: Worker | None = None
        self._manager: PatientJobManager | None = None
        self._held_because = ""
        self._beaten_at = _clock()
        self._told_number: int | None = None  # its number in procrastinate's table, as beats say
        self._faltered_at = float("-inf")  # when beats were last missing for half of the time
        self._unclaimed: dict[int, float] = {}  # since when
        self._told = ""
        self._idle_since = _clock()
        self._beats = ThreadPoolExecutor(1, "beats")
        self._records = ThreadPoolExecutor(2, "records")

    def stop(self) -> None:
        """Asks for a clean stop: takes no more jobs, and ends the children."""
        self._stop.set()
        self._take_no_more()

    def _take_no_more(self) -> None:
        if self._worker:
            self._worker.stop()  # type: ignore[no-untyped-call]

    async def serve(self) -> None:
        """Does jobs until `stop` is called. Raises StorageError if it cannot begin."""
        await self._call(self._records, self._database.workers.register, self.row)
        log.info("%s serves %s", self.row.name, " and ".join(self.row.queues))
        tasks = [
            asyncio.create_task(work())
            for work in (self._beat_forever, self._watch_space, self._drain)
        ]
        try:
            while not self._stop.is_set():
                if self._held_because:
                    await wait_for_event(self._stop, 1.0)
                    continue
                await self._do_jobs()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(*DATABASE_ERRORS):
                await self._call(self._records, self._database.workers.remove, self.row.name)
            self._beats.shutdown(wait=False)
            self._records.shutdown(wait=False)

    async def _do_jobs(self) -> None:
        """Does jobs until procrastinate's worker ends: it was stopped, or the database is away."""
        app, self._manager = make_app(self._database.engine.url, self.read)
        try:
            async with app.open_async():
                self._worker = Worker(
                    app,
                    queues=list(self.row.queues),
                    name=self.row.name,
                    concurrency=self.row.parallel,
                    install_signal_handlers=False,
                )
                if self._stop.is_set():
                    return
                await self._worker.run()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001  whatever ends procrastinate's worker, a new one begins
            log.error("the worker broke off: %s", problem_line(error.__cause__ or error))
            await wait_for_event(self._stop, RETRY_SECONDS)
        finally:
            self._worker = None

    async def read(self, job: int, arguments: Mapping[str, Any]) -> None:
        """Does one job: runs its outlet in a child, and records what the child could not."""
        order = Order.from_arguments(dict(arguments))
        self._orders[order.outlet] = job, order
        begun_at = _clock()
        try:
            if self._worker and self._worker.worker_id != self._told_number:
                await self._beat()  # until then nobody knows whose this job is
            result = await self.pool.run(order.outlet, browser=order.browser)
            if result:
                result = self._excuse(result, begun_at)
                left = len(self.pool.running)
                self.report.add(result, self.row.parallel, left, is_stopping=self._stop.is_set())
            await self._record(job, order, result)
        except JobLost as error:
            log.warning("%s: %s", order.outlet, error)
        except (Unavailable, TimeoutError):
            if self._manager:  # nobody knows what is left to do: the leader finds out
                self._manager.unrecorded.add(job)
        finally:
            del self._orders[order.outlet]

    def _excuse(self, result: ChildResult, begun_at: float) -> ChildResult:
        """Names the reason of a child that ended itself because this worker could not beat."""
        limit = self.row.silent / 2
        faltered = self._faltered_at >= begun_at or _clock() - self._beaten_at > limit
        if result.stop_reason is StopReason.KILLED and faltered:
            return replace(result, stop_reason=StopReason.LEASE_LOST)
        return result

    async def _record(self, job: int, order: Order, result: ChildResult | None) -> None:
        """Records a failed run, and orders what is still to do. Asks again during an outage."""
        for attempt in range(RECORD_ATTEMPTS):
            try:
                await self._call(self._records, self._record_now, job, order, result)
            except (Unavailable, TimeoutError) as error:
                log.error("%s: %s", order.outlet, problem_line(error))
                if attempt + 1 == RECORD_ATTEMPTS:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    def _record_now(self, job: int, order: Order, result: ChildResult | None) -> None:
        if result and (result.cause or result.exit_code):
            record_failed_job(self._database, job, order, result, self._owner)
        if again := next_order(order, result):
            self._database.jobs.order_again(job, again)

    @property
    def _owner(self) -> str:
        return f"{WORKER_PREFIX}{self.row.name}"

    def _options_for(self, outlet: str) -> CrawlOptions:
        job, order = self._orders[outlet]
        return replace(
            self._options,
            stat_file=self._options.home / "live" / f"{outlet}.json",
            owner=self._owner,
            job=job,
            slot_at=order.slot_at,
            missed=order.missed,
            since=order.since,
            until=order.until,
        )

    async def _beat_forever(self) -> None:
        while True:
            await self._beat()
            await asyncio.sleep(self.row.silent / BEATS)

    async def _beat(self) -> None:
        """Says that this worker lives, and ends children whose jobs are not its own any more."""
        asked_at, mine = _clock(), dict(self._orders)
        if asked_at - self._beaten_at > self.row.silent / 2:
            self._faltered_at = asked_at
        if asked_at - self._beaten_at > self.row.silent:  # it was stopped, or its host slept
            await self._end_children("this worker was silent for too long")
        number = self._worker.worker_id if self._worker else None
        try:
            beat = await self._call(self._beats, self._database.workers.beat, self.row, number)
        except DATABASE_ERRORS as error:
            self._tell_once(f"cannot say that this worker lives: {problem_line(error)}")
            if _clock() - self._beaten_at > self.row.silent * SELF_STOP_SHARE:
                await self._end_children("this worker does not reach the database")
            return
        self._told = ""
        self._beaten_at, self._told_number = asked_at, number
        lost = [outlet for outlet, (job, _) in mine.items() if job not in beat.held]
        lost = [outlet for outlet in lost if self._orders.get(outlet) == mine[outlet]]
        await self._end_children("its job was given to another worker", lost)
        if number is not None and not beat.is_known:
            self._take_no_more()  # somebody removed it; the next one has a new number
        await self._let_go(beat.held)

    async def _let_go(self, held: frozenset[int]) -> None:
        """Gives back jobs that are this worker's in the database only: their end was not stored."""
        in_work, now = self._manager.in_work if self._manager else set[int](), _clock()
        self._unclaimed = {job: self._unclaimed.get(job, now) for job in held - in_work}
        # A job that is being fetched is unclaimed for a moment, and beats may follow at once.
        forgotten = [job for job, at in self._unclaimed.items() if now - at > self.row.silent / 10]
        if forgotten:
            with suppress(*DATABASE_ERRORS):
                await self._call(self._beats, self._database.jobs.let_go, sorted(forgotten))

    async def _end_children(self, cause: str, outlets: list[str] | None = None) -> None:
        """Kills children, all or those of some outlets, without waiting for what they would store."""
        running = self.pool.running
        names = list(running) if outlets is None else [name for name in outlets if name in running]
        if names:
            log.error("%s: killed: %s", ", ".join(names), cause)
        children = [running[name] for name in names]
        stops = (child.stop(StopReason.LEASE_LOST, cause, KILL_GRACE) for child in children)
        await asyncio.gather(*stops)

    async def _drain(self) -> None:
        """Once a stop was asked for, waits a little, then stops the children."""
        await self._stop.wait()
        end = time.monotonic() + DRAIN_SECONDS
        while self.pool.running and time.monotonic() < end:
            await asyncio.sleep(0.05)
        await self.pool.stop(StopReason.SERVICE_STOPPED, "the worker was stopped")

    async def _watch_space(self) -> None:
        """Stops fetching while there is too little room on this host; others read meanwhile."""
        while True:
            factor = 1.1 if self._held_because else 1.0
            reason = await asyncio.to_thread(self._lack_of_space, factor)
            if reason and not self._held_because:
                log.error("nothing is fetched: %s", reason)
                self._held_because = reason
                self._take_no_more()
                await self.pool.stop(StopReason.SERVICE_STOPPED, reason)
            elif self._held_because and not reason and not self._stop.is_set():
                log.warning("there is room again: outlets are read")
                self._held_because = ""
                self.pool.allow_starts()
            await self._rest()
            await asyncio.sleep(SPACE_SECONDS)

    async def _rest(self) -> None:
        """Ends the forkserver once nothing was read for a while, to free its memory."""
        if self._orders:
            self._idle_since = _clock()
        elif _clock() - self._idle_since > FORKSERVER_IDLE_SECONDS:
            await self.pool.stop_forkserver()

    async def _call(
        self, executor: ThreadPoolExecutor, call: Callable[..., T], *arguments: object
    ) -> T:
        """Calls the database in a thread, so that a hang stops nothing else."""
        future = asyncio.get_running_loop().run_in_executor(executor, lambda: call(*arguments))
        async with asyncio.timeout(max(1.0, self.row.silent / 3)):
            return await future

    def _tell_once(self, line: str) -> None:
        if line != self._told:
            log.error("%s", line)
            self._told = line


def _clock() -> float:
    """Returns seconds that also count while the host sleeps, where the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
