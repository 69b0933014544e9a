"""Drops a stated content coding that the bytes of an answer contradict.

Some servers state a coding for a body that they send as plain text. Scrapy's own middleware goes by
the header alone and loses such an answer. `crawler.extract.page.page.Page` unpacks what is packed
without a coding.
"""

from scrapy.http import Request, Response

from crawler.warc.content_coding import looks_like_text

_TEXT_STARTS = (b"<", b"{", b"[", b"\xef")  # of markup, JSON, a byte-order mark


class StatedCoding:
    """Stands between the network and `HttpCompressionMiddleware`, which then unpacks rightly."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Returns the answer, without a coding if its body is plain text."""
        is_plain = response.body.lstrip()[:1] in _TEXT_STARTS and looks_like_text(response.body)
        if is_plain and response.headers.get("Content-Encoding"):
            del response.headers["Content-Encoding"]
        return response
