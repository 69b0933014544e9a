"""Obeys robots.txt as RFC 9309 defines it.

If it cannot be read nothing may be fetched; if it does not exist everything may.
"""

import asyncio
import hashlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser

from crawler.crawl.causes import (
    Cause,
    FailureKind,
    ForbiddenRequestError,
    explain_failure,
    failure_kind,
)
from crawler.crawl.session import Session
from storage.counts import Count
from storage.files.making import make_folders, replaced_file

log = logging.getLogger(__name__)

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5
MAX_AGE_SECONDS = 24 * 3600.0  # RFC 9309, 2.4
_NO_ANSWER_CAUSES = (Cause.ERROR, Cause.REDIRECTED)  # such a robots.txt counts as unreachable


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of an origin's robots.txt.

    `refusal`: why nothing may be fetched, "" if the rules decide. `cause`, `kind`: how a refusal is
    counted (`crawler.crawl.causes`). `read_at`: by `time.monotonic()`.
    """

    parser: ProtegoRobotParser
    read_at: float
    refusal: str = ""
    cause: Cause = Cause.REFUSED
    kind: FailureKind | None = FailureKind.ROBOTS


class RobotsCache:
    """Keeps the last good robots.txt of each origin in files, for when it cannot be fetched."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, origin: str) -> bytes | None:
        """Returns the copy; None if there is none or it is older than a day."""
        path = self._path(origin)
        try:
            # A copy of the future was made while the clock was ahead; its age is not known.
            age = abs(time.time() - path.stat().st_mtime)
            return path.read_bytes() if age <= MAX_AGE_SECONDS else None
        except OSError:
            return None

    def write(self, origin: str, body: bytes) -> bool:
        """Keeps a copy. Returns whether it differs from an earlier one."""
        path = self._path(origin)
        try:
            changed = path.exists() and path.read_bytes() != body
            make_folders(path.parent)
            with replaced_file(path) as draft:
                draft.write(body)
        except OSError as error:
            log.warning("the robots.txt of %s could not be stored: %s", origin, error)
            return False
        return changed

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.txt"


class Robots:
    """Reads the robots.txt of each origin once a day.

    Status 2xx: its rules apply. 4xx except 429: everything is allowed. All others: nothing is.
    """

    def __init__(self, crawler: Crawler, session: Session, cache: RobotsCache | None) -> None:
        self._crawler = crawler
        self._session = session
        self._cache = cache
        self._user_agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._rules_by_origin: dict[str, asyncio.Future[RobotsRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        session = Session.of(crawler)
        uses_cache = not session.options.replay_files and not session.options.dry_run
        return cls(
            crawler, session, RobotsCache(session.options.home / "robots") if uses_cache else None
        )

    count = Count.REJECT_ROBOTS

    async def process_request(self, request: Request) -> None:
        """Raises ForbiddenRequestError for a URL that robots.txt forbids."""
        if error := await self.refusal(request):
            self._session.count(self.count)
            raise error

    async def refusal(self, request: Request) -> ForbiddenRequestError | None:
        """Returns why a request may not be sent; None if it may."""
        if request.meta.get("is_robots"):
            return None
        rules = await self._get_rules(request)
        if rules.refusal:
            return ForbiddenRequestError(rules.cause, rules.refusal, rules.kind)
        if not rules.parser.allowed(request.url, self._user_agent):
            return ForbiddenRequestError(Cause.REFUSED, "robots.txt forbids it", FailureKind.ROBOTS)
        return None

    async def _get_rules(self, request: Request) -> RobotsRules:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        rules_task = self._rules_by_origin.get(origin)
        if (
            rules_task is not None
            and rules_task.done()
            and time.monotonic() - rules_task.result().read_at > MAX_AGE_SECONDS
        ):
            rules_task = None
        if rules_task is None:
            rules_task = self._rules_by_origin[origin] = asyncio.ensure_future(
                self._fetch_rules(origin, request)
            )
        return await asyncio.shield(rules_task)

    async def _fetch_rules(self, origin: str, request: Request) -> RobotsRules:
        meta: dict[str, Any] = {"is_robots": True}
        if request.meta.get("in_browser"):  # whose page holds the host's own slot
            meta["download_slot"] = f"{origin} in a browser"
        robots_request = Request(
            f"{origin}/robots.txt", callback=NO_CALLBACK, meta=meta, dont_filter=True
        )
        try:
            response = await self._crawler.engine.download_async(robots_request)
        except Exception as error:  # noqa: BLE001  whatever fails, the answer is no
            cause, message = explain_failure(error)
            cause = Cause.UNREACHABLE if cause in _NO_ANSWER_CAUSES else cause
            rules = self._rules_without_response(origin, cause, message, failure_kind(error))
        else:
            rules = self._rules_from_response(origin, response)
        await self._crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules.parser, request=request
        )
        return rules

    def _rules_from_response(self, origin: str, response: Response) -> RobotsRules:
        if 200 <= response.status < 300:
            body = response.body[:MAX_ROBOTS_BYTES]
            if self._cache is not None and self._cache.write(origin, body):
                self._session.count(Count.ROBOTS_CHANGED)
                log.info("the robots.txt of %s has changed", origin)
            return self._parse_rules(body)
        if 400 <= response.status < 500 and response.status != 429:
            return self._parse_rules(b"")
        cause = Cause.REFUSED if response.status == 429 else Cause.UNREACHABLE
        return self._rules_without_response(origin, cause, f"HTTP status {response.status}")

    def _rules_without_response(
        self,
        origin: str,
        cause: Cause,
        message: str,
        kind: FailureKind | None = FailureKind.ROBOTS,
    ) -> RobotsRules:
        cached_body = self._cache.read(origin) if self._cache is not None else None
        if cached_body is not None:
            log.warning("%s/robots.txt: %s; its copy of the last day is followed", origin, message)
            self._session.count(Count.ROBOTS_COPY_USED)
            return self._parse_rules(cached_body)
        refusal = f"{origin}/robots.txt cannot be read, so nothing may be fetched: {message}"
        return RobotsRules(ProtegoRobotParser(b"", None), time.monotonic(), refusal, cause, kind)

    def _parse_rules(self, body: bytes) -> RobotsRules:
        parser = ProtegoRobotParser.from_crawler(self._crawler, body)
        return RobotsRules(parser, time.monotonic())
