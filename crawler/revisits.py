"""Fetches known articles again, and decides what each answer says about them.

Revisits come after everything new, one at a time. If the site stops answering as it should, the
rest waits for the next run, and nothing is recorded as deleted.

If the few pages of a run gave no article, one or two known articles are asked for beside them. They
are witnesses: they tell a page that is gone from an outlet whose pages cannot be read any more.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.crawl import causes
from crawler.crawl.causes import Cause
from crawler.crawl.leading_away import is_front_or_section, is_other_url, leads_away
from crawler.crawl.responses import capture_from_response, is_truncated, page_from_response
from crawler.extract.extraction import HOSTILE, NOT_A_PAGE, UNTRIED, Extraction, extract_page
from crawler.extract.refusals import SITE_DOWN
from crawler.middlewares import browser
from crawler.sources import Link
from storage.changes.rows import DueArticle
from storage.changes.url_shape import field_witness_key, url_shape
from storage.counts import Count
from storage.errors import StorageError
from storage.identity import compute_identity
from storage.records import Article, CaptureOutcome, CaptureResult, PageClass

if TYPE_CHECKING:
    from crawler.crawl.own_pages import OwnPages
    from crawler.crawl.session import Session
    from crawler.outlet import Outlet

MAX_UNCLEAR_IN_A_ROW = 3  # then the rest waits for the next run
# In characters. KCNA answered "NULL" for articles that it had removed in 2013.
_MIN_TEXT_CHARS, _MIN_FORMER_TEXT_CHARS = (60, 200)
_SILENT = frozenset({NOT_A_PAGE, HOSTILE, UNTRIED})  # flags of answers that say nothing
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
        visits = await self.session.known.visits([each.identity for each in due_articles])
        hostile = {
            identity for identity, (_, each) in visits.items() if each is CaptureOutcome.HOSTILE
        }
        left_out = hostile.union(fetching)
        self._revisit_queue = deque(each for each in due_articles if each.identity not in left_out)
        self._asked_identities = {*left_out, *(each.identity for each in self._revisit_queue)}
        self.session.count(Count.LISTED_HOSTILE, len(hostile))
        self._unclear_in_a_row = 0
        self._doubted_marks: set[str] = set()
        self.session.count(Count.REVISIT_DUE, len(self._revisit_queue))
        return self._next_revisit()

    async def plan_witnesses(self) -> Iterable[Request]:
        """Returns a request for a known article if all pages gave none and are too few to tell.

        Called when everything else is answered. If it fails too, its answer leads to the next one.
        """
        try:
            witnesses = await self.session.load_witnesses(self._asked_identities)
        except StorageError as error:
            self.logger.warning("no witness could be chosen: %s", error)
            return []
        self._witness_queue = deque(witnesses)
        return self._next_witness()

    def _next_witness(self) -> list[Request]:
        if not self._witness_queue:
            return []
        self.session.count(Count.REVISIT_WITNESS)
        witness = self._witness_queue.popleft()
        return [self._revisit_request(witness, self.parse_witness, self.witness_failed)]

    _revisit_queue: deque[DueArticle]
    _witness_queue: deque[DueArticle]
    _asked_identities: Collection[str] = ()
    _unclear_in_a_row: int

    def _next_revisit(self) -> list[Request]:
        if self._unclear_in_a_row >= MAX_UNCLEAR_IN_A_ROW:
            self.session.count(Count.REVISIT_PUT_OFF, len(self._revisit_queue))
            self._revisit_queue.clear()
        if not self._revisit_queue:
            return []
        due = self._revisit_queue.popleft()
        return [self._revisit_request(due, self.parse_revisit, self.revisit_failed)]

    def _revisit_request(
        self, due: DueArticle, callback: Callable[..., Any], errback: Callable[[Failure], Any]
    ) -> Request:
        return Request(
            due.url,
            callback=callback,
            errback=errback,
            headers=conditional_headers(due) if self.outlet.page_validators else {},
            cb_kwargs={"due": due},
            meta=dict(browser.request_meta()) if self.outlet.browser else None,
            priority=-10,
            dont_filter=True,
        )

    async def parse_revisit(
        self, response: Response, due: DueArticle
    ) -> AsyncIterator[Article | Request]:
        """Records what became of a known article, yields its text, requests the next one."""
        result, article, _ = self._interpret(response, due)
        if article is not None and self._lacks_known_fields(article, due):
            sibling = await self.session.known.sibling(due, self.session.limits.now)
            if sibling is not None:
                self.session.count(Count.REVISIT_DOUBTFUL)
                self._revisit_queue.extendleft([due, sibling])
                article = None
        for each in self._record_answer(response, due, result, article):
            yield each
        for request in self._next_revisit():
            yield request

    def _record_answer(
        self,
        response: Response,
        due: DueArticle,
        result: CaptureResult | None,
        article: Article | None,
    ) -> Iterator[Article]:
        """Records what became of a known article, and yields its text."""
        self._count_revisit(result.outcome if result else None, due)
        if article is not None:
            self.session.known.mark_answering(article)
            self.session.count_archiving_ban(article)
            yield article
        if result is not None:
            self.session.record_visit(due.identity, capture_from_response(response), result)

    def _interpret(self, response: Response, due: DueArticle) -> "Interpretation":
        """Interprets an answer, and keeps why it gave no article."""
        try:
            with self.session.being_read.reading(due.identity, due.url):
                read = interpret_response(response, due, self.outlet, self.session.own_pages)
        except Exception:
            self.logger.exception("reading %s again failed", response.url)
            self.session.count(Count.EXCEPTIONS)
            self.session.add_note(f"reading {response.url} again failed, see the log")
            read = _unclear("reading failed")
        if read.failure is not None and read.result is not None:
            self.session.pages.fail_second_look(read.failure, due.url, read.result.detail)
        return read

    async def parse_witness(
        self, response: Response, due: DueArticle
    ) -> AsyncIterator[Article | Request]:
        """Counts a known article that can be read, and yields its text.

        A witness was not due. If it is not there, that is not recorded.
        """
        result, article, failure = self._interpret(response, due)
        if failure is not None or (result and result.outcome is CaptureOutcome.GONE):
            for request in self._next_witness():
                yield request
            return
        for each in self._record_answer(response, due, result, article):
            yield each

    def witness_failed(self, failure: Failure) -> Iterable[Request]:
        """Keeps why a witness could not be asked, and asks the next one."""
        request: Request = failure.request  # type: ignore[attr-defined]
        cause, message = causes.explain_failure(failure.value)
        self.session.pages.fail_second_look(causes.PAGE_COUNTS[cause], request.url, message)
        self.logger.warning("page %s could not be asked for: %s", request.url, message)
        return self._next_witness()

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
        cause, message = causes.explain_failure(failure.value)
        self.session.pages.fail_second_look(causes.PAGE_COUNTS[cause], request.url, message)
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


class Interpretation(NamedTuple):
    """What an answer says about a known article.

    `result`: what to record; None if the article is stored instead. `failure`: the count of a page
    that gave no article, unless it says with status 404 or 410 that the article is gone.
    """

    result: CaptureResult | None
    article: Article | None = None
    failure: Count | None = None


def interpret_response(
    response: Response,
    due: DueArticle,
    outlet: "type[Outlet]",
    own_pages: "OwnPages | None" = None,
) -> Interpretation:
    """Decides what an answer says about a known article.

    Outcomes: NOT_MODIFIED, MOVED, GONE (not found) and UNCLEAR (says nothing).
    """
    cause = causes.cause_of_status(response.status)
    if cause is Cause.UNCHANGED:
        return Interpretation(CaptureResult(CaptureOutcome.NOT_MODIFIED))
    if cause is Cause.GONE:
        return Interpretation(CaptureResult(CaptureOutcome.GONE))
    if cause is not Cause.OK:
        return _unclear(f"HTTP status {response.status}", causes.PAGE_COUNTS[cause])
    page = page_from_response(response, outlet.languages)
    if is_truncated(response, page):
        return _unclear("the page was cut on the way", Count.PAGE_TRUNCATED)
    if is_other_url(response.url, due.url) and (
        is_front_or_section(response.url, outlet) or leads_away(response.url, due.url, outlet)
    ):
        return _gone(f"redirects to {response.url}", Count.PAGE_REDIRECTED)
    # As at the first fetch: a date that only the listing had must not be lost.
    link = Link(
        url=due.url,
        key=due.key,
        published_at=due.published_at,
        published_precision=due.published_precision,
    )
    extraction = extract_page(page, outlet, link)
    if extraction.article is None or extraction.page_class not in _ARTICLE_CLASSES:
        return _interpret_without_article(extraction, response)
    if len(extraction.article.text) < _MIN_TEXT_CHARS and due.text_length > _MIN_FORMER_TEXT_CHARS:
        return _gone("a page without a text")
    if own_pages and (reason := own_pages.foreign_reason(page, extraction, known_title=due.title)):
        return _unclear(f"not a page of the outlet: {reason}")
    if not extraction.article.title:
        return _unclear("no title was found")
    return _interpret_article(extraction.article, response, due)


def _interpret_article(extracted: Article, response: Response, due: DueArticle) -> Interpretation:
    article = replace(extracted, capture=capture_from_response(response))
    has_same_identity = (
        compute_identity(article.key, article.canonical_url, article.url) == due.identity
    )
    if not has_same_identity and is_other_url(response.url, due.url):
        return Interpretation(CaptureResult(CaptureOutcome.MOVED, response.url), article)
    known = with_known_identity(article, due.identity, due.key, due.canonical_url, due.url)
    return Interpretation(None, known)


def with_known_identity(
    article: Article, known_identity: str, key: str, canonical_url: str, url: str
) -> Article:
    """Returns the article under its known identity, whatever the page calls itself now.

    So a new slug makes no second article.
    """
    if compute_identity(article.key, article.canonical_url, article.url) == known_identity:
        return article
    return replace(article, key=key, canonical_url=canonical_url, url=url)


def _interpret_without_article(extraction: Extraction, response: Response) -> Interpretation:
    failure = causes.PAGE_CLASS_COUNTS[extraction.page_class]
    # A broken server may send anything: such an answer says nothing about the article.
    says_gone = extraction.reason != SITE_DOWN and not _SILENT.intersection(extraction.flags)
    if extraction.page_class is PageClass.ERROR and says_gone:
        return _gone(extraction.reason or "an error page", failure)
    if extraction.page_class is PageClass.LISTING:
        return _gone(f"a listing in its place ({response.url})", failure)
    return _unclear(f"{extraction.page_class}: {extraction.reason}", failure)


def _gone(detail: str, failure: Count = Count.PAGE_ERROR) -> Interpretation:
    return Interpretation(CaptureResult(CaptureOutcome.GONE, detail), failure=failure)


def _unclear(detail: str, failure: Count = Count.PAGE_ERROR) -> Interpretation:
    return Interpretation(CaptureResult(CaptureOutcome.UNCLEAR, detail), failure=failure)
