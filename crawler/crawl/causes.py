"""Classifies the answer to a request, or its failure, and names the counts for it."""

from collections.abc import Mapping
from enum import StrEnum

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from crawler.errors import CrawlerError
from crawler.warc.replay import NotRecordedError
from storage.counts import Count
from storage.records import PageClass


class Cause(StrEnum):
    """The result of a request."""

    OK = "ok"
    UNCHANGED = "unchanged"  # 304
    GONE = "gone"  # 404, 410
    REFUSED = "refused"  # by the outlet
    UNREACHABLE = "unreachable"  # no answer, or 5xx
    REDIRECTED = "redirected"  # in a circle, or away from the article
    ERROR = "error"


class FailureKind(StrEnum):
    """What a failure is counted as in addition to its cause."""

    BLOCKED = "blocked"  # a captcha, consent or login page
    DNS = "dns"
    GONE = "gone"
    ROBOTS = "robots"


SOURCE_COUNTS: Mapping[Cause, Count] = {
    Cause.GONE: Count.SOURCE_ERROR,
    Cause.REFUSED: Count.SOURCE_REFUSED,
    Cause.UNREACHABLE: Count.SOURCE_UNREACHABLE,
    Cause.ERROR: Count.SOURCE_ERROR,
    Cause.REDIRECTED: Count.SOURCE_ERROR,
}
PAGE_COUNTS: Mapping[Cause, Count] = {
    Cause.UNCHANGED: Count.PAGE_UNCHANGED,
    Cause.GONE: Count.PAGE_GONE,
    Cause.REFUSED: Count.PAGE_REFUSED,
    Cause.UNREACHABLE: Count.PAGE_UNREACHABLE,
    Cause.ERROR: Count.PAGE_ERROR,
    Cause.REDIRECTED: Count.PAGE_REDIRECTED,
}
PAGE_CLASS_COUNTS: Mapping[PageClass, Count] = {
    PageClass.ARTICLE: Count.PAGE_ARTICLE,
    PageClass.STUB: Count.PAGE_STUB,
    PageClass.LISTING: Count.PAGE_LISTING,
    PageClass.BLOCKED: Count.PAGE_BLOCKED,
    PageClass.ERROR: Count.PAGE_ERROR,
    PageClass.MEDIA: Count.PAGE_MEDIA,
}
KIND_COUNTS: Mapping[FailureKind, Count] = {
    FailureKind.BLOCKED: Count.WHY_BLOCKED,
    FailureKind.DNS: Count.WHY_DNS,
    FailureKind.GONE: Count.WHY_GONE,
    FailureKind.ROBOTS: Count.WHY_ROBOTS,
}


class ForbiddenRequestError(CrawlerError, IgnoreRequest):
    """Raised for a request that must not be sent."""

    def __init__(self, cause: Cause, message: str, kind: FailureKind | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.failure_kind = kind


class RedirectCircleError(CrawlerError, IgnoreRequest):
    """Raised for a redirect to an address that was asked for before, with the same cookies."""


class EndlessAnswerError(CrawlerError, DownloadCancelledError):
    """Raised for an answer whose header, or the framing of whose body, does not end."""


_BROWSER_CIRCLE = "ERR_TOO_MANY_REDIRECTS"  # Chromium's word, after 20 redirects
REFUSED_STATUSES = frozenset({401, 402, 403, 407, 429, 451})
GONE_STATUSES = frozenset({404, 410})


def cause_of_status(status: int) -> Cause:
    """Returns the cause that an HTTP status stands for."""
    if 200 <= status < 300:
        return Cause.OK
    if status == 304:
        return Cause.UNCHANGED
    if status in GONE_STATUSES:
        return Cause.GONE
    if status in REFUSED_STATUSES:
        return Cause.REFUSED
    return Cause.UNREACHABLE if status >= 500 else Cause.ERROR


def failure_kind(error: BaseException | None) -> FailureKind | None:
    """Returns the kind of a failed request; None for most."""
    if isinstance(error, ForbiddenRequestError):
        return error.failure_kind
    return FailureKind.DNS if isinstance(error, CannotResolveHostError) else None


def explain_failure(error: BaseException | None) -> tuple[Cause, str]:
    """Returns the cause of a failed request, and one line that says what happened."""
    if isinstance(error, ForbiddenRequestError):
        return error.cause, str(error)
    if isinstance(error, RedirectCircleError):
        return Cause.REDIRECTED, str(error)[:300]
    if _BROWSER_CIRCLE in str(error):
        return Cause.REDIRECTED, "redirects in a circle"
    if isinstance(error, IgnoreRequest | DownloadCancelledError):
        return Cause.ERROR, str(error)[:300]  # too large, or too many redirects
    if isinstance(error, NotRecordedError):
        return Cause.UNREACHABLE, str(error)
    if isinstance(error, CannotResolveHostError):
        return Cause.UNREACHABLE, "the host name has no address"
    if isinstance(error, DownloadConnectionRefusedError):
        return Cause.UNREACHABLE, "the connection was refused"
    if isinstance(error, DownloadTimeoutError):
        return Cause.UNREACHABLE, str(error) or "timeout"
    if isinstance(error, ResponseDataLossError):
        return Cause.UNREACHABLE, "the answer was cut off"
    return Cause.UNREACHABLE, f"{type(error).__name__}: {error}"[:300]
