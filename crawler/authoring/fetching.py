"""One saved or fetched page for those who write outlets: through the same manners as a crawl."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.crawl import answers
from crawler.crawl.fetched import as_page
from crawler.crawl.options import CrawlOptions
from crawler.crawl.session import Session
from crawler.extract.page.guard import MAX_PAGE_BYTES
from crawler.extract.page.page import Page
from crawler.middlewares import browser
from crawler.outlet import OutletSpider
from crawler.processes.run import crawl_settings, run_sessions
from crawler.registry import outlet_for


class NoPageError(Exception):
    """A page that could not be had; the message is one line and says why."""


class _One:
    """Asks for one page and keeps it; mixed in before the outlet's class."""

    wanted: ClassVar[str]
    got: ClassVar[list[Page | str]]
    browser: bool

    async def start(self) -> AsyncIterator[Request]:
        rendered = dict(browser.meta()) if self.browser else None
        yield Request(self.wanted, callback=self.keep, errback=self.explain, meta=rendered)

    async def keep(self, response: Response) -> None:
        ok = answers.of_status(response.status) == "ok"
        self.got.append(as_page(response) if ok else f"HTTP status {response.status}")

    def explain(self, failure: Failure) -> None:
        self.got.append(answers.of_failure(failure.value)[1])


def page_of(where: str, url: str, home: Path, settings: Mapping[str, Any] | None = None) -> Page:
    """Read a file (saved from `url`), or fetch an address: robots.txt, delay and guards apply.

    Fetching can be done once in a process. Raises NoPageError.
    """
    if "://" in where:
        return fetch(where, outlet_for(where), home, settings)
    if "://" not in url:
        raise NoPageError(f"{where}: say with --url where it was saved from")
    try:
        with Path(where).open("rb") as file:
            return Page(file.read(MAX_PAGE_BYTES + 1), url)
    except OSError as error:
        raise NoPageError(f"{where}: {error.strerror}") from error


def fetch(
    url: str, outlet: type[OutletSpider], home: Path, settings: Mapping[str, Any] | None = None
) -> Page:
    """Fetch one page as the outlet's crawl would. Raises NoPageError."""
    got: list[Page | str] = []
    body = {"__doc__": outlet.__doc__, "__module__": __name__, "wanted": url, "got": got}
    spider = cast("type[OutletSpider]", type("One", (_One, outlet), body, abstract=True))
    options = CrawlOptions(home=home, dry_run=True, limit=1, settings=settings or {})
    run_sessions([Session(spider, options)], crawl_settings(options, {}))
    found = got[0] if got else "no answer"
    if isinstance(found, str):
        raise NoPageError(f"{url}: {found}")
    return found
