"""Follows redirects hop by hop, sends back the cookies that they set, and ends a circle."""

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Request, Response
from scrapy.http.cookies import CookieJar
from scrapy.settings import BaseSettings

from crawler.crawl.causes import RedirectCircleError

MAX_COOKIES = 50  # as many as RFC 6265 asks of a browser for one host; with more, all are dropped


class Redirects(RedirectMiddleware):
    """Scrapy's redirects, with the two habits of a browser that a cookie check counts on.

    Some sites set a cookie and send the visitor back to the same address. So the cookies of
    redirects go back to their hosts until the run ends; no other cookie does. An address that
    comes up again in one chain is asked for once more if a redirect of the chain set a cookie.
    Else the chain is a circle.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        # With cookies turned on, Scrapy's own middleware keeps them all.
        self._jar = None if settings.getbool("COOKIES_ENABLED") else CookieJar()

    def process_request(self, request: Request) -> None:
        """Adds the cookies that redirects have set for this address."""
        if self._jar is not None and len(self._jar):
            request.headers.pop("Cookie", None)
            self._jar.add_cookie_header(request)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Returns the request for the next hop. Raises RedirectCircleError."""
        redirected = super().process_response(request, response)
        if not isinstance(redirected, Request):
            return redirected
        if "Set-Cookie" in response.headers:
            redirected.meta["redirect_cookie"] = True
            if self._jar is not None:
                self._jar.extract_cookies(response, request)
                if len(self._jar) > MAX_COOKIES:
                    self._jar.clear()
        asked = redirected.meta["redirect_urls"].count(redirected.url)
        if asked > bool(redirected.meta.get("redirect_cookie")):
            raise RedirectCircleError(f"redirects in a circle: {_chain(redirected)}")
        return redirected


def _chain(redirected: Request) -> str:
    return " to ".join([*redirected.meta["redirect_urls"], redirected.url])
