"""Fetches known articles again, and decides what each answer says about them.

Revisits come after everything new, one at a time. If the site stops answering as it should, the
rest waits for the next run, and nothing is recorded as deleted.
"""

from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.crawl import causes
from crawler.crawl.causes import Cause
from crawler.crawl.leading_away import is_front_or_section, is_other_url, leads_away
from crawler.crawl.responses import capture_from_response, is_truncated, page_from_response
from crawler.extract.extraction import NOT_A_PAGE, Extraction, extract_page
from crawler.extract.refusals import SITE_DOWN
from crawler.middlewares import browser
from crawler.sources import Link
from storage.changes.rows import DueArticle
from storage.changes.url_shape import field_witness_key, url_shape
from storage.counts import Count
from storage.identity import compute_identity
from storage.records import Article, CaptureOutcome, CaptureResult, PageClass

if TYPE_CHECKING:
    from crawler.crawl.own_pages import OwnPages
    from crawler.crawl.session import Session
    from crawler.outlet import Outlet

MAX_UNCLEAR_IN_A_ROW = 3  # then the rest waits for the next run
# In characters. KCNA answered "NULL" for articles that it had removed in 2013.
_MIN_TEXT_CHARS, _MIN_FORMER_TEXT_CHARS = (60, 200)
_ARTICLE_CLASSES = (PageClass.ARTICLE, PageClass.STUB)


class RevisitMixin:
    """The part of an outlet's spider that revisits known articles."""

    outlet: "ClassVar[type[Outlet]]"
    session: "Session"
    logger: Any  # scrapy.Spider's

    async def start_revisits(self, fetching: Collection[str]) -> Iterable[Request]:
        """Returns the first request for an article that is due; each answer leads to the next.

        `fetching`: identities that the run fetches anyway.
        """
        due_articles = await self.session.load_due(len(fetching))
        self._revisit_queue = deque(each for each in due_articles if each.identity not in fetching)
        self._unclear_in_a_row = 0
        self._doubted_marks: set[str] = set()
        self.session.count(Count.REVISIT_DUE, len(self._revisit_queue))
        return self._next_revisit()

    _revisit_queue: deque[DueArticle]
    _unclear_in_a_row: int

    def _next_revisit(self) -> list[Request]:
        if self._unclear_in_a_row >= MAX_UNCLEAR_IN_A_ROW:
            self.session.count(Count.REVISIT_PUT_OFF, len(self._revisit_queue))
            self._revisit_queue.clear()
        if not self._revisit_queue:
            return []
        due = self._revisit_queue.popleft()
        return [
            Request(
                due.url,
                callback=self.parse_revisit,
                errback=self.revisit_failed,
                headers=conditional_headers(due) if self.outlet.page_validators else {},
                cb_kwargs={"due": due},
                meta=dict(browser.request_meta()) if self.outlet.browser else None,
                priority=-10,
                dont_filter=True,
            )
        ]

    async def parse_revisit(
        self, response: Response, due: DueArticle
    ) -> AsyncIterator[Article | Request]:
        """Records what became of a known article, yields its text, requests the next one."""
        try:
            interpretation = interpret_response(response, due, self.outlet, self.session.own_pages)
        except Exception:
            self.logger.exception("reading %s again failed", response.url)
            self.session.count(Count.EXCEPTIONS)
            self.session.add_note(f"reading {response.url} again failed, see the log")
            interpretation = _unclear("reading failed"), None
        result, article = interpretation
        if article is not None and self._lacks_known_fields(article, due):
            sibling = await self.session.known.sibling(due, self.session.limits.now)
            if sibling is not None:
                self.session.count(Count.REVISIT_DOUBTFUL)
                self._revisit_queue.extendleft([due, sibling])
                article = None
        self._count_revisit(result.outcome if result else None, due)
        if article is not None:
            self.session.known.mark_answering(article)
            self.session.count_archiving_ban(article)
            yield article
        if result is not None:
            self.session.record_visit(due.identity, capture_from_response(response), result)
        for request in self._next_revisit():
            yield request

    def _lacks_known_fields(self, article: Article, due: DueArticle) -> bool:
        """Returns whether the article lacks a field that it had, so that a sibling must be checked.

        The sibling shows whether the outlet still prints the field. True at most once per run for
        each field of each layout: if all articles lost it, more checks are useless.
        """
        witness_keys = {
            field_witness_key(due.url, name)
            for name in due.known_fields
            if not getattr(article, name)
        }
        witness_keys -= self.session.known.answering_marks | self._doubted_marks
        self._doubted_marks |= witness_keys
        return bool(witness_keys)

    def revisit_failed(self, failure: Failure) -> Iterable[Request]:
        """Counts a revisit without an answer, which says nothing about the article."""
        request: Request = failure.request  # type: ignore[attr-defined]
        _, message = causes.explain_failure(failure.value)
        self.logger.warning("page %s could not be revisited: %s", request.url, message)
        self._count_revisit(CaptureOutcome.UNCLEAR, request.cb_kwargs["due"])
        return self._next_revisit()

    def _count_revisit(self, outcome: CaptureOutcome | None, due: DueArticle) -> None:
        if outcome is CaptureOutcome.UNCLEAR:
            self._unclear_in_a_row += 1
            self.session.count(Count.REVISIT_UNCLEAR)
            return
        self._unclear_in_a_row = 0
        shape = url_shape(due.url)
        if outcome is CaptureOutcome.GONE:
            has_answered = shape in self.session.known.answering_marks
            self.session.count(Count.REVISIT_MISSING if has_answered else Count.REVISIT_UNWITNESSED)
            return
        self.session.known.answering_marks.add(shape)
        self.session.count(Count.REVISIT_PRESENT)


