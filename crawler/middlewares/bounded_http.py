"""A download handler that ends an answer whose head, or whose framing, does not end.

Scrapy's limit counts the bytes of the body only, and Twisted bounds one line but not their number.
"""

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, ResponseDataLossError
from scrapy.http import Request, Response
from twisted.web._newclient import BODY, ParseError

from crawler.crawl.causes import EndlessAnswerError
from crawler.errors import CrawlerError

MAX_HEAD_BYTES = 256 * 1024  # as Chromium allows
MAX_HEAD_LINES = 1000  # of the answer, and of all 1xx answers before it
MAX_FRAMING_BYTES = 256 * 1024  # beyond the size of the body itself


class _TooMuchError(ParseError, CrawlerError):
    """Raised inside Twisted's parser, which then fails the request."""


class _BoundedParser(_LenientHTTPClientParser):
    """Counts what is no content: the lines before the body, and the framing of chunks."""

    _head_lines = 0
    _head_bytes = 0
    _framing_bytes = 0

    def lineReceived(self, line: bytes) -> None:
        self._head_lines += 1
        self._head_bytes += len(line) + 1
        if self._head_lines > MAX_HEAD_LINES or self._head_bytes > MAX_HEAD_BYTES:
            self._refuse("header")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        self._refuse("line of the header")

    def switchToBodyMode(self, decoder: Any) -> None:
        super().switchToBodyMode(decoder)  # type: ignore[no-untyped-call]
        deliver = getattr(decoder, "dataCallback", None)
        if deliver is None:
            return

        def count(data: bytes) -> None:
            self._framing_bytes -= 2 * len(data)
            deliver(data)

        decoder.dataCallback = count

    def rawDataReceived(self, data: bytes) -> None:
        self._framing_bytes += len(data)
        super().rawDataReceived(data)  # type: ignore[no-untyped-call]
        if self.state == BODY and self._framing_bytes > MAX_FRAMING_BYTES:
            self._refuse("framing of the body")

    def _refuse(self, part: str) -> None:
        # Closing politely would wait for the other side, which goes on sending.
        transport: Any = self.transport
        transport._producer.abortConnection()
        message = f"the {part} of the answer does not end"
        raise _TooMuchError(message, b"")  # type: ignore[no-untyped-call]


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        answered = super().request(request)
        assert self._parser is not None
        self._parser.__class__ = _BoundedParser  # as its base class does
        return answered


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, with bounds for all that an answer may hold."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory

    async def download_request(self, request: Request) -> Response:
        """Returns the answer. Raises EndlessAnswerError."""
        try:
            return await super().download_request(request)
        except (DownloadFailedError, ResponseDataLossError) as error:
            reasons = getattr(error.__cause__, "reasons", ())
            if found := next((r.value for r in reasons if r.check(_TooMuchError)), None):
                raise EndlessAnswerError(str(found.args[0])) from error
            raise
