"""The state of one run of one outlet: options, database, counts and listed articles."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypedDict

from pydantic import SecretStr
from scrapy.settings import BaseSettings

from crawler.config.config import sqlite_url
from crawler.crawl.being_read import BeingRead
from crawler.crawl.closing import DUTIES, EndedRun
from crawler.crawl.job_watch import watch_job
from crawler.crawl.known_articles import KnownArticles
from crawler.crawl.listed_articles import ListedArticles
from crawler.crawl.options import CrawlOptions, Progress
from crawler.crawl.own_pages import OwnPages
from crawler.crawl.page_accounts import PageAccounts
from crawler.crawl.plan import RunLimits
from crawler.crawl.polls import SourcePolls
from crawler.crawl.run_counts import RunCounts
from crawler.crawl.run_outcome import FINISHED, determine_outcome
from crawler.crawl.storage_writer import StorageWriter, Visit
from crawler.errors import CrawlerError, log_failure
from storage import open_database
from storage.counts import MIN_UNREAD_PAGES, PAGE_FAILURE_COUNTS, Count
from storage.errors import StorageError
from storage.files.making import make_folders
from storage.records import Article, Capture, CaptureResult, Run, RunOutcome, StopReason

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.crawl.further_pages import RequestedPages
    from crawler.outlet import Outlet
    from crawler.warc.records import RecordedResponse
    from storage import Database
    from storage.changes.rows import DueArticle

log = logging.getLogger(__name__)

MAX_NOTE_CHARS = 300
MAX_REVISITS = 100  # per run, whatever its budget: at 5 s each they take eight minutes
BACKFILL_BUDGET_FACTOR = 10  # times the usual budget, when `since` asks for older articles


class WrongArgument(CrawlerError):
    """An `-a` argument of `scrapy crawl` is unknown, or has a wrong value."""


class ArgumentValues(TypedDict, total=False):
    """The values of the `-a` arguments; times are aware."""

    since: datetime | None
    until: datetime | None
    limit: int | None


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
        self.counts = RunCounts()
        self.note = ""
        self.current_url = ""
        self.listed_articles = ListedArticles()
        self.requested_pages: RequestedPages = set()
        self.pages = PageAccounts()
        self.polls = SourcePolls(outlet.name)
        self.known = KnownArticles(outlet)
        self.own_pages = OwnPages(outlet)
        self.being_read = BeingRead()
        self.suspect_urls: frozenset[str] = frozenset()  # pages that ended a run before
        # article URL -> identities under which it was listed
        self.aliases: defaultdict[str, set[str]] = defaultdict(set)
        self.database: Database | None = None
        self.writer: StorageWriter | None = None
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    def from_settings(
        cls, outlet: "type[Outlet]", settings: BaseSettings, arguments: Mapping[str, str]
    ) -> Self:
        """Makes a session for `scrapy crawl`.

        `arguments`: from `-a since=2026-01-31 -a until=... -a limit=20`; times without a zone are
        UTC. Raises WrongArgument.
        """
        options = CrawlOptions(
            database_url=database_url_of(settings),
            home=Path(settings["NKWIRE_HOME"]),
            seed=seed_of(settings),
            **parse_arguments(arguments),
        )
        return cls(outlet, options)

    @classmethod
    def of(cls, crawler: "Crawler") -> Self:
        """Returns the session that a crawler's spider works for.

        Raises TypeError if the crawler has no spider of ours.
        """
        session = getattr(crawler.spider, "session", None)
        if not isinstance(session, cls):
            raise TypeError(f"{crawler.spider!r} has no session: only OutletSpider crawls")
        return session

    def set_limits(self, settings: BaseSettings) -> None:
        """Sets the limits of the run from settings and options."""
        options = self.options
        if settings.get("NKWIRE_REVISIT"):
            log.warning(
                "NKWIRE_REVISIT does nothing: use `nkwire revisits %s --ages`", self.outlet.name
            )
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
            retry_intervals=settings.getlist("NKWIRE_ASK_AGAIN"),
            recheck=options.recheck,
        )

    def open(self) -> None:
        """Opens the database and begins the run's record; does nothing in a dry run."""
        if self.options.dry_run or self.database is not None:
            return
        make_folders(self.options.home)
        url = self.options.database_url or sqlite_url(self.options.home)
        self.database = open_database(url, seed=self.options.seed)
        self.known = KnownArticles(self.outlet, self.database)
        self.database.runs.close_dead()
        self.database.outlets.declare_ranks({self.outlet.name: self.outlet.agency_rank})
        self.database.revisit_intervals.declare(self.outlet.name, self.outlet.revisit or None)
        self.run = self.database.runs.begin(
            self.outlet.name,
            kind=self.kind,
            selective=self.is_selective,
            slot_at=self.options.slot_at,
            missed=self.options.missed,
            owner=self.options.owner,
            job=self.options.job,
        )
        watch_job(self.database, self.options.job)
        self.polls.load(
            self.database, tuple(each.url for each in self.outlet.sources if each.until is None)
        )
        self.own_pages.load(self.database)
        if self.kind == "crawl":
            reading_path = self.options.home / "reading" / self.outlet.name
            self.being_read.open(reading_path, self.outlet.name, self.database)
        spill_path = self.options.home / "unsaved" / f"{self.outlet.name}-{self.run.id}.jsonl"
        self.writer = StorageWriter(self, self.database, spill_path)

    async def load_due(self, used_pages: int) -> "list[DueArticle]":
        """Returns the known articles to revisit.

        [] if no source answered, in an ingest, and in a run for a period or with `recheck`.
        `used_pages`: how many pages of the budget are planned already.
        """
        if not self._may_look_again:
            return []
        max_revisits = min(self.limits.max_revisits, self.limits.max_pages - used_pages)
        return await self.known.due(self.limits.now, min(max_revisits, MAX_REVISITS))

    async def load_witnesses(self, asked: Collection[str]) -> "list[DueArticle]":
        """Returns known articles that show whether the outlet's pages can be read at all.

        [] unless pages failed, too few to be evidence, and none gave an article. `asked`: the
        identities of the articles that the run asked for already.
        """
        failed = sum(self.counts[each] for each in PAGE_FAILURE_COUNTS)
        is_told_anyway = not self.limits.max_revisits or self.has_read_articles
        if not self._may_look_again or is_told_anyway or failed >= MIN_UNREAD_PAGES:
            return []
        failed += self.pages.failed_second_looks
        room = max(1, MIN_UNREAD_PAGES - failed) if failed else 0
        return await self.known.witnesses(asked, room)

    @property
    def _may_look_again(self) -> bool:
        """Whether this run may ask for known articles."""
        options = self.options
        is_answered = self.counts[Count.SOURCE_OK] + self.counts[Count.SOURCE_UNCHANGED] > 0
        is_for_a_part = options.since or options.until or options.recheck
        return bool(self.kind == "crawl" and not is_for_a_part and is_answered)

    @property
    def has_read_articles(self) -> bool:
        """Whether any page gave an article, a new one or a known one."""
        read = (Count.PAGE_ARTICLE, Count.PAGE_STUB, Count.REVISIT_PRESENT)
        return any(self.counts[each] for each in read)

    def record_visit(self, identity: str, capture: Capture, result: CaptureResult) -> None:
        """Queues a fetch to be recorded by its result."""
        if self.writer is not None:
            self.writer.put_visit(Visit(identity, capture, result))

    @property
    def is_selective(self) -> bool:
        """Whether only a part of the new articles was asked for.

        Such a run says little about the outlet.
        """
        options = self.options
        return bool(options.since or options.until or options.recheck or options.limit is not None)

    @property
    def is_of_new_pages(self) -> bool:
        """Whether the run asks the network, and of listed articles only for those not yet known."""
        return not (self.recorded_responses or self.options.recheck)

    @property
    def has_topic_filter(self) -> bool:
        """Whether articles that do not concern North Korea are left out."""
        if self.options.keep_all:
            return False
        return self.options.topic or (self.outlet.topic and self.kind == "crawl")

    def count(self, cause: Count, number: int = 1) -> None:
        """Adds to one of the run's counts; safe from any thread."""
        self.counts.add(cause, number)

    def count_archiving_ban(self, article: Article) -> None:
        """Counts an article whose page forbids archiving, and keeps the page's rule."""
        if ban := article.evidence.get("rights"):
            self.count(Count.PAGE_NOARCHIVE)
            self.pages.explain(Count.PAGE_NOARCHIVE, article.url, ban)

    def add_note(self, note: str) -> None:
        """Keeps a note that explains the outcome; later notes are ignored."""
        self.note = self.note or note[:MAX_NOTE_CHARS]

    def progress(self, *, done: bool = False) -> Progress:
        """Returns the run's counts and its current address."""
        seconds = (datetime.now(UTC) - self.run.started_at).total_seconds()
        return Progress(
            outlet=self.outlet.name,
            seconds=seconds,
            counts=self.counts.by_name(),
            doing=self.current_url,
            done=done,
        )

    @property
    def is_ending(self) -> bool:
        """Whether `end_early` was called."""
        return self._ending is not None

    def end_early(self, crawler: "Crawler", reason: str) -> None:
        """Ends the crawl before it is finished; a second call changes nothing. `reason`: Scrapy's."""
        if self._ending is None:
            closing = crawler.engine.close_spider_async(reason=reason)
            self._ending = asyncio.ensure_future(closing)

    def close(self, reason: str) -> Run:
        """Decides the outcome, stores it and closes the database. Returns the run.

        `reason`: Scrapy's close reason. A second call changes nothing.
        """
        if self.run.outcome is None:
            finished = reason == FINISHED
            closed = self.pages.close(finished=finished, any_read=self.has_read_articles)
            for count, number in closed.items():
                self.count(count, number)
            counts, details = self.counts.by_name(), self.pages.details()
            result = determine_outcome(counts, self.outlet.expect, reason, self.note, details)
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
        self.run.counts = self.counts.by_name()
        if self.database is None:
            return
        ended = EndedRun(
            database=self.database,
            run=self.run,
            counts=self.counts,
            polls=self.polls,
            own_pages=self.own_pages,
            listed_articles=self.listed_articles,
            now=self.limits.now,
            since=self.options.since,
            unread=self.pages.unread,
            unanswered=self.pages.unanswered,
        )
        try:
            for duty in DUTIES:
                duty(ended)
        except Exception as error:  # noqa: BLE001  it is logged
            outlet = self.outlet.name
            log_failure(log, error, "%s: the end of the run could not be recorded", outlet)
            self._record_lost_end(self.database, error)
        finally:
            self.being_read.close()
            self.database.close()
            self.database = None

    def _record_lost_end(self, database: "Database", error: Exception) -> None:
        """Makes the run a failed one, here and, if possible, in the database."""
        self.run.outcome = RunOutcome.FAILED
        self.run.stop_reason = StopReason.DATABASE if isinstance(error, StorageError) else None
        self.run.cause = f"{type(error).__name__}: {error}"[:MAX_NOTE_CHARS]
        with suppress(StorageError):  # the process that started this one tries again
            database.runs.finish(self.run)


