"""Drops items that are no articles: no http address, neither title nor text, or far too long."""

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.crawl.session import Session
from storage.counts import Count
from storage.records import Article

MAX_TEXT_CHARS = 2_000_000  # the longest real article seen has some 120,000


class Validate:
    """Drops invalid articles with a reason, and counts them as `article.invalid`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Validate":
        return cls(Session.of(crawler))

    def process_item(self, item: Article) -> Article:
        """Returns a valid article; raises DropItem for any other."""
        if reason := invalid_reason(item):
            self._session.count(Count.ARTICLE_INVALID)
            self._session.add_note(f"{item.url}: {reason}")
            raise DropItem(f"{item.url}: {reason}")
        return item


def invalid_reason(article: Article) -> str:
    """Returns why an article is invalid; "" if it is valid."""
    if not article.url.startswith(("http://", "https://")):
        return "no http address"
    if not article.title.strip() and not article.text.strip():
        return "neither title nor text"
    if len(article.text) > MAX_TEXT_CHARS:
        return f"a text of {len(article.text):,} characters"
    return ""
