"""Defines the errors that a page raises, beside those of storage, and their HTTP status codes."""

from dataclasses import dataclass
from http import HTTPStatus

from dedup.errors import NkwireError
from storage.errors import InvalidRequest, NotFound, StorageError, TooSlow


class Gone(NkwireError):
    """There was such a page, and there is none any more."""


class CannotListen(NkwireError):
    """The port or the address cannot be used."""


class Redirect(NkwireError):
    """The page is at another address now. `url`: a path with its query."""

    def __init__(self, url: str, status: int = HTTPStatus.MOVED_PERMANENTLY) -> None:
        super().__init__(url)
        self.url = url
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, in one sentence. `retry_after`: seconds, None if a retry does not help."""

    status: int
    title: str
    detail: str
    retry_after: int | None = None


RETRY_AFTER_SECONDS = 10


def describe_error(error: NkwireError) -> Problem:
    """Returns the problem that a visitor is shown for an error."""
    detail = " ".join(str(error).split())
    if isinstance(error, Gone):
        return Problem(status=410, title="Not there any more", detail=detail)
    if isinstance(error, NotFound):
        return Problem(status=404, title="Not found", detail=detail)
    if isinstance(error, InvalidRequest):
        return Problem(status=400, title="This address cannot be read", detail=detail)
    title = "This takes too long" if isinstance(error, TooSlow) else "The corpus is out of reach"
    if not isinstance(error, StorageError):
        return Problem(status=500, title="This failed", detail=detail)
    return Problem(status=503, title=title, detail=detail, retry_after=RETRY_AFTER_SECONDS)
