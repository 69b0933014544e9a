"""Redirects and cookie checks of a site, and what a run says of the pages that it asked for."""

from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler

from storage import open_database
from storage.health.assessment import Health
from storage.records import Run
from tests.crawler.conftest import Answer, World, page

LISTED = range(1, 11)
ANSWERS = (
    *("page.article", "page.stub", "page.listing", "page.media", "page.blocked", "page.error"),
    *("page.truncated", "page.gone", "page.refused", "page.unreachable", "page.unchanged"),
    *("page.redirected", "page.lost"),
)


def redirect(url: str, status: int = 302, cookie: str = "") -> Answer:
    cookies = (("Set-Cookie", cookie),) if cookie else ()
    return Answer(b"", status, (("Location", url), *cookies))


def with_cookie(number: int, cookie: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A page that sends each visitor back to itself until he brings the cookie."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if cookie.partition(";")[0] in (handler.headers.get("Cookie") or ""):
            send(handler, 200, {"Content-Type": "text/html"}, page(number).encode())
        else:
            send(handler, 302, {"Location": handler.path, "Set-Cookie": cookie}, b"")

    return answer


def send(
    handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    handler.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def is_accounted_for(run: Run, asked: int) -> bool:
    counts = run.counts
    return counts["page.asked"] == asked == sum(counts.get(name, 0) for name in ANSWERS)


def health(world: World) -> Health:
    with open_database(world.url) as database:
        return database.health.current()["local"]
