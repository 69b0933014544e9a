"""Defines the records that the crawler and storage exchange.

Plain data without a database and without Scrapy. Times are aware datetimes; storage keeps them in
UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from storage.counts import Count


class PageClass(StrEnum):
    """The kind of a fetched page. Articles and stubs are stored; only articles are compared."""

    ARTICLE = "article"
    STUB = "stub"  # a paywalled or lead-only page: title and lead are real, the text is incomplete
    LISTING = "listing"
    BLOCKED = "blocked"  # captcha, consent or login page
    ERROR = "error"  # soft 404, 200 error page, empty page
    MEDIA = "media"  # video or gallery page without a text of its own


class TimePrecision(StrEnum):
    """The precision to which a time is known."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place, date and agency at the beginning of an agency text, as printed."""

    place: str = ""
    date: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One fetch of an article page, and the place of its raw bytes.

    `warc_offset`: the byte offset of the record in `warc_file`; -1 if there is none.
    """

    url: str
    fetched_at: datetime
    status: int
    body_sha256: str = ""
    etag: str = ""
    last_modified: str = ""
    warc_file: str = ""
    warc_offset: int = -1
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class ExportedState:
    """The state of an exported article that is not simply online; the fields are those of `article`."""

    state: str
    gone_at: datetime | None
    last_captured_at: datetime | None

    def times(self) -> dict[str, datetime | None]:
        """Returns the two times by their names."""
        return {"gone_at": self.gone_at, "last_captured_at": self.last_captured_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export of nkwire says of an article, and no page does.

    `id`, `story`, `report`: its numbers in the database that it comes from. `identity`: see
    `storage.identity.compute_identity`. `seen_at`: when it was first seen, None if the database
    knew only the time of an import. `outlet_rank`: None if it is not known. `version`, `stored_at`:
    the number of this version and when it was stored; 0 and None if the export does not say.
    `is_lead`: whether it was the lead document of its story. `published_at`,
    `published_precision`: those of the article, which an earlier version may not have. `state`:
    None for an article that was always online.
    """

    id: int
    story: int
    report: int = 0
    identity: str
    seen_at: datetime | None
    outlet_rank: int | None
    version: int = 0
    stored_at: datetime | None = None
    is_lead: bool = False
    published_at: datetime | None = None
    published_precision: TimePrecision | None = None
    state: ExportedState | None = None


@dataclass(slots=True, kw_only=True)
class Article:
    """One piece by one outlet, as read from one capture.

    `key` is the outlet's own identifier; without a key the canonical URL identifies the article.
    `published_at` may be known only to the day, see `published_precision`. `last_poll_without_at`:
    the last poll whose source did not list the article yet. `exported`: only of an article from an
    export of nkwire.
    """

    outlet: str
    url: str
    title: str
    text: str
    canonical_url: str = ""
    key: str = ""
    page_class: PageClass = PageClass.ARTICLE
    lead: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    dateline: Dateline | None = None
    captions: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_precision: TimePrecision | None = None
    published_source: str = ""
    published_raw: str = ""
    modified_at: datetime | None = None
    first_seen_at: datetime | None = None
    last_poll_without_at: datetime | None = None
    rights: str = ""
    external_id: str = ""
    rules_version: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
    capture: Capture | None = None
    exported: Exported | None = None


class SaveOutcome(StrEnum):
    """The result of storing an article."""

    NEW = "new"
    EDITED = "edited"  # title or text differ from the stored version: a new version
    UNCHANGED = "unchanged"  # the same text was captured again
    REJECTED = "rejected"  # kept in quarantine with the reason


STORED_COUNTS: Mapping[SaveOutcome, Count] = {
    SaveOutcome.NEW: Count.STORED_NEW,
    SaveOutcome.EDITED: Count.STORED_EDITED,
    SaveOutcome.UNCHANGED: Count.STORED_UNCHANGED,
    SaveOutcome.REJECTED: Count.REJECTED,
}


