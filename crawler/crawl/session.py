"""The state of one run of one outlet: options, database, counts and listed articles."""

import asyncio
import logging
import os
import socket
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy.settings import BaseSettings

from crawler.crawl.listed_articles import ListedArticles
from crawler.crawl.options import CrawlOptions, Progress
from crawler.crawl.plan import RunLimits
from crawler.crawl.polls import SourcePolls
from crawler.crawl.run_outcome import PAGE_FAILURE_CAUSES, determine_outcome
from crawler.crawl.storage_writer import StorageWriter, Visit
from storage import open_database
from storage.changes.url_shape import field_witness_key, url_shape
from storage.changes.version_details import WITNESSED_FIELDS
from storage.counts import Count
from storage.health.outlet_health import format_health_change
from storage.records import Article, Capture, Run, RunOutcome, StopReason

if TYPE_CHECKING:
    from crawler.crawl.further_pages import RequestedPages
    from crawler.declaration import Outlet
    from crawler.warc.records import RecordedResponse
    from storage import Database
    from storage.changes.rows import DueArticle

log = logging.getLogger(__name__)

MAX_NOTE_CHARS = 300
MAX_REVISITS = 100  # per run, whatever its budget: at 5 s each they take eight minutes
_ALARM_CAUSES = (Count.REVISIT_MISSING, Count.REVISIT_UNWITNESSED)
BACKFILL_BUDGET_FACTOR = 10  # times the usual budget, when `since` asks for older articles
_FINISHED_OUTCOMES = (RunOutcome.OK, RunOutcome.QUIET, RunOutcome.DEGRADED)
_INCOMPLETE_CAUSES = (*PAGE_FAILURE_CAUSES, Count.LISTED_OVER, Count.EXCEPTIONS, Count.LOST)


