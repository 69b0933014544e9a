"""Archives what runs recorded: after `nkwire crawl`, and beside the schedule of the service."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from cli.arguments.recordings import configured_archive
from cli.show.printing import format_counts, print_warning
from crawler.processes.signals import seconds_to_stop
from storage.errors import StorageError
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from crawler.config.config import Config
    from crawler.warc.archiving import Sweeper, SweepResult
    from storage import Database

SWEEP_INTERVAL_SECONDS = 10.0
LAST_SWEEP_SECONDS = 8.0  # a service that stops waits so long for what its last runs recorded
CLOSING_SECONDS = 1.0  # left for the rest of a stop, before SIGALRM ends it

T = TypeVar("T")

log = logging.getLogger("nkwire.archive")


def make_sweeper(config: "Config", database: "Database") -> "Sweeper | None":
    """Returns what archives the recordings of this home folder; None without an archive.

    Raises MissingLibrary if the library for the archive is missing, and ArchiveError if its
    address cannot be used. Makes no connection.
    """
    archive = configured_archive(config)
    if archive is None:
        return None
    from crawler.warc.archiving import Sweeper
    from storage.files.recordings import recording_folders  # SQLAlchemy

    archive.prepare()
    url = database.engine.url.render_as_string(hide_password=True)
    return Sweeper(database, archive, recording_folders(config.home, url))


def archive_recordings(config: "Config", database_url: str) -> bool:
    """Archives what ended runs recorded here, and tells what went wrong in one line.

    Returns False if a recording is not in the archive; it stays here, and the next sweep takes it.
    """
    if configured_archive(config) is None:
        return True
    from storage import open_database

    try:
        with open_database(database_url, create=False) as database:
            sweeper = make_sweeper(config, database)
            lines = problem_lines(sweeper.sweep()) if sweeper else []
    except StorageError as error:  # the runs themselves have ended well
        lines = [f"recordings are not archived: {error}"]
    for line in lines:
        print_warning(f"nkwire: {line}")
    return not lines


def problem_lines(result: "SweepResult") -> list[str]:
    """Returns a line for each thing that kept a recording out of the archive."""
    if result.problem is None:
        return result.conflicts
    waiting = format_count(result.left, "recording")
    line = f"{result.problem}: {waiting} not archived, kept here until the next try"
    return [*result.conflicts, line]


def describe_sweep(result: "SweepResult") -> str:
    """Returns what was archived, as one line; "" if nothing was."""
    counts = {
        f"archived ({format_count(result.uploaded_bytes, 'byte')})": len(result.uploaded),
        "in the archive before": result.found,
    }
    done = {name: number for name, number in counts.items() if number}
    return format_counts(done) if done else ""


class BackgroundArchiving:
    """Archives recordings beside the runs. `notify`: gets the lines that are logged as errors."""

    def __init__(
        self, sweeper: "Sweeper | None", notify: Callable[[str], None] = lambda line: None
    ) -> None:
        self._sweeper = sweeper
        self._notify = notify
        self._is_stopping = threading.Event()
        self._is_failing = False
        self._sweep: asyncio.Future[SweepResult] | None = None

    async def run_forever(self) -> None:
        """Sweeps every few seconds; the first sweep takes what a killed process left here."""
        while self._sweeper is not None:
            await self._sweep_once()
            await asyncio.sleep(SWEEP_INTERVAL_SECONDS)

    async def finish(self) -> None:
        """Archives what the last runs recorded, if that takes a few seconds only.

        What remains is archived after the next start.
        """
        if self._sweeper is None or self._is_failing:
            return
        seconds = min(LAST_SWEEP_SECONDS, seconds_to_stop() - CLOSING_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if self._sweep is not None and not self._sweep.done():
                    await asyncio.wait([self._sweep])
                await self._sweep_once()
        self._is_stopping.set()

    async def _sweep_once(self) -> None:
        if (sweeper := self._sweeper) is None:
            return
        # One that hangs in the network must not keep the process alive, as a pool's thread would.
        self._sweep = _in_daemon_thread(lambda: sweeper.sweep(is_stopped=self._is_stopping.is_set))
        result = await asyncio.shield(self._sweep)
        if line := describe_sweep(result):
            log.info("recordings: %s", line)
        for line in problem_lines(result) if not self._is_failing else result.conflicts:
            log.error("%s", line)
            self._notify(line)
        if self._is_failing and not result.problem:
            log.warning("the archive works again")
            self._notify("the archive works again")
        self._is_failing = result.problem is not None


def _in_daemon_thread(work: Callable[[], T]) -> "asyncio.Future[T]":
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  who waits gets it
            problem = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, name="archiving", daemon=True).start()
    return future