STORED_OUTCOMES = (SaveOutcome.NEW, SaveOutcome.EDITED, SaveOutcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result for one article; returned only after the transaction is committed."""

    outcome: SaveOutcome
    article_id: int = 0
    story_id: int = 0
    reason: str = ""


class CaptureOutcome(StrEnum):
    """What a fetch of an article's page showed."""

    NEW = "new"
    SAME = "same"  # the text of a stored version
    EDITED = "edited"
    STUB = "stub"  # a stub of an article whose whole text is stored
    NOT_MODIFIED = "not-modified"  # the outlet answered 304
    MOVED = "moved"  # the article is at another address now
    GONE = "gone"  # 404, 410, or a page without the article in its place
    UNCLEAR = "unclear"  # the answer says nothing about the article
    NOT_ARTICLE = "not an article"
    HOSTILE = "hostile"  # the page costs too much to read, or ended two runs
    SUSPECT = "suspect"  # a run ended while it read the page
    OFF_TOPIC = "off topic"
    ALIAS = "alias"  # the page is an article with another identity


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """What a fetch of an article's page showed, and a detail for people.

    `detail`: for MOVED the new address, else the reason in words; "" for none. No code reads it.
    """

    outcome: CaptureOutcome
    detail: str = ""

    def __str__(self) -> str:
        """Returns both in words: `gone: redirects to https://kcna.test/`."""
        if not self.detail:
            return self.outcome.value
        separator = " to " if self.outcome is CaptureOutcome.MOVED else ": "
        return f"{self.outcome}{separator}{self.detail}"


class RunOutcome(StrEnum):
    """How a run ended."""

    OK = "ok"
    QUIET = "quiet"  # no new articles; the sources answered and listed articles
    EMPTY = "empty"  # the sources answered, but listed no articles although some were expected
    REFUSED = "refused"  # robots.txt, 401/403/429, captcha
    UNREACHABLE = "unreachable"  # DNS, refused connection, timeout, 5xx
    DEGRADED = "degraded"  # articles were stored, but some pages failed or lack fields
    FAILED = "failed"  # exceptions in the spider, or data lost
    KILLED = "killed"  # past its deadline, ended by a signal, or the process died


SUCCESS_OUTCOMES = frozenset({RunOutcome.OK, RunOutcome.QUIET})
COMPLETE_OUTCOMES = SUCCESS_OUTCOMES | {RunOutcome.DEGRADED}
FAILED_OUTCOMES = frozenset({RunOutcome.FAILED, RunOutcome.KILLED})


class StopReason(StrEnum):
    """Why a run ended before its crawl was complete. `Run.cause` says the same in words."""

    SIGNAL = "signal"  # the process that crawled was asked to stop
    INTERRUPTED = "interrupted"  # the person who started the crawl ended it
    SERVICE_STOPPED = "service stopped"
    LEASE_LOST = "lease lost"  # another scheduler leads
    DIED = "died"  # the process ended without recording an outcome
    KILLED = "killed"  # the process was killed by a signal, or by a fault of its own
    DEADLINE = "deadline"
    MEMORY = "memory"
    DATABASE = "database"  # it did not answer, or articles could not be stored any more


_STOPPED_FROM_OUTSIDE = frozenset(
    {StopReason.SIGNAL, StopReason.SERVICE_STOPPED, StopReason.LEASE_LOST, StopReason.DIED}
)


WORKER_PREFIX = "worker:"
"""Begins the owner of a run that a worker does; it may outlive the scheduler that planned it."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One crawl of one outlet: start, end, outcome, counts by cause.

    `ended_at` and `outcome` are None while the run goes on. `slot_at`: the slot of the schedule
    that it serves. `missed`: slots just before that one, which no scheduler took. `retry_at`: when
    a host asked to come back. `selective`: whether a person asked for a part only: a period, a
    number of pages, or known pages again. `own_network`: whether our own network was down (`storage.health.own_network`).
    `machine`: whose `pid` it is (`storage.files.machine`); `host` names it to people. `owner`: who
    started the run: a scheduler by its lease's owner, WORKER_PREFIX and a worker's name, "" a person.
    `job`: the job that it does for a worker (`storage.fleet`), None without workers.
    """

    outlet: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: RunOutcome | None = None
    cause: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    kind: str = "crawl"  # or "ingest", "import"
    slot_at: datetime | None = None
    missed: int = 0
    stop_reason: StopReason | None = None
    retry_at: datetime | None = None
    selective: bool = False
    own_network: bool = False
    host: str = ""
    pid: int = 0
    machine: str = ""
    owner: str = ""
    job: int | None = None
    id: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether the crawl reached its end, although some pages may have failed."""
        return self.outcome in COMPLETE_OUTCOMES

    @property
    def is_cut_off(self) -> bool:
        """Whether the run was ended from outside; then it is no evidence about its outlet."""
        return self.outcome is RunOutcome.KILLED and self.stop_reason in _STOPPED_FROM_OUTSIDE

    def stored(self, outcome: SaveOutcome) -> int:
        """Returns how many articles were stored with this outcome."""
        return self.counts.get(STORED_COUNTS[outcome], 0)

    def format_line(self) -> str:
        """Returns the run as one line: kcna: ok, 3 new, 1 edited in 12 s."""
        seconds = ((self.ended_at or datetime.now(UTC)) - self.started_at).total_seconds()
        line = (
            f"{self.outlet}: {self.outcome}, {self.stored(SaveOutcome.NEW)} new,"
            f" {self.stored(SaveOutcome.EDITED)} edited in {seconds:.0f} s"
        )
        return f"{line}: {self.cause}" if self.cause else line


@dataclass(slots=True, kw_only=True)
class SourceState:
    """The state of one source between runs.

    `etag`, `last_modified`: validators of the last answer (RFC 9110). `failures`: number of
    failures in a row, since `failing_since`; `points`: the sum of their severities. `failure`: the
    severity of the last one (`hard`, `soft`, `temporary`); `problem`: its description. `next_at`:
    the source is not polled before this time.
    """

    outlet: str
    source: str
    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""
    polled_at: datetime | None = None
    changed_at: datetime | None = None
    failures: int = 0
    points: float = 0.0
    failure: str = ""
    problem: str = ""
    failing_since: datetime | None = None
    next_at: datetime | None = None
