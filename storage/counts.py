"""The names of what a run counts, one enum for all packages. docs/crawling.md explains each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Count(StrEnum):
    """What a run counts. The part before the dot is the subject, the part after it the cause."""

    SOURCE_OK = "source.ok"
    SOURCE_UNCHANGED = "source.unchanged"
    SOURCE_REFUSED = "source.refused"
    SOURCE_UNREACHABLE = "source.unreachable"
    SOURCE_ERROR = "source.error"
    SOURCE_PROBLEM = "source.problem"
    SOURCE_PUT_OFF = "source.put_off"
    SOURCE_RECORDED = "source.recorded"
    SOURCE_STALE_FORM = "source.stale_form"

    WHY_BLOCKED = "why.blocked"
    WHY_DNS = "why.dns"
    WHY_GONE = "why.gone"
    WHY_ROBOTS = "why.robots"
    WHY_UNREADABLE = "why.unreadable"

    LISTED = "listed"
    LISTED_RECENT = "listed.recent"
    LISTED_KNOWN = "listed.known"
    LISTED_OUTSIDE = "listed.outside"
    LISTED_OVER = "listed.over"
    LISTED_ARCHIVE = "listed.archive"
    LISTED_HOSTILE = "listed.hostile"
    INCOMPLETE = "incomplete"
    DECLARED = "declared"
    DECLARED_LISTED = "declared.listed"
    DECLARED_STORED = "declared.stored"

    PAGE_ASKED = "page.asked"
    PAGE_ASKED_AGAIN = "page.asked_again"
    PAGE_FETCHED = "page.fetched"
    PAGE_REFETCHED = "page.refetched"
    PAGE_ARTICLE = "page.article"
    PAGE_STUB = "page.stub"
    PAGE_LISTING = "page.listing"
    PAGE_MEDIA = "page.media"
    PAGE_BLOCKED = "page.blocked"
    PAGE_ERROR = "page.error"
    PAGE_TRUNCATED = "page.truncated"
    PAGE_GONE = "page.gone"
    PAGE_REFUSED = "page.refused"
    PAGE_UNREACHABLE = "page.unreachable"
    PAGE_UNCHANGED = "page.unchanged"
    PAGE_REDIRECTED = "page.redirected"
    PAGE_LOST = "page.lost"
    PAGE_NOARCHIVE = "page.noarchive"
    PAGE_HOSTILE = "page.hostile"

    FIELD_TITLE = "field.title"
    FIELD_TEXT = "field.text"
    FIELD_LEAD = "field.lead"
    FIELD_AUTHORS = "field.authors"
    FIELD_PUBLISHED_AT = "field.published_at"

    ARTICLE_OFF_TOPIC = "article.off_topic"
    ARTICLE_OUTSIDE = "article.outside"
    ARTICLE_INVALID = "article.invalid"

    STORED_NEW = "stored.new"
    STORED_EDITED = "stored.edited"
    STORED_UNCHANGED = "stored.unchanged"
    REJECTED = "rejected"
    LOST = "lost"
    LOST_WARC = "lost.warc"
    LOST_VISITS = "lost.visits"
    DRY = "dry"

    REVISIT_DUE = "revisit.due"
    REVISIT_PRESENT = "revisit.present"
    REVISIT_MISSING = "revisit.missing"
    REVISIT_UNWITNESSED = "revisit.unwitnessed"
    REVISIT_DOUBTFUL = "revisit.doubtful"
    REVISIT_UNCLEAR = "revisit.unclear"
    REVISIT_PUT_OFF = "revisit.put_off"
    REVISIT_DROPPED = "revisit.dropped"
    REVISIT_WITNESS = "revisit.witness"

    REJECT_ADDRESS = "reject.address"
    REJECT_OFFSITE = "reject.offsite"
    REJECT_ROBOTS = "reject.robots"
    ROBOTS_CHANGED = "robots.changed"
    ROBOTS_COPY_USED = "robots.copy_used"

    ANSWERED = "answered"
    NOT_RECORDED = "not_recorded"
    WAITED = "waited"
    PAUSED = "paused"
    EXCEPTIONS = "exceptions"


@dataclass(frozen=True, slots=True)
class FetchFailures:
    """The counts of failed fetches of one subject: "source" or "page"."""

    subject: str
    refused: Count
    unreachable: Count
    blocked: Count | None = None

    def numbers(self, counts: Mapping[str, int]) -> tuple[int, int, int]:
        """Returns how many were refused, unreachable, and blocked."""
        return (
            counts.get(self.refused, 0),
            counts.get(self.unreachable, 0),
            counts.get(self.blocked, 0) if self.blocked else 0,
        )


SOURCE_FAILURES = FetchFailures("source", Count.SOURCE_REFUSED, Count.SOURCE_UNREACHABLE)
PAGE_FAILURES = FetchFailures(
    "page", Count.PAGE_REFUSED, Count.PAGE_UNREACHABLE, Count.PAGE_BLOCKED
)
SOURCE_FAILURE_COUNTS = (Count.SOURCE_REFUSED, Count.SOURCE_UNREACHABLE, Count.SOURCE_ERROR)
PAGE_FAILURE_COUNTS = (
    Count.PAGE_REFUSED,
    Count.PAGE_BLOCKED,
    Count.PAGE_UNREACHABLE,
    Count.PAGE_ERROR,
    Count.PAGE_TRUNCATED,
    Count.PAGE_REDIRECTED,
    Count.PAGE_LOST,
)
"""Why a page gave no article although we did not decide to leave it out."""
MIN_UNREAD_PAGES = 3
"""So many pages without an article in one run are evidence against their outlet."""


def are_pages_readable(counts: Mapping[str, int]) -> bool:
    """Returns whether a known article could be read, and too few pages failed to be evidence."""
    failed = sum(counts.get(each, 0) for each in PAGE_FAILURE_COUNTS)
    return failed < MIN_UNREAD_PAGES and counts.get(Count.REVISIT_PRESENT, 0) > 0


def are_failures_known(counts: Mapping[str, int]) -> bool:
    """Returns whether the few pages that failed had failed before, while a known article was read.

    A page that fails again is no new evidence against an outlet.
    """
    again = counts.get(Count.PAGE_ASKED_AGAIN, 0)
    return are_pages_readable(counts) and again >= counts.get(Count.PAGE_ASKED, 0)
