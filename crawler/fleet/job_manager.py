"""procrastinate's job manager, which outlives an outage of the database.

procrastinate ends a worker at the first failure of the database. Here it asks again instead: the
children go on meanwhile, and `crawler.fleet.worker` decides when they may not.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback
from sqlalchemy import URL

from storage.fleet.orders import JobTask

RETRY_SECONDS = 1.0
FINISH_ATTEMPTS = 30
POOL_SECONDS = 10.0  # how long a connection is waited for
_LOST = "was not found"  # in the error of procrastinate_finish_job_v1

log = logging.getLogger("nkwire.worker")

Read = Callable[..., Awaitable[None]]


class PatientJobManager(JobManager):
    """Fetches and ends jobs. `in_work`: the numbers of those that were fetched and have not ended.

    `unrecorded`: those whose end is not recorded, so that the leader gives them out again.
    """

    def __init__(self, connector: PsycopgConnector) -> None:
        super().__init__(connector)
        self.in_work: set[int] = set()
        self.unrecorded: set[int] = set()
        self._told = ""

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Fetches the next job; None if there is none, or the database does not answer."""
        try:
            job = await super().fetch_job(queues, worker_id)
        except UniqueViolation:  # another worker took a job of the same outlet at this moment
            return None
        except ConnectorException as error:
            self._tell_once("cannot fetch a job", error)
            await asyncio.sleep(RETRY_SECONDS)
            return None
        self._told = ""
        if job is not None and job.id is not None:
            self.in_work.add(job.id)
        return job

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Records the end of a job; asks again while the database does not answer.

        A job that was given to another worker is left alone, and so is an unrecorded one.
        """
        try:
            if job.id in self.unrecorded:
                return None
            for _ in range(FINISH_ATTEMPTS):
                try:
                    return await super().finish_job(job, status, delete_job)
                except ConnectorException as error:
                    if _LOST in str(error.__cause__):
                        log.warning("the job %s was given to another worker", job.id)
                        return None
                    self._tell_once("cannot end a job", error)
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            self.in_work.discard(job.id or 0)
            self.unrecorded.discard(job.id or 0)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Listens for new jobs; connects again after a failure."""
        while True:
            try:
                await super().listen_for_jobs(on_notification=on_notification, queues=queues)
            except ConnectorException as error:
                self._tell_once("cannot listen for jobs", error)
            await asyncio.sleep(RETRY_SECONDS)

    async def update_heartbeat(self, worker_id: int) -> None:
        """Does nothing: `crawler.fleet.worker` beats, also while the last jobs end."""

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        """Removes nothing: the leader gives up silent workers with their runs."""
        return []

    async def unregister_worker(self, worker_id: int) -> None:
        """Removes the worker, if the database answers."""
        with suppress(ConnectorException):
            await super().unregister_worker(worker_id)

    def _tell_once(self, what: str, error: ConnectorException) -> None:
        line = f"{what}: {' '.join(str(error.__cause__ or error).split())}"
        if line != self._told:
            log.error("%s", line)
            self._told = line


def make_app(url: URL, read: Read) -> tuple[App, PatientJobManager]:
    """Returns procrastinate's application whose jobs call `read(context, **arguments)`."""
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connector = PsycopgConnector(
        conninfo=conninfo, min_size=1, max_size=4, timeout=POOL_SECONDS, name="nkwire-worker"
    )
    app = App(connector=connector)
    app.job_manager = manager = PatientJobManager(connector)

    async def do(context: JobContext, /, **arguments: object) -> None:
        await read(context.job.id, arguments)

    for task in JobTask:
        app.task(name=task.value, pass_context=True)(do)
    return app, manager
