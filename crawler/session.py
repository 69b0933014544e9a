"""One run of one outlet as its parts share it: options, database, counts, what was listed."""

import logging
import os
import socket
import threading
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.options import CrawlOptions
from crawler.verdict import verdict
from storage import open_database
from storage.records import Run, RunOutcome

if TYPE_CHECKING:
    from crawler.declaration import Outlet
    from crawler.warc.records import Recorded
    from storage import Database

log = logging.getLogger(__name__)
MAX_NOTE = 300


class Session:
    """Opened before the crawl, closed with its outcome. Counting is safe from any thread."""

    def __init__(
        self,
        outlet: "type[Outlet]",
        options: CrawlOptions,
        *,
        kind: str = "crawl",
        recorded: "tuple[Recorded, ...]" = (),
    ) -> None:
        self.outlet = outlet
        self.options = options
        self.kind = kind
        self.recorded = recorded
        self.run = Run(outlet=outlet.name, started_at=datetime.now(UTC))
        self.counts: Counter[str] = Counter()
        self.note = ""
        self.doing = ""
        self.database: Database | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Open the database and begin the run's record; a dry run has neither."""
        if self.options.dry_run or self.database is not None:
            return
        self.options.home.mkdir(parents=True, exist_ok=True)
        self.database = open_database(self.options.resolved_database_url())
        self.run = self.database.begin_run(
            self.outlet.name, pid=os.getpid(), host=socket.gethostname(), kind=self.kind
        )

    def count(self, cause: str, number: int = 1) -> None:
        with self._lock:
            self.counts[cause] += number

    def say(self, note: str) -> None:
        """Keep what explains the outcome; the first note is the one told."""
        self.note = self.note or note[:MAX_NOTE]

    def close(self, reason: str) -> Run:
        """Judge the run, record it and close the database. Called once more, it changes nothing."""
        if self.run.outcome is None:
            judged = verdict(self.counts, self.outlet.expect, reason, self.note)
            self._finish(judged.outcome, judged.cause)
        return self.run

    def fail(self, cause: str) -> Run:
        """Record a run that ended by an error outside the crawl."""
        if self.run.outcome is None:
            self._finish(RunOutcome.FAILED, cause[:MAX_NOTE])
        return self.run

    def _finish(self, outcome: RunOutcome, cause: str) -> None:
        self.run.ended_at = datetime.now(UTC)
        self.run.outcome, self.run.cause = outcome, cause
        self.run.counts = dict(sorted(self.counts.items()))
        if self.database is not None:
            self.database.finish_run(self.run)
            self.database.close()
            self.database = None
