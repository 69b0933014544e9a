"""OutletSpider: an outlet's declaration as a Scrapy spider, and the one crawl loop.

Sources first; when all are read, what they listed is planned as a whole (newest first, known ones
left out before any waiting), then the pages are fetched and read one after the other.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import FormRequest, Request, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.crawl import answers, failures
from crawler.crawl.fetched import as_page, capture_of, captured_at, header, was_cut
from crawler.crawl.following import worth_following
from crawler.crawl.plan import OFF_TOPIC, in_window, plan, without_archive
from crawler.crawl.reading_list import Entry
from crawler.crawl.session import Session
from crawler.declaration import Expect, Outlet
from crawler.discovery.source_parser import match_source, parse_source
from crawler.extract.extraction import Extraction, extract_page
from crawler.middlewares import browser
from crawler.revisits import Revisiting
from crawler.sources import (
    AnyListing,
    Feed,
    FormListing,
    Listing,
    ParsedSource,
    Sitemap,
    SourcePage,
)
from crawler.topic import concerns_north_korea
from crawler.warc.records import RecordedResponse
from storage.health.days import FIELDS
from storage.identity import identity
from storage.records import Article, PageClass

if TYPE_CHECKING:
    from crawler.extract.fields.protocols import OutletDeclaration

__all__ = ["Expect", "OutletSpider"]

COOKIES = "scrapy.downloadermiddlewares.cookies.CookiesMiddleware"


class OutletSpider(Outlet, Revisiting, scrapy.Spider, abstract=True):
    """Base of every outlet; a subclass only declares (see `crawler.declaration.Outlet`)."""

    session: Session

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        settings.set("DOWNLOAD_DELAY", cls.delay, priority="spider")
        if any(isinstance(source, FormListing) for source in cls.sources):
            settings.set("COOKIES_ENABLED", True, priority="spider")
            middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES") | {COOKIES: 700}
            settings.set("DOWNLOADER_MIDDLEWARES", middlewares, priority="spider")
        if cls.browser:
            browser.install(settings, cls.hosts)

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *args: Any, session: Session | None = None, **kwargs: Any
    ) -> Self:
        """Make the spider; without a session one is made from settings and `-a` arguments."""
        spider = super().from_crawler(crawler, *args)
        spider.session = session or Session.from_settings(cls, crawler.settings, kwargs)
        spider.session.limit(crawler.settings)
        spider.session.open()
        spider._sources_read = asyncio.Event()
        spider._sources_open = 0
        return spider

    _sources_read: asyncio.Event
    _sources_open: int

    async def start(self) -> AsyncIterator[Request]:
        """Requests for all sources, then, when these are read, for the pages worth fetching."""
        session = self.session
        first = list(self._recorded_sources() if session.recorded else self._sources())
        self._sources_closed(-len(first))
        for request in first:
            yield request
        await self._sources_read.wait()
        for request in self._recorded_pages() if session.recorded else await self._pages():
            yield request

    def _sources(self) -> Iterator[Request]:
        session = self.session
        # Who asks by hand wants an answer from all.
        waiting = session.polls.put_off(session.limits.now) if session.options.slot_at else set()
        session.count("source.put_off", len(waiting))
        for source in self.sources:
            if source.until is None and source.url not in waiting:
                yield self._source_request(SourcePage(source=source, url=source.url))

    def _source_request(self, follow: SourcePage, **kwargs: Any) -> Request:
        rendered = browser.meta() if self.browser and isinstance(follow.source, Listing) else {}
        return FormRequest(
            follow.url,
            formdata=list(follow.form_fields) or None,
            callback=self.parse_source,
            errback=self.source_failed,
            cb_kwargs={"follow": follow, **kwargs},
            meta={"source": follow.source, "cookiejar": follow.source.url, **rendered},
            dont_filter=True,  # a source that is dropped in silence would hold up the pages
        )

    async def parse_source(
        self, response: Response, follow: SourcePage, resume: int = 0
    ) -> AsyncIterator[Request]:
        """Read a source's answer; yields its further pages.

        `resume`: the page of a form listing to go on with, after its token had gone stale.
        """
        try:
            further = self._read_source(response, follow, resume)
        except Exception:
            self.logger.exception("reading the source %s failed", response.url)
            self.session.count("exceptions")
            self.session.say(f"reading the source {response.url} failed, see the log")
            further = []
        self._sources_closed(1 - len(further))
        for request in further:
            yield request

    def source_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        cause, why = answers.of_failure(failure.value)
        kind = answers.kind_of(failure.value)
        self._count_source(cause, request.url, why, kind)
        self._source_lost(request.meta["source"].url, failures.of_error(cause, kind), why)
        self._sources_closed(1)

    def _source_lost(self, source: str, failure: failures.Failure, why: str) -> None:
        self.session.polls.failed(source, failure, why, self.session.limits.now, self.every)

    def _sources_closed(self, number: int) -> None:
        self._sources_open -= number
        if self._sources_open <= 0:
            self._sources_read.set()

    def _count_source(self, cause: str, url: str, why: str, kind: str = "") -> None:
        self.session.count(f"source.{'error' if cause == 'gone' else cause}")
        if kind := "gone" if cause == "gone" else kind:
            self.session.count(f"why.{kind}")
        self.session.say(f"{url}: {why}")
        self.logger.warning("source %s: %s", url, why)

    def _read_source(self, response: Response, follow: SourcePage, resume: int) -> list[Request]:
        session, source = self.session, follow.source
        cause = answers.of_status(response.status)
        if cause == "unchanged":
            session.count("source.unchanged")
            session.polls.unchanged(source.url, captured_at(response))
            return []
        if cause == "refused" and follow.form_fields and not resume:
            session.count("source.stale_form")
            again = SourcePage(source=source, url=source.url)
            return [self._source_request(again, resume=follow.page)]
        if cause != "ok":
            why = f"HTTP status {response.status}"
            self._count_source(cause, response.url, why)
            self._source_lost(source.url, failures.of_status(response.status), why)
            return []
        page = max(follow.page, resume - 1)
        found = self._links(response, follow, page)
        if found is None:
            why = "a captcha, consent or login page in its place"
            self._source_lost(source.url, failures.Failure.SOFT, why)
            return []
        session.count("source.ok")
        if follow.url == source.url and follow.page == 1:
            self._note_poll(response, source.url)
        further = worth_following(found, follow, page, session.limits, session.followed)
        return [self._source_request(each) for each in further]

    def _links(self, response: Response, follow: SourcePage, page: int) -> ParsedSource | None:
        """What a source lists; None for a captcha or login page, which is no empty listing."""
        at, source = captured_at(response), follow.source
        found = parse_source(source, response.body, response.url, type(self), at, page)
        if not found.links and not found.further_pages:
            reading = extract_page(as_page(response), cast("OutletDeclaration", type(self)))
            if reading.page_class is PageClass.BLOCKED:
                self._count_source("refused", response.url, reading.reason, "blocked")
                return None
            if found.problems and isinstance(source, Feed | Sitemap):
                self.session.count("why.unreadable")
        for problem in found.problems:
            self.session.count("source.problem")
            self.session.say(f"{response.url}: {problem}")
            self.logger.warning("source %s: %s", response.url, problem)
        if isinstance(source, Sitemap) and not self.session.recorded:
            recent = without_archive(found.links, self.session.limits.since, at)
            self.session.count("listed.archive", len(found.links) - len(recent))
            found.links = recent
        self.session.listed.add(found.links, source.url, at, whole=not found.problems)
        if found.declared_total is not None and not found.further_pages:
            self.session.listed.declare(source.url, found.declared_total)
        return found

    def _note_poll(self, response: Response, source: str) -> None:
        etag, modified = header(response, "ETag"), header(response, "Last-Modified")
        self.session.polls.answered(source, response.body, etag, modified, captured_at(response))

    async def _pages(self) -> list[Request]:
        session = self.session
        listed = session.listed.links()
        session.count("listed", len(listed))
        recent = session.listed.recent(session.limits.now, self.expect.within)
        session.count("listed.recent", recent)
        for line in session.listed.incomplete():
            session.count("incomplete")
            session.say(line)
        known = await session.known(listed)
        decided = plan(listed, known, await session.visited(listed), session.limits)
        session.count("listed.known", decided.known)
        session.count("listed.outside", decided.outside)
        session.count("listed.over", decided.over)
        pages = [
            Request(
                link.url,
                callback=self.parse_page,
                errback=self.page_failed,
                cb_kwargs={"entry": session.listed.find(link.key, link.url)},
                meta=dict(browser.meta()) if self.browser else None,
            )
            for link in decided.fetch
        ]
        fetching = {identity(link.key, "", link.url) for link in decided.fetch}
        return [*pages, *await self.revisits(fetching)]

    async def parse_page(
        self, response: Response, entry: Entry | None = None, again: bool = False
    ) -> AsyncIterator[Article | Request]:
        """Read an article's page. `again`: it was cut on the way the first time."""
        session = self.session
        session.doing = response.url
        cause = answers.of_status(response.status)
        if cause != "ok":
            self._page_lost(response, entry, cause)
            return
        session.count("page.fetched")
        page = as_page(response)
        cut = was_cut(response, page)
        if cut and not again and not session.recorded:
            session.count("page.refetched")
            yield response.request.replace(  # type: ignore[union-attr]
                cb_kwargs={"entry": entry, "again": True}, dont_filter=True
            )
            return
        # mypy takes `name` for an instance's, as Scrapy declares it.
        outlet = cast("OutletDeclaration", type(self))
        reading = extract_page(page, outlet, entry.link if entry else None)
        found = page_class(reading)
        session.count("page.truncated" if cut else f"page.{found}")
        if reading.article is None or found not in (PageClass.ARTICLE, PageClass.STUB):
            self._not_an_article(response, entry, found, reading.reason or "no text found")
            return
        article = self._completed(reading.article, response, entry, cut=cut)
        for name in FIELDS:
            session.count(f"field.{name}", bool(getattr(article, name)))
        if unwanted := self._unwanted(article):
            session.count(unwanted)
            if unwanted == "article.off_topic":
                self._note(response, entry, OFF_TOPIC)
            return
        if entry is not None:
            session.aliases[article.url] = identity(entry.link.key, "", entry.link.url)
        session.saw(article)
        yield article

    def _unwanted(self, article: Article) -> str:
        """Why an article is left out, as it is counted; "" if it is kept."""
        precision = str(article.published_precision or "")
        if not in_window(article.published_at, precision, self.session.limits):
            return "article.outside"
        if self.session.by_topic and not concerns_north_korea(
            article.title,
            article.lead,
            article.text,
            tags=(*article.tags, article.section),
            url=article.url,
        ):
            return "article.off_topic"
        return ""

    def page_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        cause, why = answers.of_failure(failure.value)
        self.session.count(f"page.{cause}")
        if kind := answers.kind_of(failure.value):
            self.session.count(f"why.{kind}")
        self.session.say(f"{request.url}: {why}")
        self.logger.warning("page %s: %s", request.url, why)

    def _completed(
        self, article: Article, response: Response, entry: Entry | None, *, cut: bool
    ) -> Article:
        at = entry.seen_at if entry else captured_at(response)
        polled = self.session.polls.last_polled(entry.source) if entry else None
        return replace(
            article,
            capture=capture_of(response, truncated=cut),
            first_seen_at=article.first_seen_at or at,
            last_poll_without_at=article.last_poll_without_at or polled,
        )

    def _page_lost(self, response: Response, entry: Entry | None, cause: str) -> None:
        self.session.count(f"page.{cause}")
        if cause == "gone":
            self._note(response, entry, "gone")
            return
        self.session.say(f"{response.url}: HTTP status {response.status}")
        self.logger.warning("page %s: HTTP status %s", response.url, response.status)

    def _not_an_article(
        self, response: Response, entry: Entry | None, found: PageClass, why: str
    ) -> None:
        if found in (PageClass.BLOCKED, PageClass.ERROR):
            self.session.say(f"{response.url}: {found}: {why}")
            self.logger.warning("page %s is no article: %s: %s", response.url, found, why)
        self._note(response, entry, f"not an article: {found}")

    def _note(self, response: Response, entry: Entry | None, outcome: str) -> None:
        """Record what became of an address, for the article if it is known, else for its own sake."""
        key = self.key_from_url(response.url) or (entry.link.key if entry else "")
        who = identity(key, "", entry.link.url if entry else response.url)
        self.session.note_visit(who, capture_of(response), outcome)

    def _recorded_sources(self) -> Iterator[Request]:
        for recorded in self.session.recorded:
            if recorded.is_listing or not self.is_article(recorded.url):
                yield self._recorded_request(recorded, self.parse_recorded)

    def _recorded_pages(self) -> Iterator[Request]:
        for recorded in self.session.recorded:
            if not recorded.is_listing and self.is_article(recorded.url):
                entry = self.session.listed.find(self.key_from_url(recorded.url), recorded.url)
                yield self._recorded_request(recorded, self.parse_page, entry=entry)

    def _recorded_request(
        self, recorded: RecordedResponse, callback: Any, **kwargs: Any
    ) -> Request:
        return Request(
            recorded.url,
            callback=callback,
            errback=self.recorded_failed,
            cb_kwargs=kwargs,
            meta={"recorded": recorded, "dont_redirect": True, "dont_retry": True},
            dont_filter=True,
        )

    async def parse_recorded(self, response: Response) -> AsyncIterator[Article | Request]:
        """Read a recorded answer that may be a listing, else as a page."""
        try:
            source = match_source(type(self), response.url, response.body)
            if not isinstance(source, AnyListing) and response.status == 200:
                self.session.count("source.recorded")
                self._links(response, SourcePage(source=source, url=response.url), 1)
                return
            async for article in self.parse_page(response):
                yield article
        finally:
            self._sources_closed(1)

    def recorded_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        self.page_failed(failure)
        if request.callback == self.parse_recorded:
            self._sources_closed(1)


def page_class(reading: Extraction) -> PageClass:
    """The page's class; a stub that has only the title that its listing knew is an empty page."""
    article = reading.article
    if reading.page_class is PageClass.STUB and article and not (article.text or article.lead):
        return PageClass.ERROR
    return reading.page_class
