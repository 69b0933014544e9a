"""A download handler whose browser has no network: this process fetches what a page asks for.

The protocol of Chromium's developer tools (CDP, domain Fetch) pauses each request of a page and each
hop of a redirect. A paused one passes the guards, goes out as all requests of a crawl do (resolver,
TLS, bounds), and its answer is handed to the page. What is not paused (speculation rules, preconnect,
WebRTC ...) reaches nothing: see `browser.NO_NETWORK`.
"""

import asyncio
import inspect
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, CDPSession, Page
from playwright.async_api import Error as PlaywrightError
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Request, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.crawl.causes import Cause, ForbiddenRequestError
from crawler.crawl.session import Session
from crawler.middlewares.address_guard import AddressGuard
from crawler.middlewares.bounded_http import BoundedHandler
from crawler.middlewares.offsite import OffsiteGuard
from crawler.middlewares.robots import Robots
from crawler.middlewares.stated_coding import StatedCoding

MAX_REQUESTS = 300  # of one page, hops included
MAX_BYTES = 50 * 1024 * 1024  # of all answers to one page
_AT_ONCE = 6  # as many as a browser opens to a host
_GUARDS = (OffsiteGuard, AddressGuard, Robots)
_WITHOUT_NETWORK = frozenset({"about", "blob", "data"})
_OF_THE_CONNECTION = frozenset({b"connection", b"content-length", b"transfer-encoding"})


@dataclass
class _Load:
    """The page in the browser: what it asked for, and why whole documents of it failed."""

    frame: str
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    requests: int = 0
    bytes: int = 0
    document: Response | None = None
    failures: list[Exception] = field(default_factory=list)


class BrowserHandler(BoundedHandler, ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """Fetches for the browser, which has one page at a time."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session = Session.of(crawler)
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._connections = asyncio.Semaphore(_AT_ONCE)
        self._answered: Browser | None = None
        self._load = _Load("")

    async def _maybe_launch_browser(self) -> None:
        await super()._maybe_launch_browser()
        if self._answered is self.browser:
            return
        self._answered = self.browser
        # The browser's own session comes after those of pages, and sees all that they let pass.
        session = await self.browser.new_browser_cdp_session()

        def answer(event: Mapping[str, Any]) -> None:
            load = self._load
            task = asyncio.ensure_future(self._answer(session, load, event))
            load.tasks.add(task)
            task.add_done_callback(load.tasks.discard)

        session.on("Fetch.requestPaused", answer)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})

    async def _download_request_with_page(
        self, request: Request, page: Page, spider: Spider
    ) -> Response:
        session = await page.context.new_cdp_session(page)
        tree = await session.send("Page.getFrameTree")
        await session.send("Page.setPrerenderingAllowed", {"isAllowed": False})
        load = self._load = _Load(tree["frameTree"]["frame"]["id"])
        try:
            response: Response = await super()._download_request_with_page(request, page, spider)
        except PlaywrightError:
            if load.failures:
                raise load.failures[-1] from None
            raise
        finally:
            load.requests = MAX_REQUESTS
            for task in load.tasks:
                task.cancel()
        response.ip_address = load.document.ip_address if load.document else None
        return response

    async def _answer(self, session: CDPSession, load: _Load, event: Mapping[str, Any]) -> None:
        """Hands the page the answer to a paused request, or fails it."""
        asked = event["request"]
        is_document = event.get("frameId") == load.frame and event["resourceType"] == "Document"
        method, answer = "Fetch.continueRequest", {}
        if asked["url"].partition(":")[0] not in _WITHOUT_NETWORK:
            try:
                response = await self._fetch(load, asked, is_document=is_document)
                method, answer = "Fetch.fulfillRequest", _as_told(response)
            except Exception as error:  # noqa: BLE001  whatever fails, nothing passes
                method, answer = "Fetch.failRequest", {"errorReason": "BlockedByClient"}
                if is_document:
                    load.failures.append(error)
        with suppress(PlaywrightError):  # the page was closed meanwhile
            await session.send(method, {"requestId": event["requestId"], **answer})

    async def _fetch(self, load: _Load, asked: Mapping[str, Any], *, is_document: bool) -> Response:
        """Returns the answer to a request of the page, unpacked. Raises what fails it."""
        load.requests += 1
        if load.requests > MAX_REQUESTS or load.bytes > MAX_BYTES:
            raise ForbiddenRequestError(Cause.ERROR, "the page asks for too much")
        request = Request(
            asked["url"],
            method=asked["method"],
            headers=_sent_headers(asked),
            body=b"".join(b64decode(x.get("bytes", "")) for x in asked.get("postDataEntries", ())),
            meta={"in_browser": True, "download_timeout": self._timeout},
        )
        await self._check(request, is_counted=is_document)
        unpacking: Any = self._crawler.get_downloader_middleware(HttpCompressionMiddleware)
        unpacking.process_request(request)
        async with self._connections:
            response = await self.download_request(request)
        if is_document:
            load.document = response
        unpacked: Response = unpacking.process_response(
            request, StatedCoding().process_response(request, response)
        )
        load.bytes += len(unpacked.body)
        return unpacked

    async def _check(self, request: Request, *, is_counted: bool) -> None:
        """Raises ForbiddenRequestError for what a crawl may not fetch."""
        for kind in _GUARDS:
            guard: Any = self._crawler.get_downloader_middleware(kind)
            if guard is None:
                continue
            found = guard.refusal(request)
            error: ForbiddenRequestError | None = (
                await found if inspect.isawaitable(found) else found
            )
            if error is not None:
                if is_counted:
                    self._session.count(guard.count)
                raise error


def _sent_headers(asked: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value
        for name, value in asked["headers"].items()
        if name.lower().encode() not in {*_OF_THE_CONNECTION, b"accept-encoding", b"host"}
    }


def _as_told(response: Response) -> dict[str, Any]:
    """Returns an answer as Fetch.fulfillRequest takes it."""
    lines = [
        name + b": " + value
        for name, values in response.headers.items()
        if name.lower() not in _OF_THE_CONNECTION
        for value in values
    ]
    return {
        "responseCode": response.status,
        "binaryResponseHeaders": b64encode(b"\0".join(lines)).decode(),
        "body": b64encode(response.body).decode(),
    }
