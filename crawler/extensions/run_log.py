"""Keeps the run's record: counts exceptions, reports progress, stores the outcome at the end."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.crawl.options import Progress
from crawler.crawl.session import Session
from storage.counts import Count
from storage.files.making import replaced_file
from storage.guard.secrets import conceal, mask_logs

PROGRESS_SECONDS = 0.25
REPORTS_PER_WRITE = 4  # the file is for another process, which reads it now and then


class RunLog:
    """Passes the crawl's signals on to its session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._progress_task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunLog":
        mask_logs()  # `scrapy crawl` has handlers of its own
        run_log = cls(Session.of(crawler))
        crawler.signals.connect(run_log.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(run_log.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(run_log.response_downloaded, signal=signals.response_downloaded)
        crawler.signals.connect(run_log.spider_error, signal=signals.spider_error)
        crawler.signals.connect(run_log.item_error, signal=signals.item_error)
        return run_log

    def spider_opened(self) -> None:
        """Starts the progress reports, if they are asked for."""
        options = self._session.options
        if options.progress is not None or options.stat_file is not None:
            self._progress_task = asyncio.ensure_future(self._report_periodically())

    def response_downloaded(self) -> None:
        """Counts an answer."""
        self._session.count(Count.ANSWERED)

    def spider_closed(self, reason: str) -> None:
        """Closes the session and reports the progress for the last time."""
        if self._progress_task is not None:
            self._progress_task.cancel()
        self._session.close(reason)
        self._report_progress(self._session.progress(done=True), write=True)

    def spider_error(self, failure: Failure) -> None:
        """Counts an exception in a spider callback."""
        self._record_exception("reading a page", failure)

    def item_error(self, failure: Failure) -> None:
        """Counts an exception in an item pipeline."""
        self._record_exception("an article", failure)

    def _record_exception(self, activity: str, failure: Failure) -> None:
        self._session.count(Count.EXCEPTIONS)
        error: Any = failure.value
        self._session.add_note(conceal(f"{activity} raised {type(error).__name__}: {error}"))

    async def _report_periodically(self) -> None:
        report_count = 0
        while True:
            self._report_progress(
                self._session.progress(), write=report_count % REPORTS_PER_WRITE == 0
            )
            report_count += 1
            await asyncio.sleep(PROGRESS_SECONDS)

    def _report_progress(self, progress: Progress, *, write: bool) -> None:
        options = self._session.options
        if options.progress is not None:
            options.progress(progress)
        if options.stat_file is not None and write:
            write_progress(options.stat_file, progress)


def write_progress(path: Path, progress: Progress) -> None:
    """Replaces the file in one step, so that a reader never sees half of it."""
    with replaced_file(path) as draft:
        draft.write(orjson.dumps(progress))
