"""A Scrapy download handler that answers from WARC files, so that spiders can read recordings."""

import logging
from collections import defaultdict
from hashlib import sha256
from pathlib import Path

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from w3lib.url import safe_url_string

from crawler.errors import CrawlerError
from crawler.warc.content_coding import decode_body
from crawler.warc.index import index_files, parse_response
from crawler.warc.reader import read_record
from crawler.warc.records import RecordedResponse

log = logging.getLogger(__name__)

RequestKey = tuple[str, str, bytes]


class NotRecordedError(CrawlerError):
    """Raised if no recording answers a request; a retry would not help."""


class ReplayHandler(BaseDownloadHandler):
    """Answers requests with recorded responses, in recorded order; the last one is repeated.

    A request with `recorded` in its meta gets exactly that response. A request that was not
    recorded fails with NotRecordedError, which is not retried.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._responses: dict[RequestKey, list[RecordedResponse]] = defaultdict(list)
        index = index_files(Path(file) for file in crawler.settings.getlist("NKWIRE_REPLAY"))
        for problem in index.problems:
            log.warning("%s", problem)
        for recorded in index.responses:
            key = _request_key(recorded.method, recorded.url, recorded.request_body)
            self._responses[key].append(recorded)

    async def download_request(self, request: Request) -> Response:
        """Returns the recorded response; sets `captured_at` and `warc` in the request's meta.

        Raises NotRecordedError, WarcError or OSError.
        """
        recorded = request.meta.get("recorded") or self._next_response(request)
        if recorded is None:
            raise NotRecordedError(f"not recorded: {request.method} {request.url}")
        record = read_record(recorded.file, recorded.offset, recorded.member_offset)
        message = parse_response(record)
        request.meta["captured_at"] = recorded.captured_at
        request.meta["warc"] = (recorded.file.name, recorded.offset)
        body = decode_body(message)
        headers = Headers()
        for name, value in message.headers:
            if name.lower() != "content-encoding":  # else Scrapy would decode a second time
                headers.appendlist(name, value)
        response_class = responsetypes.from_args(headers, request.url, body=body[:4096])
        return response_class(
            url=request.url,
            status=message.status,
            headers=headers,
            body=body,
            flags=["partial"] if "warc-truncated" in record.fields else [],
        )

    def _next_response(self, request: Request) -> RecordedResponse | None:
        responses = self._responses.get(_request_key(request.method, request.url, request.body))
        if not responses:
            return None
        return responses.pop(0) if len(responses) > 1 else responses[0]


def _request_key(method: str, url: str, body: bytes) -> RequestKey:
    return method, safe_url_string(url), sha256(body).digest() if body else b""
