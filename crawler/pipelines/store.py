"""Hands articles to the writing thread, and waits at the end until all are stored."""

from scrapy.crawler import Crawler

from crawler.crawl.run_outcome import DATABASE_LOST
from crawler.crawl.session import Session
from dedup.text.kernel_loader import use_kernel
from storage.counts import Count
from storage.records import Article


class Store:
    """Slows the crawl down when the database is behind; ends it when the database fails."""

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler = crawler
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Store":
        use_kernel(crawler.settings["NKWIRE_KERNEL"])
        return cls(crawler, Session.of(crawler))

    def open_spider(self) -> None:
        """Starts the writing thread."""
        if self._session.writer is not None:
            self._session.writer.start()

    async def process_item(self, item: Article) -> Article:
        """Queues an article; a dry run only counts it."""
        writer = self._session.writer
        if self._session.options.on_article is not None:
            self._session.options.on_article(item)
        if writer is None:
            self._session.count(Count.DRY)
            return item
        await writer.put_article(item)
        if writer.storage_error:
            self._session.end_early(self._crawler, DATABASE_LOST)
        return item

    async def close_spider(self) -> None:
        """Waits until all articles are stored."""
        if self._session.writer is not None:
            await self._session.writer.close()