def conditional_headers(due: DueArticle) -> dict[str, str]:
    """Returns headers for a conditional GET (RFC 9110, 13.1); {} without validators.

    Storage gives none twice in a row, since validators can be wrong.
    """
    headers = {"If-None-Match": due.etag, "If-Modified-Since": due.last_modified}
    return {name: value for name, value in headers.items() if value}


def interpret_response(
    response: Response,
    due: DueArticle,
    outlet: "type[Outlet]",
    own_pages: "OwnPages | None" = None,
) -> tuple[CaptureResult | None, Article | None]:
    """Decides what an answer says about a known article.

    Returns the result to record and the article to store, None for none. Outcomes: NOT_MODIFIED,
    MOVED, GONE (not found) and UNCLEAR (says nothing).
    """
    cause = causes.cause_of_status(response.status)
    if cause is Cause.UNCHANGED:
        return CaptureResult(CaptureOutcome.NOT_MODIFIED), None
    if cause is Cause.GONE:
        return _gone(), None
    if cause is not Cause.OK:
        return _unclear(f"HTTP status {response.status}"), None
    page = page_from_response(response, outlet.languages)
    if is_truncated(response, page):
        return _unclear("the page was cut on the way"), None
    if is_other_url(response.url, due.url) and (
        is_front_or_section(response.url, outlet) or leads_away(response.url, due.url, outlet)
    ):
        return _gone(f"redirects to {response.url}"), None
    # As at the first fetch: a date that only the listing had must not be lost.
    link = Link(
        url=due.url,
        key=due.key,
        published_at=due.published_at,
        published_precision=due.published_precision,
    )
    extraction = extract_page(page, outlet, link)
    if extraction.article is None or extraction.page_class not in _ARTICLE_CLASSES:
        return _result_without_article(extraction, response), None
    if len(extraction.article.text) < _MIN_TEXT_CHARS and due.text_length > _MIN_FORMER_TEXT_CHARS:
        return _gone("a page without a text"), None
    if own_pages and (reason := own_pages.foreign_reason(page, extraction, known_title=due.title)):
        return _unclear(f"not a page of the outlet: {reason}"), None
    if not extraction.article.title:
        return _unclear("no title was found"), None
    return _interpret_article(extraction.article, response, due)


def _interpret_article(
    extracted: Article, response: Response, due: DueArticle
) -> tuple[CaptureResult | None, Article | None]:
    article = replace(extracted, capture=capture_from_response(response))
    has_same_identity = (
        compute_identity(article.key, article.canonical_url, article.url) == due.identity
    )
    if not has_same_identity and is_other_url(response.url, due.url):
        return CaptureResult(CaptureOutcome.MOVED, response.url), article
    return None, with_known_identity(article, due.identity, due.key, due.canonical_url, due.url)


def with_known_identity(
    article: Article, known_identity: str, key: str, canonical_url: str, url: str
) -> Article:
    """Returns the article under its known identity, whatever the page calls itself now.

    So a new slug makes no second article.
    """
    if compute_identity(article.key, article.canonical_url, article.url) == known_identity:
        return article
    return replace(article, key=key, canonical_url=canonical_url, url=url)


def _result_without_article(extraction: Extraction, response: Response) -> CaptureResult:
    # A broken server may send anything: such an answer says nothing about the article.
    says_gone = NOT_A_PAGE not in extraction.flags and extraction.reason != SITE_DOWN
    if extraction.page_class is PageClass.ERROR and says_gone:
        return _gone(extraction.reason or "an error page")
    if extraction.page_class is PageClass.LISTING:
        return _gone(f"a listing in its place ({response.url})")
    return _unclear(f"{extraction.page_class}: {extraction.reason}")


def _gone(detail: str = "") -> CaptureResult:
    return CaptureResult(CaptureOutcome.GONE, detail)


def _unclear(detail: str) -> CaptureResult:
    return CaptureResult(CaptureOutcome.UNCLEAR, detail)