class Session:
    """One run: opened before the crawl, closed with its outcome. Counting is thread-safe."""

    def __init__(
        self,
        outlet: "type[Outlet]",
        options: CrawlOptions,
        *,
        kind: str = "crawl",
        recorded_responses: "tuple[RecordedResponse, ...]" = (),
    ) -> None:
        self.outlet = outlet
        self.options = options
        self.kind = kind
        self.recorded_responses = recorded_responses
        self.run = Run(outlet=outlet.name, started_at=datetime.now(UTC))
        self.limits = RunLimits(now=self.run.started_at, max_pages=0, max_revisits=0)
        self.counts: Counter[str] = Counter()
        self.note = ""
        self.current_url = ""
        self.listed_articles = ListedArticles()
        self.requested_pages: RequestedPages = set()
        self.polls = SourcePolls(outlet.name)
        # URL shapes at which articles answered, and keys of the fields that these articles had.
        self.answering_marks: set[str] = set()
        self.aliases: dict[str, str] = {}  # article URL -> identity under which it was listed
        self.database: Database | None = None
        self.writer: StorageWriter | None = None
        self._lock = threading.Lock()

    @classmethod
    def from_settings(
        cls, outlet: "type[Outlet]", settings: BaseSettings, arguments: Mapping[str, str]
    ) -> Self:
        """Makes a session for `scrapy crawl`.

        `arguments`: from `-a since=2026-01-31 -a until=... -a limit=20`; times without a zone are
        UTC.
        """
        since, until = (_parse_time(arguments.get(name, "")) for name in ("since", "until"))
        limit = arguments.get("limit", "")
        options = CrawlOptions(
            database_url=settings.get("NKWIRE_DATABASE_URL") or "",
            home=Path(settings.get("NKWIRE_HOME") or "data"),
            since=since,
            until=until,
            limit=int(limit) if limit else None,
        )
        return cls(outlet, options)

    def set_limits(self, settings: BaseSettings) -> None:
        """Sets the limits of the run from settings and options."""
        options = self.options
        page_budget = settings.getint("NKWIRE_PAGE_BUDGET")
        pages_in_time = int(settings.getfloat("NKWIRE_RUN_SECONDS") / self.outlet.delay)
        max_pages = (
            page_budget * BACKFILL_BUDGET_FACTOR
            if options.since
            else min(page_budget, max(1, pages_in_time))
        )
        self.limits = RunLimits(
            now=datetime.now(UTC),
            max_pages=max_pages if options.limit is None else options.limit,
            max_revisits=int(max_pages * settings.getfloat("NKWIRE_REVISIT_SHARE")),
            since=options.since,
            until=options.until,
            revisit_intervals=settings.getlist("NKWIRE_REVISIT"),
            retry_intervals=settings.getlist("NKWIRE_ASK_AGAIN"),
            recheck=options.recheck,
        )

    def open(self) -> None:
        """Opens the database and begins the run's record; does nothing in a dry run."""
        if self.options.dry_run or self.database is not None:
            return
        self.options.home.mkdir(parents=True, exist_ok=True)
        self.database = open_database(self.options.resolved_database_url())
        self.database.runs.close_dead()
        self.database.outlets.declare_ranks({self.outlet.name: self.outlet.agency_rank})
        self.database.revisit_intervals.declare(self.outlet.name, self.outlet.revisit)
        self.run = self.database.runs.begin(
            self.outlet.name,
            pid=os.getpid(),
            host=socket.gethostname(),
            kind=self.kind,
            slot_at=self.options.slot_at,
        )
        if self.is_selective:
            self.run.selective = True
        self.polls.load(
            self.database, tuple(each.url for each in self.outlet.sources if each.until is None)
        )
        spill_path = self.options.home / "unsaved" / f"{self.outlet.name}-{self.run.id}.jsonl"
        self.writer = StorageWriter(self, self.database, spill_path)

    async def load_known(self, identities: Collection[str]) -> dict[str, datetime]:
        """Returns, by identity, when each of the articles that are stored was last captured."""
        if self.database is None or not identities:
            return {}
        return await asyncio.to_thread(
            self.database.articles.last_captured, self.outlet.name, identities
        )

    async def load_visits(self, identities: Collection[str]) -> dict[str, tuple[datetime, str]]:
        """Returns the addresses that were fetched before and gave no article.

        By identity: when that was, and the outcome.
        """
        if self.database is None or not identities or self.options.keep_all:
            return {}
        return await asyncio.to_thread(self.database.visits.find, self.outlet.name, identities)

    async def load_due(self, used_pages: int) -> "list[DueArticle]":
        """Returns the known articles to revisit.

        None if no source answered, and none in an ingest or a selective run. `used_pages`: how many
        pages of the budget are planned already.
        """
        options, answered_count = (
            self.options,
            self.counts[Count.SOURCE_OK] + self.counts[Count.SOURCE_UNCHANGED],
        )
        selective = options.since or options.until or options.recheck
        if self.database is None or self.kind != "crawl" or selective or not answered_count:
            return []
        max_revisits = min(self.limits.max_revisits, self.limits.max_pages - used_pages)
        return await asyncio.to_thread(
            self.database.revisits.due,
            self.outlet.name,
            self.limits.now,
            min(max_revisits, MAX_REVISITS),
            validators=self.outlet.page_validators,
        )

    async def load_sibling(self, due: "DueArticle") -> "DueArticle | None":
        """Returns a known article like `due`; None if there is none.

        It shows whether the outlet still prints what `due` lacks now.
        """
        if self.database is None:
            return None
        return await asyncio.to_thread(
            self.database.revisits.sibling, self.outlet.name, due, self.limits.now
        )

    def mark_answering(self, article: Article) -> None:
        """Records that an article at a URL of this shape answered, and which fields it had."""
        self.answering_marks.add(url_shape(article.url))
        for name in WITNESSED_FIELDS:
            if getattr(article, name):
                self.answering_marks.add(field_witness_key(article.url, name))

    def record_visit(self, identity: str, capture: Capture, outcome: str) -> None:
        """Queues a fetch to be recorded by its outcome."""
        if self.writer is not None:
            self.writer.put_visit(Visit(identity, capture, outcome))

    @property
    def is_selective(self) -> bool:
        """Whether only a part of the new articles was asked for.

        Such a run says little about the outlet.
        """
        options = self.options
        return bool(options.since or options.until or options.recheck or options.limit is not None)

    @property
    def has_topic_filter(self) -> bool:
        """Whether articles that do not concern North Korea are left out."""
        if self.options.keep_all:
            return False
        return self.options.topic or (self.outlet.topic and self.kind == "crawl")

    def count(self, cause: Count, number: int = 1) -> None:
        """Adds to one of the run's counts; safe from any thread."""
        with self._lock:
            self.counts[cause] += number

    def add_note(self, note: str) -> None:
        """Keeps a note that explains the outcome; later notes are ignored."""
        self.note = self.note or note[:MAX_NOTE_CHARS]

    def progress(self, *, done: bool = False) -> Progress:
        """Returns the run's counts and its current address."""
        seconds = (datetime.now(UTC) - self.run.started_at).total_seconds()
        with self._lock:
            counts = _by_name(self.counts)
        return Progress(
            outlet=self.outlet.name,
            seconds=seconds,
            counts=counts,
            doing=self.current_url,
            done=done,
        )

    def close(self, reason: str) -> Run:
        """Decides the outcome, stores it and closes the database. Returns the run.

        `reason`: Scrapy's close reason. A second call changes nothing.
        """
        if self.run.outcome is None:
            result = determine_outcome(self.counts, self.outlet.expect, reason, self.note)
            self._record_outcome(result.outcome, result.cause, result.stop_reason)
        return self.run

    def fail(self, cause: str, stop_reason: StopReason | None = None) -> Run:
        """Records a run that failed outside the crawl, or was stopped by a signal."""
        if self.run.outcome is None:
            killed = stop_reason is StopReason.SIGNAL
            outcome = RunOutcome.KILLED if killed else RunOutcome.FAILED
            self._record_outcome(outcome, cause[:MAX_NOTE_CHARS], stop_reason)
        return self.run

    def _record_outcome(
        self, outcome: RunOutcome, cause: str, stop_reason: StopReason | None
    ) -> None:
        self.run.ended_at = datetime.now(UTC)
        self.run.outcome, self.run.cause, self.run.stop_reason = outcome, cause, stop_reason
        self.run.counts = _by_name(self.counts)
        if self.database is None:
            return
        try:
            complete = outcome in _FINISHED_OUTCOMES and not any(
                self.counts[cause] for cause in _INCOMPLETE_CAUSES
            )
            self.polls.save(self.database, complete=complete)
            self._record_listings(self.database)
            self._count_completeness(self.database)
            self.run.counts = _by_name(self.counts)
            self.database.runs.finish(self.run)
            self._raise_alarms(self.database)
            self._assess_health(self.database)
        finally:
            self.database.close()
            self.database = None

    def _record_listings(self, database: "Database") -> None:
        """Compares what the sources listed with their last listing, after all is stored."""
        if self.kind != "crawl" or self.options.since:
            return
        for source, identities in self.listed_articles.complete_listings().items():
            dropped = database.listings.record(
                source, self.limits.now, identities, of=self.outlet.name
            )
            self.count(Count.REVISIT_DROPPED, len(dropped))

    def _count_completeness(self, database: "Database") -> None:
        """Counts the articles that the sources declare, those listed, and those stored."""
        declared = self.listed_articles.declared_listings().values()
        if self.kind != "crawl" or not declared:
            return
        listed = {identity for _, identities in declared for identity in identities}
        self.count(Count.DECLARED, sum(total for total, _ in declared))
        self.count(Count.DECLARED_LISTED, len(listed))
        stored = database.articles.last_captured(self.outlet.name, listed)
        self.count(Count.DECLARED_STORED, len(stored))

    def _raise_alarms(self, database: "Database") -> None:
        if self.kind != "crawl" or not any(self.counts[cause] for cause in _ALARM_CAUSES):
            return
        for alarm in database.alarms.raise_new(self.outlet.name, self.run.started_at):
            log.error(
                "%s: %s: %d known articles were not found in %d revisits since %s, %s",
                *(self.outlet.name, alarm.kind, alarm.missing, alarm.checks),
                *(alarm.since_at.isoformat(timespec="minutes"), alarm.cause),
            )

    def _assess_health(self, database: "Database") -> None:
        """Decides the outlet's health after this run, and logs a change."""
        if self.kind != "crawl" or self.is_selective:
            return
        try:
            change = database.health.assess(self.outlet.name)
        except Exception:  # the run is recorded already
            log.exception("assessing the health of %s failed", self.outlet.name)
            return
        if change is not None:
            is_healthy = change.health.state.is_healthy
            log.log(
                logging.INFO if is_healthy else logging.WARNING, "%s", format_health_change(change)
            )


def _by_name(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(cause): number for cause, number in sorted(counts.items()) if number}


def _parse_time(text: str) -> datetime | None:
    if not text:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
