"""Requests for recorded answers: the same spiders read WARC files, and the network is a file."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy.http import Request, Response

from crawler import trial
from crawler.discovery.source_parser import match_source
from crawler.sources import AnyListing, Source, SourcePage
from crawler.warc.records import RecordedResponse
from storage.counts import Count
from storage.records import Article

_MATCH_CPU_SECONDS = 0.4  # the reading costs more


class ReplayMixin:
    """The part of `crawler.spider.OutletSpider` that reads recorded answers."""

    def _iter_recorded_sources(self: Any) -> Iterator[Request]:
        for recorded in self.session.recorded_responses:
            if recorded.is_listing or not self.outlet.is_article(recorded.url):
                yield self._recorded_request(recorded, self.parse_recorded)

    def _iter_recorded_pages(self: Any) -> Iterator[Request]:
        for recorded in self.session.recorded_responses:
            if not recorded.is_listing and self.outlet.is_article(recorded.url):
                entry = self.session.listed_articles.find(
                    self.outlet.key_from_url(recorded.url), recorded.url
                )
                yield self._recorded_request(recorded, self.parse_page, entry=entry)

    def _recorded_request(
        self: Any, recorded: RecordedResponse, callback: Any, **kwargs: Any
    ) -> Request:
        return Request(
            recorded.url,
            callback=callback,
            errback=self.page_failed,
            cb_kwargs=kwargs,
            meta={"recorded": recorded, "dont_redirect": True, "dont_retry": True},
            dont_filter=True,
        )

    def _match_recorded(self: Any, response: Response) -> Source:
        try:
            return trial.bounded(
                lambda: match_source(self.outlet, response.url, response.body),
                cpu=_MATCH_CPU_SECONDS,
            )
        except (trial.HostileError, trial.UntriedError):
            return AnyListing(response.url)  # it is read as a page, which says what is wrong

    async def parse_recorded(self: Any, response: Response) -> AsyncIterator[Article | Request]:
        """Reads a recorded answer as a source if it is one, else as a page."""
        source = self._match_recorded(response)
        if not isinstance(source, AnyListing) and response.status == 200:
            self.session.count(Count.SOURCE_RECORDED)
            self._parse_links(response, SourcePage(source=source, url=response.url), 1)
            return
        async for article in self.parse_page(response):
            yield article