def parse_arguments(arguments: Mapping[str, str]) -> ArgumentValues:
    """Returns the values of the `-a` arguments. Raises WrongArgument for an unknown or wrong one."""
    values: ArgumentValues = {}
    for name, text in arguments.items():
        try:
            if name in ("since", "until"):
                values[name] = _parse_time(text)  # type: ignore[literal-required]
            elif name == "limit":
                values["limit"] = int(text) if text else None
            else:
                raise WrongArgument(f"no argument {name!r}: there are since, until and limit")
        except ValueError:
            kind = "a whole number" if name == "limit" else "a time such as 2026-01-31"
            raise WrongArgument(f"{name}={text!r} must be {kind}") from None
    return values


def _parse_time(text: str) -> datetime | None:
    if not text:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def database_url_of(settings: BaseSettings) -> str:
    """Returns the database URL of the Scrapy settings; "" if none is set."""
    return str(_plain(settings.get("NKWIRE_DATABASE_URL")) or "")


def seed_of(settings: BaseSettings) -> int | None:
    """Returns the seed of the Scrapy settings; None if the database has its own."""
    seed = _plain(settings.get("NKWIRE_DEDUP_SEED"))
    return None if seed is None else int(seed)


def _plain(value: Any) -> Any:
    """Returns a setting; the secret itself if it is one."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value
