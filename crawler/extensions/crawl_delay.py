"""Obeys Crawl-delay: the gap between two requests to a host is at least as long as it asks."""

import logging

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

log = logging.getLogger(__name__)


class CrawlDelay:
    """Applies the Crawl-delay of each robots.txt.

    NKWIRE_LONGEST_CRAWL_DELAY limits it; the outlet's own delay stays if it is longer.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._user_agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._max_delay = crawler.settings.getfloat("NKWIRE_LONGEST_CRAWL_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "CrawlDelay":
        extension = cls(crawler)
        crawler.signals.connect(extension.robots_parsed, signal=signals.robots_parsed)
        return extension

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Sets the delay of the host whose robots.txt was read."""
        requested_delay = robotparser.crawl_delay(self._user_agent)
        if not requested_delay or requested_delay <= 0:
            return
        delay = min(float(requested_delay), self._max_delay)
        host = urlparse_cached(request).hostname or ""
        downloader = self._crawler.engine.downloader
        default_delay = self._crawler.settings.getfloat("DOWNLOAD_DELAY")
        if delay <= default_delay:
            return
        log.info("%s asks for %s s between requests", host, requested_delay)
        # Scrapy drops idle slots and makes new ones from these settings.
        downloader.per_slot_settings[host] = {"delay": delay, "jitter": 0}
        if slot := downloader.slots.get(host):
            slot.delay = delay
