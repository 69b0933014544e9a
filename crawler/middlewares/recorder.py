"""Writes every exchange, as received, to the run's WARC file (ISO 28500)."""

import logging
from datetime import UTC, datetime
from hashlib import sha256
from http.client import responses
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Request, Response

from crawler.crawl.session import Session
from crawler.extract.page.guard import MAX_PAGE_BYTES
from crawler.extract.page.page import Page
from crawler.extract.page.robots_rules import HEADER as ROBOTS_RULES
from crawler.extract.page.robots_rules import archiving_ban_of_source
from crawler.warc.content_coding import decode_body
from crawler.warc.records import HttpMessage, WarcError
from crawler.warc.retention import recording_name
from crawler.warc.writer import Exchange, WarcWriter
from storage.counts import Count

_HEAD_BYTES = 1 << 20

log = logging.getLogger(__name__)


class Recorder:
    """Stands nearest to the network, so that it records redirects, errors and robots.txt too.

    Adds to each request's meta when and where its answer was recorded.
    """

    def __init__(self, session: Session, path: Path, software: str) -> None:
        self._session = session
        self._path = path
        self._software = software
        self._writer: WarcWriter | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Recorder":
        session = Session.of(crawler)
        if session.options.dry_run or session.recorded_responses or session.options.replay_files:
            raise NotConfigured
        recorder = cls(session, warc_path(session), crawler.settings["USER_AGENT"])
        crawler.signals.connect(recorder.close, signal=signals.spider_closed)
        return recorder

    def process_response(self, request: Request, response: Response) -> Response:
        """Records an answer, unless it forbids archiving.

        A file that cannot be written is counted as `lost.warc`.
        """
        now = datetime.now(UTC)
        request.meta["captured_at"] = now
        if ban := _archiving_ban(request, response):
            request.meta.pop("warc", None)
            self._session.count(Count.NOT_RECORDED)
            log.info("%s is not recorded: %s", response.url, ban)
            return response
        try:
            if self._writer is None:
                self._writer = WarcWriter(self._path, self._software)
            body_sha256 = sha256(response.body).hexdigest()
            offset = self._writer.write(build_exchange(request, response, now, body_sha256))
            request.meta["hashed"] = (response.body, body_sha256)
            request.meta["warc"] = (self._path.name, offset)
        except OSError as error:
            request.meta.pop("warc", None)
            self._session.count(Count.LOST_WARC)
            self._session.add_note(f"{self._path} could not be written: {error.strerror or error}")
            log.error("%s could not be written: %s", self._path, error)
        return response

    def close(self) -> None:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()


def _archiving_ban(request: Request, response: Response) -> str:
    """Returns the rule by which an answer forbids archiving; "" if there is none."""
    if request.meta.get("is_robots"):
        return ""
    message = HttpMessage("", response.status, _header_pairs(response.headers), response.body)
    try:
        body = decode_body(message, MAX_PAGE_BYTES)
    except WarcError:
        body = response.body
    if len(body) > MAX_PAGE_BYTES:
        body = body[:_HEAD_BYTES]  # no page: parsing a bomb for a meta tag would cost 100 MB
    headers = {name: message.header_lines(name) for name in (ROBOTS_RULES, "content-type")}
    return archiving_ban_of_source(Page(body, response.url, headers))


def warc_path(session: Session) -> Path:
    """Returns the path of the run's file, named by outlet, start time and run id."""
    name = recording_name((session.run.id, session.outlet.name, session.run.started_at))
    return session.options.home / "warc" / session.outlet.name / name


def build_exchange(
    request: Request, response: Response, fetched_at: datetime, body_sha256: str = ""
) -> Exchange:
    """Converts a request and its answer to a WARC exchange.

    `body_sha256`: the SHA-256 of the body, in hex.
    """
    return Exchange(
        url=response.url,
        fetched_at=fetched_at,
        status=response.status,
        headers=_header_pairs(response.headers),
        body=response.body,
        reason=responses.get(response.status, ""),
        method=request.method,
        request_headers=_header_pairs(request.headers),
        request_body=request.body,
        ip=str(response.ip_address or ""),
        truncated="disconnect" if "partial" in response.flags else "",
        sha256=body_sha256,
    )


def _header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values or ()
    )
