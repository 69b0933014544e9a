"""Reads one saved page or fetches one, as politely as a crawl, for those who write outlets."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.crawl import causes
from crawler.crawl.options import CrawlOptions
from crawler.crawl.responses import page_from_response
from crawler.crawl.session import Session
from crawler.errors import CrawlerError
from crawler.extract.page.page import Page
from crawler.middlewares import browser
from crawler.outlet import Outlet
from crawler.processes.run import crawl_settings, run_sessions
from crawler.recorded.saved_pages import explain_read_error, load_page
from crawler.registry import outlet_for
from crawler.spider import OutletSpider
from crawler.spider_loader import spider_class


class NoPageError(CrawlerError):
    """Raised if a page cannot be read or fetched; the message says why in one line."""


class SinglePageSpider(OutletSpider):
    """Fetches the page `wanted`, as its outlet's crawl would, and keeps it in `got`."""

    wanted: ClassVar[str]
    got: ClassVar[list[Page | str]]

    async def start(self) -> AsyncIterator[Request]:
        meta = dict(browser.request_meta()) if self.outlet.browser else None
        yield Request(self.wanted, callback=self.store_page, errback=self.store_error, meta=meta)

    async def store_page(self, response: Response) -> None:
        """Keeps the page, or its HTTP status if it is not a success."""
        is_ok = causes.cause_of_status(response.status) is causes.Cause.OK
        self.got.append(page_from_response(response) if is_ok else f"HTTP status {response.status}")

    def store_error(self, failure: Failure) -> None:
        """Keeps why there was no answer."""
        self.got.append(causes.explain_failure(failure.value)[1])


def get_page(source: str, url: str, home: Path, settings: Mapping[str, Any] | None = None) -> Page:
    """Reads a file that was saved from `url`, or fetches a URL. Raises NoPageError.

    robots.txt, delay and guards apply. Only one page can be fetched in a process.
    """
    if "://" in source:
        return fetch_page(source, outlet_for(source), home, settings)
    if not url and Path(source).exists():
        raise NoPageError(f"{source}: say with --url where it was saved from")
    try:
        return load_page(Path(source), url)
    except (OSError, ValueError) as error:
        raise NoPageError(f"{source}: {explain_read_error(error)}") from error


def fetch_page(
    url: str, outlet: type[Outlet], home: Path, settings: Mapping[str, Any] | None = None
) -> Page:
    """Fetches one page as the outlet's crawl would. Raises NoPageError."""
    answers: list[Page | str] = []
    spider = spider_class(outlet, SinglePageSpider, wanted=url, got=answers)
    options = CrawlOptions(home=home, dry_run=True, limit=1, settings=settings or {})
    run_sessions([Session(outlet, options)], crawl_settings(options, {}), lambda _: spider)
    answer = answers[0] if answers else "no answer"
    if isinstance(answer, str):
        raise NoPageError(f"{url}: {answer}")
    return answer
