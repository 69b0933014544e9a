"""robots.txt as RFC 9309 has it: no answer is a no, "not found" is a yes."""

import asyncio
import hashlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser

from crawler.crawl.answers import Refusal, kind_of, of_failure
from crawler.crawl.session import Session

log = logging.getLogger(__name__)

MAX_SIZE = 500 * 1024  # RFC 9309, 2.5
MAX_AGE = 24 * 3600.0  # seconds; RFC 9309, 2.4


@dataclass(frozen=True, slots=True)
class Rules:
    """What an origin's robots.txt came to. `refusal`: why nothing may be fetched, `cause` and `kind` of it."""

    parser: ProtegoRobotParser
    read_at: float
    refusal: str = ""
    cause: str = "refused"
    kind: str = "robots"


class LastGood:
    """The last good robots.txt of each origin, kept in files for when it cannot be had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, origin: str) -> bytes | None:
        """The copy if it is not older than a day."""
        path = self._path(origin)
        try:
            age = time.time() - path.stat().st_mtime
            return path.read_bytes() if age <= MAX_AGE else None
        except OSError:
            return None

    def write(self, origin: str, body: bytes) -> bool:
        """Keep a copy; True if it says other things than the last one did."""
        path = self._path(origin)
        try:
            changed = path.exists() and path.read_bytes() != body
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".part")
            draft.write_bytes(body)
            draft.replace(path)
        except OSError as error:
            log.warning("the robots.txt of %s could not be kept: %s", origin, error)
            return False
        return changed

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.txt"


class Robots:
    """Asks each origin once a day. Status 2xx: its rules; 4xx but 429: all allowed; else nothing is."""

    def __init__(self, crawler: Crawler, session: Session, last_good: LastGood | None) -> None:
        self._crawler = crawler
        self._session = session
        self._last_good = last_good
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._asked: dict[str, asyncio.Future[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        session: Session = crawler.spider.session  # type: ignore[union-attr]
        live = not session.options.recordings and not session.options.dry_run
        return cls(crawler, session, LastGood(session.options.home / "robots") if live else None)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots"):
            return
        rules = await self._rules(request)
        if rules.refusal:
            self._session.count("reject.robots")
            raise Refusal(rules.cause, rules.refusal, rules.kind)
        if not rules.parser.allowed(request.url, self._agent):
            self._session.count("reject.robots")
            raise Refusal("refused", "robots.txt forbids it", "robots")

    async def _rules(self, request: Request) -> Rules:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        asked = self._asked.get(origin)
        if (
            asked is not None
            and asked.done()
            and time.monotonic() - asked.result().read_at > MAX_AGE
        ):
            asked = None
        if asked is None:
            asked = self._asked[origin] = asyncio.ensure_future(self._ask(origin, request))
        return await asyncio.shield(asked)

    async def _ask(self, origin: str, request: Request) -> Rules:
        robots = Request(
            f"{origin}/robots.txt", callback=NO_CALLBACK, meta={"is_robots": True}, dont_filter=True
        )
        try:
            response = await self._crawler.engine.download_async(robots)
        except Exception as error:  # noqa: BLE001  whatever fails, the answer is no
            cause, why = of_failure(error)
            cause = "unreachable" if cause == "error" else cause
            rules = self._without(origin, cause, why, kind_of(error))
        else:
            rules = self._judge(origin, response)
        await self._crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules.parser, request=request
        )
        return rules

    def _judge(self, origin: str, response: Response) -> Rules:
        if 200 <= response.status < 300:
            body = response.body[:MAX_SIZE]
            if self._last_good is not None and self._last_good.write(origin, body):
                self._session.count("robots.changed")
                log.info("the robots.txt of %s has changed", origin)
            return self._parsed(body)
        if 400 <= response.status < 500 and response.status != 429:
            return self._parsed(b"")
        cause = "refused" if response.status == 429 else "unreachable"
        return self._without(origin, cause, f"HTTP status {response.status}")

    def _without(self, origin: str, cause: str, why: str, kind: str = "robots") -> Rules:
        kept = self._last_good.read(origin) if self._last_good is not None else None
        if kept is not None:
            log.warning("%s/robots.txt: %s; its copy of the last day is followed", origin, why)
            self._session.count("robots.copy_used")
            return self._parsed(kept)
        refusal = f"{origin}/robots.txt cannot be read, so nothing may be fetched: {why}"
        return Rules(ProtegoRobotParser(b"", None), time.monotonic(), refusal, cause, kind)

    def _parsed(self, body: bytes) -> Rules:
        parser = ProtegoRobotParser.from_crawler(self._crawler, body)
        return Rules(parser, time.monotonic())
