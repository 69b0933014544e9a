"""The values that cross the border between crawl and storage.

Plain data: no database and no Scrapy in here. Times are aware datetimes; storage keeps them in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PageClass(StrEnum):
    """What a fetched page is. Only articles and stubs are stored, only articles are compared."""

    ARTICLE = "article"
    STUB = "stub"  # a paywalled or lead-only page: title and lead are real, the text is not whole
    LISTING = "listing"
    BLOCKED = "blocked"  # captcha, consent or login page
    ERROR = "error"  # soft 404, 200 error page, empty page
    MEDIA = "media"  # video or gallery page without a text of its own


class TimePrecision(StrEnum):
    """How exactly a time is known."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place, date and agency that open an agency text, as printed."""

    place: str = ""
    date: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One fetch of an article page, and where its raw bytes lie."""

    url: str
    fetched_at: datetime
    status: int
    body_sha256: str = ""
    etag: str = ""
    last_modified: str = ""
    warc_file: str = ""
    warc_offset: int = -1
    truncated: bool = False


@dataclass(slots=True, kw_only=True)
class Article:
    """One piece by one outlet, as read from one capture.

    `key` is the outlet's own identifier; without one the canonical URL identifies the article.
    `published_at` may be known to a day only: see `published_precision`.
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


class SaveOutcome(StrEnum):
    """What storing an article did."""

    NEW = "new"
    EDITED = "edited"  # title or text differ from the version held: a new version
    UNCHANGED = "unchanged"  # the same text was captured again
    REJECTED = "rejected"  # kept in quarantine with the reason


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one stored article; given only after the transaction is committed."""

    outcome: SaveOutcome
    article_id: int = 0
    story_id: int = 0
    reason: str = ""


class RunOutcome(StrEnum):
    """How one crawl of one outlet ended."""

    OK = "ok"
    QUIET = "quiet"  # nothing new, the sources answered and listed articles
    EMPTY = "empty"  # the sources answered but listed nothing, where something was expected
    REFUSED = "refused"  # robots.txt, 401/403/429, captcha
    UNREACHABLE = "unreachable"  # dns, refused connection, timeout, 5xx
    DEGRADED = "degraded"  # articles came, some pages failed or lack fields
    FAILED = "failed"  # exceptions in the spider, or data lost
    KILLED = "killed"  # deadline, signal, or the process died


# Causes of a run that was ended from outside.
_STOPPED_BY_US = ("the service was stopped", "lease lost", "stopped by a signal", "without a word")


@dataclass(slots=True, kw_only=True)
class Run:
    """One crawl of one outlet: start, end, outcome, counts by cause."""

    outlet: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: RunOutcome | None = None
    cause: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    kind: str = "crawl"  # or "ingest", "import": who asked
    slot_at: datetime | None = None  # the time of the schedule that it is for
    host: str = ""
    pid: int = 0
    id: int = 0

    @property
    def is_cut_off(self) -> bool:
        """Whether the run was ended from outside, so that it says nothing about its outlet."""
        return self.outcome is RunOutcome.KILLED and any(s in self.cause for s in _STOPPED_BY_US)

    @property
    def is_selective(self) -> bool:
        """Whether a person asked for a part only: a time in the past, a number of pages."""
        return bool(self.counts.get("selective"))

    @property
    def is_own_network(self) -> bool:
        """Whether the run failed because our own network was down (`storage.health.own_network`)."""
        return bool(self.counts.get("own_network"))


@dataclass(slots=True, kw_only=True)
class SourceState:
    """What is remembered of one source between runs.

    `failures`: in a row, since `failing_since`; `points`: how grave they are together; `failure`: the
    class of the last (`hard`, `soft`, `temporary`), `problem` in words; `next_at`: not asked before.
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
