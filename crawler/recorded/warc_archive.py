"""Reads recorded pages, checks their digests, and extracts articles by today's rules."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crawler.errors import CrawlerError
from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.extract.page.robots_rules import HEADER as ROBOTS_RULES
from crawler.registry import outlet_for, outlets
from crawler.revisits import with_known_identity
from crawler.sources import Link
from crawler.warc.content_coding import decode_body
from crawler.warc.index import parse_response
from crawler.warc.reader import read_record_of
from crawler.warc.records import HttpMessage, WarcError
from crawler.warc.retention import parse_recording_name
from crawler.warc.writer import payload_digest
from storage.archive.places import RecordingPlace, find_local, local_folders, open_archived
from storage.changes.rows import RecordedCapture
from storage.records import Article, Capture, PageClass

if TYPE_CHECKING:
    from crawler.outlet import Outlet

MISSING_CAUSE = "no such file"
EXPIRED_CAUSE = "expired"  # the one cause of an EvidenceError that is no fault
_DIGEST_ALGORITHMS = ("sha1", "sha256")  # in base 32, as nkwire and most archives write them
_ARTICLE_CLASSES = (PageClass.ARTICLE, PageClass.STUB)


class EvidenceError(CrawlerError):
    """Raised if a capture's raw page is missing or differs from what was recorded.

    `cause`: one or two words, for counting.
    """

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class RawPage:
    """A recorded answer. `body`: without its content coding.

    `headers`: names in lower case; several values of one name stand on lines of their own.
    """

    body: bytes
    headers: dict[str, str]


class WarcArchive:
    """Finds the WARC files by name, in folders and then in the archive.

    `places`: as `storage.archive.places.recording_places` returns them. `expired_at`: returns when
    the recording of a run (by id) was deleted for its age; None if it was not.
    """

    def __init__(
        self,
        places: Sequence[RecordingPlace],
        expired_at: Callable[[int], datetime | None] = lambda _: None,
    ) -> None:
        self.places = tuple(places)
        self._expired_at = lru_cache(maxsize=10_000)(expired_at)
        self._paths: dict[str, Path] = {}

    def read_page(self, capture: RecordedCapture) -> RawPage:
        """Returns the raw page of a capture, digests checked.

        Raises EvidenceError, and ArchiveError if the archive cannot be asked.
        """
        path, file = self._open_file(capture)
        try:
            with file:
                record = read_record_of(file, capture.warc_offset)
            message = parse_response(record)
        except (OSError, WarcError) as error:
            raise EvidenceError("unreadable record", f"{path}: {error}") from error
        if (
            record.url != capture.url
            and record.url.split("://")[-1] != capture.url.split("://")[-1]
        ):
            raise EvidenceError("another page", f"{path}: holds {record.url}, not {capture.url}")
        stated_digest = record.fields.get("warc-payload-digest", "")
        algorithm = stated_digest.partition(":")[0]
        if algorithm in _DIGEST_ALGORITHMS and stated_digest != payload_digest(
            message.body, algorithm=algorithm
        ):
            raise EvidenceError(
                "digest of the record", f"{path}: {capture.url}: the record was changed"
            )
        body = _captured_body(capture, message)
        if capture.body_sha256 and hashlib.sha256(body).hexdigest() != capture.body_sha256:
            raise EvidenceError(
                "digest of the capture", f"{path}: {capture.url}: not the page that was captured"
            )
        names = {name.lower() for name, _ in message.headers}
        return RawPage(body, {name: message.header_lines(name) for name in names})

    def _open_file(self, capture: RecordedCapture) -> tuple[Path | str, BinaryIO]:
        """Returns where the recording is, by path or address, and the open file."""
        if path := self._find_path(capture):
            try:
                return path, path.open("rb")
            except OSError as error:
                raise EvidenceError("unreadable record", f"{path}: {error}") from error
        if found := open_archived(self.places, capture.outlet, capture.warc_file):
            return found
        recording = parse_recording_name(Path(capture.warc_file))
        if (
            recording
            and recording.outlet == capture.outlet
            and (deleted_at := self._expired_at(recording.run_id))
        ):
            raise EvidenceError(
                EXPIRED_CAUSE, f"{capture.warc_file}: deleted for its age on {deleted_at:%Y-%m-%d}"
            )
        places = " or ".join(map(str, self.places))
        raise EvidenceError(MISSING_CAUSE, f"{capture.warc_file}: not below {places}")

    def _find_path(self, capture: RecordedCapture) -> Path | None:
        if found := find_local(self.places, capture.outlet, capture.warc_file):
            return found
        if not self._paths:
            for folder in reversed(local_folders(self.places)):
                self._paths |= {path.name: path for path in folder.rglob("*.warc*")}
        return self._paths.get(capture.warc_file)


def _captured_body(capture: RecordedCapture, message: HttpMessage) -> bytes:
    """Returns the body as the crawl read it. Raises EvidenceError if it cannot be decoded."""
    # A crawl decodes only what the header states, so it may have read packed bytes as they are.
    if hashlib.sha256(message.body).hexdigest() == capture.body_sha256:
        return message.body
    try:
        return decode_body(message)
    except WarcError as error:
        raise EvidenceError("unreadable coding", str(error)) from error


def reextract_page(capture: RecordedCapture, page: RawPage) -> Article | None:
    """Extracts the article from a recorded page by today's rules; None if they find none."""
    spider = _outlet_of(capture)
    link = Link(
        url=capture.url,
        key=capture.key,
        published_at=capture.published_at,
        published_precision=capture.published_precision,
    )
    headers = {name: page.headers.get(name, "") for name in ("content-type", ROBOTS_RULES)}
    extraction = extract_page(
        Page(page.body, capture.url, headers, capture.fetched_at), spider, link
    )
    if (
        extraction.article is None
        or extraction.page_class not in _ARTICLE_CLASSES
        or not extraction.article.title
    ):
        return None
    article = extraction.article
    article.capture = Capture(
        url=capture.url,
        fetched_at=capture.fetched_at,
        status=capture.status,
        body_sha256=capture.body_sha256,
        warc_file=capture.warc_file,
        warc_offset=capture.warc_offset,
    )
    article.outlet = capture.outlet
    return with_known_identity(
        article, capture.identity, capture.key, capture.canonical_url, capture.article_url
    )


def verify_captures(
    archive: WarcArchive, captures: Iterable[RecordedCapture]
) -> Iterator[tuple[RecordedCapture, RawPage | EvidenceError]]:
    """Yields each capture with its raw page, or with the error that reading it raised."""
    for capture in captures:
        try:
            yield capture, archive.read_page(capture)
        except EvidenceError as error:
            yield capture, error


def _outlet_of(capture: RecordedCapture) -> "type[Outlet]":
    return outlets().get(capture.outlet) or outlet_for(capture.url)
