"""Settles the account of each listed page that gave no article, and keeps why."""

from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.crawl import causes
from crawler.crawl.causes import Cause
from crawler.crawl.responses import capture_from_response, captured_at
from crawler.extract.extraction import HOSTILE, UNTRIED, Extraction
from storage.counts import Count
from storage.identity import compute_identity
from storage.records import CaptureOutcome, CaptureResult, PageClass

if TYPE_CHECKING:
    from crawler.crawl.listed_articles import ListedArticle
    from crawler.crawl.session import Session
    from crawler.outlet import Outlet


class PageAnswerMixin:
    """The part of an outlet's spider that records pages without an article."""

    outlet: "ClassVar[type[Outlet]]"
    session: "Session"
    logger: Any  # scrapy.Spider's

    def settle(self, entry: "ListedArticle | None") -> None:
        """Closes the account of a listed page.

        `entry`: None for a recorded page, which nobody asked for: then nothing happens.
        """
        if entry is not None:
            self.session.pages.settle(entry.link.url)

    def page_failed(self, failure: Failure) -> None:
        """Records a page without an answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        entry: ListedArticle | None = request.cb_kwargs.get("entry")
        cause, message = causes.explain_failure(failure.value)
        if cause is Cause.ERROR and request.meta.get("redirect_times"):
            cause = Cause.REDIRECTED  # too often, or to an address that may not be fetched
        if kind := causes.failure_kind(failure.value):
            self.session.count(causes.KIND_COUNTS[kind])
        self._count_failure(entry, request.url, cause, message)

    def record_page_failure(
        self, response: Response, entry: "ListedArticle | None", cause: Cause
    ) -> None:
        """Records an answer with a status that is not wanted."""
        if cause is Cause.GONE:
            self.settle(entry)
            self.session.count(causes.PAGE_COUNTS[cause])
            reason = f"HTTP status {response.status}"
            self.session.pages.explain(causes.PAGE_COUNTS[cause], response.url, reason)
            self.record_result(response, entry, CaptureResult(CaptureOutcome.GONE))
            return
        self._count_failure(entry, response.url, cause, f"HTTP status {response.status}")

    def record_redirect(self, response: Response, entry: "ListedArticle") -> None:
        """Records that a listed page leads away from the article.

        `crawler.crawl.closing.remember_unread` decides whether it is asked for at the next run.
        """
        self._keep_unread(response, entry)
        self._count_failure(entry, entry.link.url, Cause.REDIRECTED, f"redirects to {response.url}")

    def _keep_unread(self, response: Response, entry: "ListedArticle") -> None:
        identity = compute_identity(entry.link.key, "", entry.link.url)
        self.session.pages.unread[identity] = captured_at(response)

    def record_non_article(
        self,
        response: Response,
        entry: "ListedArticle | None",
        extraction: Extraction,
        page_class: PageClass,
        *,
        cut: bool,
    ) -> None:
        """Records a page without an article, whose account is closed already.

        `page_class`: a stub without content counts as an error page. `cut`: whether only a part of the
        page came. A page that costs too much is remembered at once; one that could not be tried is not.
        """
        count = Count.PAGE_TRUNCATED if cut else causes.PAGE_CLASS_COUNTS[page_class]
        reason = extraction.reason or "no text found"
        self.session.pages.explain(count, response.url, reason)
        if page_class in (PageClass.BLOCKED, PageClass.ERROR):
            self.session.add_note(f"{response.url}: {page_class}: {reason}")
            self.logger.warning("page %s is no article: %s: %s", response.url, page_class, reason)
            if HOSTILE in extraction.flags:
                self.session.count(Count.PAGE_HOSTILE)
                result = CaptureResult(CaptureOutcome.HOSTILE, extraction.reason)
                self.record_result(response, entry, result)
                return
            if UNTRIED in extraction.flags:
                return
            if entry is not None and self.session.is_of_new_pages:
                self._keep_unread(response, entry)
                return
        self.record_result(
            response, entry, CaptureResult(CaptureOutcome.NOT_ARTICLE, page_class.value)
        )

    def record_result(
        self, page: Response, entry: "ListedArticle | None", result: CaptureResult
    ) -> None:
        """Records a fetch: with the article if it is known, else with the address."""
        key = self.outlet.key_from_url(page.url) or (entry.link.key if entry else "")
        identity = compute_identity(key, "", entry.link.url if entry else page.url)
        self.session.record_visit(identity, capture_from_response(page), result)

    def _count_failure(
        self, entry: "ListedArticle | None", url: str, cause: Cause, message: str
    ) -> None:
        self.settle(entry)
        if entry is not None:
            identity = compute_identity(entry.link.key, "", entry.link.url)
            self.session.pages.unanswered[identity] = self.session.limits.now
        count = causes.PAGE_COUNTS[cause]
        self.session.count(count)
        self.session.pages.explain(count, entry.link.url if entry else url, message)
        self.session.add_note(f"{url}: {message}")
        self.logger.warning("page %s: %s", url, message)
