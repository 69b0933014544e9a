"""Keeps what concerns North Korea, for outlets that write of other things too."""

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured

from crawler.session import Session
from crawler.topic import concerns_north_korea
from storage.records import Article


class OnTopic:
    """Drops what is off topic, counted as `article.off_topic`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "OnTopic":
        session: Session = crawler.spider.session  # type: ignore[union-attr]
        options = session.options
        declared = session.outlet.topic and session.kind == "crawl"
        if options.keep_all or not (declared or options.topic):
            raise NotConfigured
        return cls(session)

    def process_item(self, item: Article) -> Article:
        found = concerns_north_korea(
            item.title, item.lead, item.text, tags=(*item.tags, item.section), url=item.url
        )
        if not found:
            self._session.count("article.off_topic")
            raise DropItem(f"{item.url}: off topic")
        return item
