"""Runs one outlet's spider, or several spiders on recorded pages, in this process.

A process can start the event loop only once, so `crawl` or `ingest` can be called only once. To
crawl several outlets, start a child process for each.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from twisted.internet.error import ReactorNotRunning

import crawler.processes.preload  # noqa: F401  each crawl needs it, and a forkserver loads it once
from crawler.chosen import UnknownOutletError
from crawler.crawl.options import CrawlOptions, Progress
from crawler.crawl.session import Session
from crawler.errors import log_failure
from crawler.outlet import Outlet
from crawler.recorded.grouping import group_by_outlet
from crawler.registry import outlet_by_name, outlets
from crawler.spider import OutletSpider
from crawler.spider_loader import spider_class
from crawler.warc.index import index_files
from storage.errors import StorageError
from storage.records import Run, RunOutcome, StopReason

if TYPE_CHECKING:
    from twisted.internet.base import ReactorBase

__all__ = ["CrawlOptions", "Progress", "UnknownOutletError", "crawl", "ingest"]

log = logging.getLogger(__name__)

REPLAY_HANDLER = "crawler.warc.replay.ReplayHandler"


def crawl(outlet: str | type[Outlet], options: CrawlOptions) -> Run:
    """Crawls one outlet, and returns its run when it has ended.

    Raises UnknownOutletError, and errors of opening the database (storage.errors). All other errors
    are in the run's outcome and cause.
    """
    declared = find_outlet(outlet)
    replay_settings = _replay_settings(options.replay_files) if options.replay_files else {}
    session = Session(declared, options)
    session.open()
    run_sessions([session], crawl_settings(options, replay_settings))
    return session.run


def ingest(files: Sequence[Path], options: CrawlOptions) -> list[Run]:
    """Reads recorded pages with the spiders of their outlets, in one run for each outlet.

    The generic outlet reads pages of unknown hosts. Each problem in the files is passed to
    `options.on_problem`, or logged. Raises errors of opening the database.
    """
    index = index_files(files)
    for problem in index.problems:
        (options.on_problem or log.warning)(problem)
    sessions = [
        Session(outlet, options, kind="ingest", recorded_responses=tuple(responses))
        for outlet, responses in group_by_outlet(index.responses).items()
    ]
    if sessions:
        sessions[0].open()
        run_sessions(sessions, crawl_settings(options, _ingest_settings()))
    return [session.run for session in sessions]


def find_outlet(outlet: str | type[Outlet]) -> type[Outlet]:
    """Returns the outlet's class by its name. Raises UnknownOutletError."""
    if not isinstance(outlet, str):
        return outlet
    if found := outlet_by_name(outlet):
        return found
    raise UnknownOutletError(f"no outlet {outlet!r}; there are: {', '.join(outlets())}")


def crawl_settings(options: CrawlOptions, extra: Mapping[str, Any]) -> Settings:
    """Returns the project's settings, overridden by `extra` and by the crawl's own."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    # The caller has set up logging and found the outlet; `scrapy crawl` does both itself.
    settings.setdict(
        {"LOG_INSTALL_ROOT_HANDLER": False, "SPIDER_MODULES": [], **extra, **options.settings},
        priority="cmdline",
    )
    return settings


def _replay_settings(files: Sequence[Path]) -> dict[str, Any]:
    """Returns settings that answer from recordings, without delays."""
    return {
        "NKWIRE_REPLAY": [str(file) for file in files],
        "DOWNLOAD_HANDLERS": {
            "http": REPLAY_HANDLER,
            "https": REPLAY_HANDLER,
            "file": None,
            "data": None,
            "ftp": None,
            "s3": None,
        },
        "DOWNLOAD_DELAY": 0,
        "NKWIRE_LONGEST_CRAWL_DELAY": 0,
    }


def _ingest_settings() -> dict[str, Any]:
    # Nothing is fetched, so no rule about fetching applies.
    return {**_replay_settings(()), "ROBOTSTXT_OBEY": False, "RETRY_ENABLED": False}


def make_spider(session: Session) -> type[OutletSpider]:
    """Returns the class of the spider that crawls a session's outlet."""
    return spider_class(session.outlet)


def run_sessions(
    sessions: Sequence[Session],
    settings: Settings,
    make_spider: Callable[[Session], type[OutletSpider]] = make_spider,
) -> None:
    """Runs each session's outlet, one after the other; returns when all have ended."""
    process = AsyncCrawlerProcess(settings)
    asyncio.get_event_loop().create_task(_run_all(process, sessions, make_spider))
    process.start(stop_after_crawl=False)
    for session in sessions:
        session.fail("stopped by a signal before the crawl could end", StopReason.SIGNAL)


async def _run_all(
    process: AsyncCrawlerProcess,
    sessions: Sequence[Session],
    make_spider: Callable[[Session], type[OutletSpider]],
) -> None:
    from twisted.internet import reactor  # only after the process has installed the right one

    try:
        for session in sessions:
            await _run_one(process, session, make_spider(session))
            if session.run.outcome is RunOutcome.KILLED:
                break
    finally:
        with contextlib.suppress(ReactorNotRunning):
            cast("ReactorBase", reactor).stop()


async def _run_one(
    process: AsyncCrawlerProcess, session: Session, spider: type[OutletSpider]
) -> None:
    try:
        await process.crawl(spider, session=session)
    except Exception as error:  # noqa: BLE001  it is logged
        log_failure(log, error, "the crawl of %s could not run", session.outlet.name)
        lost = StopReason.DATABASE if isinstance(error, StorageError) else None
        session.fail(f"{type(error).__name__}: {error}", lost)
