"""Known articles that a run fetches again, and what each answer says of them.

They come after everything new, one after the other: when the site stops answering as it should, the
rest waits for the next run and nothing is taken for a deletion.
"""

from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.crawl import answers
from crawler.crawl.fetched import as_page, capture_of, was_cut
from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.urls import path_of
from crawler.middlewares import browser
from crawler.sources import Link
from storage.changes.rows import Due
from storage.changes.shape import mark, shape
from storage.identity import canonicalise, identity
from storage.records import Article, PageClass

if TYPE_CHECKING:
    from crawler.crawl.session import Session
    from crawler.declaration import Outlet

PATIENCE = 3  # unclear answers in a row, then the rest is put off
_BARE, _WORDY = 60, 200  # characters: KCNA answered "NULL" for what it had taken away in 2013
_KEPT = (PageClass.ARTICLE, PageClass.STUB)


class Revisiting:
    """The part of an outlet's spider that looks after what it has."""

    session: "Session"
    logger: Any  # scrapy.Spider's
    browser: ClassVar[bool]
    page_validators: ClassVar[bool]

    async def revisits(self, fetching: Collection[str]) -> Iterable[Request]:
        """The first of the requests for what is due; each answer leads to the next."""
        due = await self.session.due(len(fetching))
        self._waiting = deque(each for each in due if each.identity not in fetching)
        self._unclear = 0
        self._doubted: set[str] = set()
        self.session.count("revisit.due", len(self._waiting))
        return self._next()

    _waiting: deque[Due]
    _unclear: int

    def _next(self) -> list[Request]:
        if self._unclear >= PATIENCE:
            self.session.count("revisit.put_off", len(self._waiting))
            self._waiting.clear()
        if not self._waiting:
            return []
        due = self._waiting.popleft()
        return [
            Request(
                due.url,
                callback=self.parse_revisit,
                errback=self.revisit_failed,
                headers=validators(due) if self.page_validators else {},
                cb_kwargs={"due": due},
                meta=dict(browser.meta()) if self.browser else None,
                priority=-10,
                dont_filter=True,
            )
        ]

    async def parse_revisit(self, response: Response, due: Due) -> AsyncIterator[Article | Request]:
        """Note what became of a known article, keep its text, go on with the next one."""
        try:
            outlet: Any = type(self)
            seen = judge(response, due, outlet)
        except Exception:
            self.logger.exception("reading %s again failed", response.url)
            self.session.count("exceptions")
            self.session.say(f"reading {response.url} again failed, see the log")
            seen = ("unclear: reading failed", None)
        outcome, article = seen
        if article is not None and self._is_doubtful(article, due):
            witness = await self.session.sibling(due)
            if witness is not None:
                self.session.count("revisit.doubtful")
                self._waiting.extendleft([due, witness])
                article = None
        self._count(outcome, due)
        if article is not None:
            self.session.saw(article)
            yield article
        if outcome:
            self.session.note_visit(due.identity, capture_of(response), outcome)
        for request in self._next():
            yield request

    def _is_doubtful(self, article: Article, due: Due) -> bool:
        """Whether it lacks what it had, and a sibling may tell if the outlet still prints that.

        True once a run for each field of each layout: where all lost it, asking on is of no use.
        """
        marks = {mark(due.url, name) for name in due.fields if not getattr(article, name)}
        marks -= self.session.answering | self._doubted
        self._doubted |= marks
        return bool(marks)

    def revisit_failed(self, failure: Failure) -> Iterable[Request]:
        """Nothing came: that says nothing of the article."""
        request: Request = failure.request  # type: ignore[attr-defined]
        cause, why = answers.of_failure(failure.value)
        self.logger.warning("page %s could not be looked at again: %s", request.url, why)
        self._count(f"unclear: {cause}", request.cb_kwargs["due"])
        return self._next()

    def _count(self, outcome: str, due: Due) -> None:
        if outcome.startswith("unclear"):
            self._unclear += 1
            self.session.count("revisit.unclear")
            return
        self._unclear = 0
        kind = shape(due.url)
        if outcome.startswith("gone"):
            seen = kind in self.session.answering
            self.session.count("revisit.missing" if seen else "revisit.unwitnessed")
            return
        self.session.answering.add(kind)
        self.session.count("revisit.present")


def validators(due: Due) -> dict[str, str]:
    """Request headers that let the outlet answer "not modified"; never twice in a row, since they lie."""
    headers = {"If-None-Match": due.etag, "If-Modified-Since": due.last_modified}
    return {name: value for name, value in headers.items() if value}


def judge(response: Response, due: Due, outlet: "type[Outlet]") -> tuple[str, Article | None]:
    """What an answer says of a known article: an outcome to note, "" for none, and what to store.

    Outcomes: `not-modified`, `moved ...`, `gone ...` (not found), `unclear ...` (says nothing).
    """
    cause = answers.of_status(response.status)
    if cause == "unchanged":
        return "not-modified", None
    if cause == "gone":
        return "gone", None
    if cause != "ok":
        return f"unclear: HTTP status {response.status}", None
    page = as_page(response)
    if was_cut(response, page):
        return "unclear: the page was cut on the way", None
    if is_elsewhere(response.url, due.url) and is_front(response.url, outlet):
        return f"gone: redirects to {response.url}", None
    # As when it was first read: a date that only the listing knew must not be lost.
    known = Link(
        url=due.url,
        key=due.key,
        published_at=due.published_at,
        published_precision=due.published_precision,
    )
    reading = extract_page(page, outlet, known)
    if reading.article is None or reading.page_class not in _KEPT:
        return _not_found(reading, response, due), None
    if len(reading.article.text) < _BARE and due.length > _WORDY:
        return "gone: a page without a text", None
    if not reading.article.title:
        return "unclear: no title was found", None
    return _of_article(reading.article, response, due)


def _of_article(found: Article, response: Response, due: Due) -> tuple[str, Article | None]:
    article = replace(found, capture=capture_of(response))
    own = identity(article.key, article.canonical_url, article.url) == due.identity
    if not own and is_elsewhere(response.url, due.url):
        return f"moved to {response.url}", article
    return "", own_article(article, due.identity, due.key, due.canonical_url, due.url)


def own_article(article: Article, known: str, key: str, canonical_url: str, url: str) -> Article:
    """The article under the identity that it is known by, whatever the page calls itself now.

    A new slug makes no second article.
    """
    if identity(article.key, article.canonical_url, article.url) == known:
        return article
    return replace(article, key=key, canonical_url=canonical_url, url=url)


def _not_found(reading: Extraction, response: Response, due: Due) -> str:
    if reading.page_class is PageClass.ERROR:
        return f"gone: {reading.reason or 'an error page'}"
    if reading.page_class is PageClass.LISTING:
        return f"gone: a listing in its place ({response.url})"
    return f"unclear: {reading.page_class}: {reading.reason}"


def is_elsewhere(url: str, due: str) -> bool:
    """Whether an answer came from another address than was asked; scheme and `www.` do not count."""
    return _bare(url) != _bare(due)


def _bare(url: str) -> str:
    return canonicalise(url).split("://", 1)[-1].removeprefix("www.")


def is_front(url: str, outlet: "type[Outlet]") -> bool:
    """Whether an address is a front page, a section or an error page: no article can be there."""
    return path_of(url).strip("/") == "" or not outlet.is_article(url)
