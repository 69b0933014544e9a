"""Classifies the answer to a request, or its failure, by one cause word."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from crawler.errors import CrawlerError
from crawler.warc.replay import NotRecordedError


class ForbiddenRequestError(CrawlerError, IgnoreRequest):
    """Raised for a request that must not be sent.

    `cause`: `refused` (by the outlet) or `error`; `kind`: see `failure_kind`.
    """

    def __init__(self, cause: str, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.cause = cause
        self.failure_kind = kind


REFUSED_STATUSES = frozenset({401, 402, 403, 407, 429, 451})
GONE_STATUSES = frozenset({404, 410})


def cause_of_status(status: int) -> str:
    """Returns the cause word of an HTTP status.

    One of `ok`, `unchanged` (304), `gone` (404, 410), `refused`, `unreachable` (5xx) and `error`.
    """
    if 200 <= status < 300:
        return "ok"
    if status == 304:
        return "unchanged"
    if status in GONE_STATUSES:
        return "gone"
    if status in REFUSED_STATUSES:
        return "refused"
    return "unreachable" if status >= 500 else "error"


def failure_kind(error: BaseException | None) -> str:
    """Returns what a failure is also counted as: `dns`, `robots`, or "" for all others."""
    if isinstance(error, ForbiddenRequestError):
        return error.failure_kind
    return "dns" if isinstance(error, CannotResolveHostError) else ""


def explain_failure(error: BaseException | None) -> tuple[str, str]:
    """Returns the cause word of a failed request, and one line that says what happened."""
    if isinstance(error, ForbiddenRequestError):
        return error.cause, str(error)
    if isinstance(error, IgnoreRequest | DownloadCancelledError):
        return "error", str(error)[:300]  # too large, or too many redirects
    if isinstance(error, NotRecordedError):
        return "unreachable", str(error)
    if isinstance(error, CannotResolveHostError):
        return "unreachable", "the host name has no address"
    if isinstance(error, DownloadConnectionRefusedError):
        return "unreachable", "the connection was refused"
    if isinstance(error, DownloadTimeoutError):
        return "unreachable", str(error) or "timeout"
    return "unreachable", f"{type(error).__name__}: {error}"[:300]
