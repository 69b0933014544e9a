"""OutletSpider: the one Scrapy spider, which crawls any declared outlet.

Sources are read first. Then all listed articles are planned together: newest first, known ones left
out. Then the pages are fetched one after the other.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, ClassVar, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import FormRequest, Request, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler import trial
from crawler.crawl import causes, source_backoff
from crawler.crawl.causes import Cause, FailureKind
from crawler.crawl.further_pages import choose_further_pages
from crawler.crawl.leading_away import leads_away
from crawler.crawl.listed_articles import ListedArticle
from crawler.crawl.page_feeder import PageFeeder
from crawler.crawl.plan import build_fetch_plan, drop_old_links, is_in_window
from crawler.crawl.responses import (
    capture_from_response,
    captured_at,
    get_header,
    is_truncated,
    page_from_response,
    read_links,
)
from crawler.crawl.session import Session
from crawler.errors import IN_RUN_LINE
from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.page.page import Page
from crawler.middlewares import browser
from crawler.outlet import Outlet
from crawler.page_answers import PageAnswerMixin
from crawler.replays import ReplayMixin
from crawler.revisits import RevisitMixin
from crawler.sources import (
    Feed,
    FormListing,
    Listing,
    ParsedSource,
    Sitemap,
    SourcePage,
)
from crawler.topic import is_on_topic
from storage.counts import Count
from storage.health.days import FIELD_COUNTS
from storage.identity import compute_identity
from storage.records import Article, CaptureOutcome, CaptureResult, PageClass

BLOCKED = "a captcha, consent or login page in its place"
COOKIES_MIDDLEWARE = "scrapy.downloadermiddlewares.cookies.CookiesMiddleware"


class OutletSpider(RevisitMixin, ReplayMixin, PageAnswerMixin, scrapy.Spider):
    """Crawls one outlet, `outlet`; `crawler.spider_loader` makes the class for each."""

    outlet: ClassVar[type[Outlet]]
    session: Session

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Sets the outlet's delay, and turns on cookies and the browser where they are needed."""
        super().update_settings(settings)
        outlet = cls.outlet
        settings.set("DOWNLOAD_DELAY", outlet.delay, priority="spider")
        if any(isinstance(source, FormListing) for source in outlet.sources):
            settings.set("COOKIES_ENABLED", True, priority="spider")
            middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES") | {COOKIES_MIDDLEWARE: 700}
            settings.set("DOWNLOADER_MIDDLEWARES", middlewares, priority="spider")
        if outlet.browser:
            browser.configure(settings, outlet.hosts)

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *args: Any, session: Session | None = None, **kwargs: Any
    ) -> Self:
        """Makes the spider.

        Without `session`, one is made from the settings and the `-a` arguments.
        """
        spider = super().from_crawler(crawler, *args)
        spider.session = session or Session.from_settings(cls.outlet, crawler.settings, kwargs)
        spider.session.set_limits(crawler.settings)
        spider.session.open()
        # Scrapy keeps only weak references to what its signals call.
        spider._page_feeder = PageFeeder(crawler, spider.plan_requests, spider.plan_witnesses)
        return spider

    _page_feeder: PageFeeder

    async def start(self) -> AsyncIterator[Request]:
        """Yields requests for all sources; `PageFeeder` adds the pages after they are read."""
        is_recorded = self.session.recorded_responses
        for request in (
            self._iter_recorded_sources() if is_recorded else self._iter_source_requests()
        ):
            yield request

    async def plan_requests(self) -> Iterable[Request]:
        """Returns requests for the pages to fetch, once all sources are read."""
        if self.session.recorded_responses:
            return self._iter_recorded_pages()
        try:
            return await self._plan_page_requests()
        except Exception as error:
            self.logger.exception("planning the pages failed")
            self.session.count(Count.EXCEPTIONS)
            self.session.add_note(f"planning the pages raised {type(error).__name__}: {error}")
            return ()

    def _iter_source_requests(self) -> Iterator[Request]:
        session = self.session
        # A crawl by hand asks all sources.
        in_backoff = (
            session.polls.sources_in_backoff(session.limits.now, self.outlet.every)
            if session.options.slot_at
            else set()
        )
        session.count(Count.SOURCE_PUT_OFF, len(in_backoff))
        for source in self.outlet.sources:
            if source.until is None and source.url not in in_backoff:
                yield self._source_request(SourcePage(source=source, url=source.url))

    def _source_request(self, follow: SourcePage, **kwargs: Any) -> Request:
        rendered = (
            browser.request_meta()
            if self.outlet.browser and isinstance(follow.source, Listing)
            else {}
        )
        return FormRequest(
            follow.url,
            formdata=list(follow.form_fields) or None,
            callback=self.parse_source,
            errback=self.source_failed,
            cb_kwargs={"follow": follow, **kwargs},
            meta={"source": follow.source, "cookiejar": follow.source.url, **rendered},
            dont_filter=True,  # two sources may share an address
        )

    async def parse_source(
        self, response: Response, follow: SourcePage, resume: int = 0
    ) -> AsyncIterator[Request]:
        """Reads a source's answer; yields requests for its further pages.

        `resume`: the page of a form listing to continue with, after its form token had expired.
        """
        try:
            requests = self._read_source(response, follow, resume)
        except Exception:
            self.logger.exception("reading the source %s failed", response.url)
            self.session.count(Count.EXCEPTIONS)
            self.session.add_note(f"reading the source {response.url} failed, see the log")
            requests = []
        for request in requests:
            yield request

    def source_failed(self, failure: Failure) -> None:
        """Records a source without an answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        cause, message = causes.explain_failure(failure.value)
        kind = causes.failure_kind(failure.value)
        self._count_source_failure(cause, request.url, message, kind)
        self._record_source_failure(
            request.meta["source"].url, source_backoff.severity_of_cause(cause, kind), message
        )

    def _record_source_failure(
        self, source: str, severity: source_backoff.FailureSeverity, message: str
    ) -> None:
        self.session.polls.record_failure(
            source, severity, message, self.session.limits.now, self.outlet.every
        )

    def _count_source_failure(
        self, cause: Cause, url: str, message: str, kind: FailureKind | None = None
    ) -> None:
        self.session.count(causes.SOURCE_COUNTS[cause])
        if kind := FailureKind.GONE if cause is Cause.GONE else kind:
            self.session.count(causes.KIND_COUNTS[kind])
        self.session.add_note(f"{url}: {message}")
        self.logger.warning("source %s: %s", url, message, extra=IN_RUN_LINE)

    def _read_source(self, response: Response, follow: SourcePage, resume: int) -> list[Request]:
        session, source = self.session, follow.source
        cause = causes.cause_of_status(response.status)
        if cause is Cause.UNCHANGED:
            session.count(Count.SOURCE_UNCHANGED)
            session.polls.record_not_modified(source.url, captured_at(response))
            return []
        if cause is Cause.REFUSED and follow.form_fields and not resume:
            session.count(Count.SOURCE_STALE_FORM)
            first_page = SourcePage(source=source, url=source.url)
            return [self._source_request(first_page, resume=follow.page)]
        if cause is not Cause.OK:
            message = f"HTTP status {response.status}"
            self._count_source_failure(cause, response.url, message)
            self._record_source_failure(
                source.url, source_backoff.severity_of_status(response.status), message
            )
            return []
        page = max(follow.page, resume - 1)
        parsed = self._parse_links(response, follow, page)
        if isinstance(parsed, str):
            self._record_source_failure(source.url, source_backoff.FailureSeverity.SOFT, parsed)
            return []
        session.count(Count.SOURCE_OK)
        if follow.url == source.url and follow.page == 1:
            self._record_poll(response, source.url)
        pages = choose_further_pages(parsed, follow, page, session.limits, session.requested_pages)
        return [self._source_request(each) for each in pages]

    def _parse_links(self, response: Response, follow: SourcePage, page: int) -> ParsedSource | str:
        """Returns what a source lists, or why it counts as a failed source.

        A captcha, consent or login page must not count as an empty listing.
        """
        fetched_at, source = captured_at(response), follow.source
        try:
            parsed, blocked = trial.bounded(
                lambda: read_links(response, follow.source, self.outlet, page)
            )
        except (trial.HostileError, trial.UntriedError) as error:
            self._count_source_failure(Cause.ERROR, response.url, f"not read: {error}")
            return f"not read: {error}"
        if blocked:
            self._count_source_failure(Cause.REFUSED, response.url, blocked, FailureKind.BLOCKED)
            return BLOCKED
        is_empty = not parsed.links and not parsed.further_pages
        if is_empty and parsed.problems and isinstance(source, Feed | Sitemap):
            self.session.count(Count.WHY_UNREADABLE)
        for problem in parsed.problems:
            self.session.count(Count.SOURCE_PROBLEM)
            self.session.add_note(f"{response.url}: {problem}")
            self.logger.warning("source %s: %s", response.url, problem)
        if isinstance(source, Sitemap) and not self.session.recorded_responses:
            recent_links = drop_old_links(parsed.links, self.session.limits.since, fetched_at)
            self.session.count(Count.LISTED_ARCHIVE, len(parsed.links) - len(recent_links))
            parsed.links = recent_links
        self.session.listed_articles.add(
            parsed.links, source.url, fetched_at, is_complete=not parsed.problems
        )
        if parsed.declared_total is not None and not parsed.further_pages:
            self.session.listed_articles.set_declared_total(source.url, parsed.declared_total)
        return parsed

    def _record_poll(self, response: Response, source: str) -> None:
        etag, modified = get_header(response, "ETag"), get_header(response, "Last-Modified")
        self.session.polls.record_response(
            source, response.body, etag, modified, captured_at(response)
        )

    async def _plan_page_requests(self) -> list[Request]:
        session = self.session
        links = session.listed_articles.links()
        session.count(Count.LISTED, len(links))
        recent_count = session.listed_articles.count_recent(
            session.limits.now, self.outlet.expect.within
        )
        session.count(Count.LISTED_RECENT, recent_count)
        for note in session.listed_articles.format_incomplete():
            session.count(Count.INCOMPLETE)
            session.add_note(note)
        captures = await session.known.last_captured(links)
        visits = {} if session.options.keep_all else await session.known.visits(links)
        plan = build_fetch_plan(links, captures, visits, session.limits)
        session.count(Count.LISTED_KNOWN, plan.known)
        session.count(Count.LISTED_HOSTILE, plan.hostile)
        session.count(Count.LISTED_OUTSIDE, plan.outside_window)
        session.count(Count.LISTED_OVER, plan.over_budget)
        session.suspect_urls = plan.suspect
        requests = [
            Request(
                link.url,
                priority=-1 if link.url in plan.suspect else 0,
                callback=self.parse_page,
                errback=self.page_failed,
                cb_kwargs={"entry": session.listed_articles.find(link.key, link.url)},
                meta=dict(browser.request_meta()) if self.outlet.browser else None,
                dont_filter=True,  # Scrapy's filter drops a request, a redirected one too, untold
            )
            for link in plan.fetch
        ]
        planned_identities = set()
        for link in plan.fetch:
            identity = compute_identity(link.key, "", link.url)
            planned_identities.add(identity)
            session.pages.ask(link.url, again=identity in visits)
        return [*requests, *await self.start_revisits(planned_identities)]

    async def parse_page(
        self, response: Response, entry: ListedArticle | None = None, again: bool = False
    ) -> AsyncIterator[Article | Request]:
        """Reads an article's page; yields the article.

        `again`: the page was cut off the first time, so this is the second try.
        """
        session = self.session
        session.current_url = response.url
        cause = causes.cause_of_status(response.status)
        if cause is not Cause.OK:
            self.record_page_failure(response, entry, cause)
            return
        session.count(Count.PAGE_FETCHED)
        if entry and leads_away(response.url, entry.link.url, self.outlet):
            self.record_redirect(response, entry)
            return
        page = page_from_response(response, self.outlet.languages)
        if entry and entry.link.url in session.suspect_urls:
            page.is_cheap = False
        cut = is_truncated(response, page)
        if cut and not again and not session.recorded_responses:
            session.count(Count.PAGE_REFETCHED)
            yield response.request.replace(  # type: ignore[union-attr]
                cb_kwargs={"entry": entry, "again": True}, dont_filter=True
            )
            return
        self.settle(entry)
        if article := self._read_article(response, page, entry, cut=cut):
            yield article

    def _read_article(
        self, response: Response, page: Page, entry: ListedArticle | None, *, cut: bool
    ) -> Article | None:
        """Returns the article of a page, and counts what the page is; None if none is to be kept."""
        session = self.session
        link = entry.link if entry else None
        identity = compute_identity(link.key, "", link.url) if link else ""
        with session.being_read.reading(identity, page.url) if link else nullcontext():
            extraction = extract_page(page, self.outlet, link)
        if entry is not None and not session.recorded_responses:
            extraction = self._reject_foreign(page, extraction, entry.link.title)
        page_class = effective_page_class(extraction)
        session.count(Count.PAGE_TRUNCATED if cut else causes.PAGE_CLASS_COUNTS[page_class])
        if extraction.article is None or page_class not in (PageClass.ARTICLE, PageClass.STUB):
            self.record_non_article(response, entry, extraction, page_class, cut=cut)
            return None
        article = self._complete_article(extraction.article, response, entry, cut=cut)
        session.count_archiving_ban(article)
        for name, count in FIELD_COUNTS.items():
            session.count(count, bool(getattr(article, name)))
        if exclusion_cause := self._exclusion_cause(article):
            session.count(exclusion_cause)
            if exclusion_cause is Count.ARTICLE_OFF_TOPIC:
                self.record_result(response, entry, CaptureResult(CaptureOutcome.OFF_TOPIC))
            return None
        if entry is not None:
            listed_identity = compute_identity(entry.link.key, "", entry.link.url)
            session.aliases[article.url].add(listed_identity)
        session.known.mark_answering(article)
        return article

    def _reject_foreign(self, page: Page, extraction: Extraction, listed_title: str) -> Extraction:
        """Returns the extraction as it is, or an error page if the page is not the outlet's own."""
        if effective_page_class(extraction) is PageClass.ERROR:
            return extraction  # it prints nothing that could be compared
        if reason := self.session.own_pages.foreign_reason(page, extraction, listed_title):
            return Extraction(PageClass.ERROR, None, f"not a page of the outlet: {reason}")
        return extraction

    def _exclusion_cause(self, article: Article) -> Count | None:
        """Returns the cause for which an article is left out; None if it is kept."""
        precision = str(article.published_precision or "")
        if not is_in_window(article.published_at, precision, self.session.limits):
            return Count.ARTICLE_OUTSIDE
        if self.session.has_topic_filter and not is_on_topic(article):
            return Count.ARTICLE_OFF_TOPIC
        return None

    def _complete_article(
        self, article: Article, response: Response, entry: ListedArticle | None, *, cut: bool
    ) -> Article:
        seen_at = entry.listed_at if entry else captured_at(response)
        last_polled_at = self.session.polls.last_polled_at(entry.source) if entry else None
        return replace(
            article,
            capture=capture_from_response(response, truncated=cut),
            first_seen_at=article.first_seen_at or seen_at,
            last_poll_without_at=article.last_poll_without_at or last_polled_at,
        )


def effective_page_class(extraction: Extraction) -> PageClass:
    """Returns the page's class.

    A stub whose only content is the title from its listing counts as an error page.
    """
    article = extraction.article
    if extraction.page_class is PageClass.STUB and article and not (article.text or article.lead):
        return PageClass.ERROR
    return extraction.page_class
