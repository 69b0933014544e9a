"""An invented press of many outlets on one loopback port, with faults on a timetable.

Publications and faults depend only on the start time and the outlet's number. So the evaluation
knows them without asking the server.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from pathlib import Path

FEED_LENGTH = 80
KINDS = ("feed", "feed", "listing", "sitemap", "json")  # how outlets list their articles


class Fault(StrEnum):
    """What goes wrong at a site in one window of its timetable."""

    NONE = "none"
    SERVER_ERROR = "500 for everything"
    RESET = "connections reset"
    SLOW = "slow-loris: a byte a second"
    TOO_MANY = "429 with Retry-After"
    REDIRECT_AWAY = "redirects to another host"
    REDIRECT_LOOP = "redirects without end"
    NO_SOURCE = "the source is gone (404)"
    NEW_LAYOUT = "pages of scripts only"
    NEW_LISTING = "listing or feed of another kind"
    CAPTCHA = "a captcha in place of pages"
    FORBIDDEN = "403 for everything"
    ROBOTS_ERROR = "robots.txt answers 503"
    ROBOTS_CLOSED = "robots.txt forbids all"
    ERROR_PAGES = "error pages with status 200"
    EMPTY_FEED = "nothing is listed"
    LYING_FEED = "ETag that never changes, dates in the future"
    QUIET = "an empty day: nothing new"


FAULTS = tuple(Fault)[1:]


@dataclass(frozen=True, slots=True)
class Plan:
    """The timetable of a press. Times are in seconds.

    `begin` is Unix time. `faults_until` and `news_until` count from `begin` and end the faults and
    the publications. In each `cycle` each outlet has one fault, which lasts `window`. The fault
    differs from cycle to cycle.
    """

    begin: float
    outlets: int = 30
    every: float = 20.0
    gap: float = 30.0  # between two articles of an outlet
    cycle: float = 260.0
    window: float = 110.0
    faults_until: float = 1200.0
    news_until: float = 1260.0

    def fault_at(self, outlet: int, at: float) -> Fault:
        """Returns the fault of an outlet at a Unix time."""
        since = at - self.begin - self.cycle * 0.2
        number, within = divmod(since + outlet * self.cycle / self.outlets, self.cycle)
        if since < 0 or at - self.begin > self.faults_until or within >= self.window:
            return Fault.NONE
        return FAULTS[(outlet + int(number) * 5) % len(FAULTS)]

    def steady_fault(self, outlet: int, start: float, end: float) -> Fault | None:
        """Returns the fault that lasted from `start` to `end`, or None if it changed in between."""
        times = [start, end, *(start + step for step in range(int(end - start)))]
        faults = {self.fault_at(outlet, at) for at in times}
        return faults.pop() if len(faults) == 1 else None

    def published_articles(self, outlet: int, at: float) -> list[tuple[int, float]]:
        """Returns number and Unix time of each article published until `at`.

        During Fault.QUIET nothing is published.
        """
        gap = self.gap * (0.7 + 0.6 * (outlet * 7 % 10) / 10)
        last = min(at - self.begin, self.news_until)
        articles = [(0, self.begin - 60.0)]
        for number in range(1, int(last / gap) + 1 if last > 0 else 1):
            published_at = self.begin + number * gap
            if self.fault_at(outlet, published_at) is not Fault.QUIET:
                articles.append((number, published_at))
        return articles


def outlet_name(outlet: int) -> str:
    """Returns an outlet's name. Its host is this name below `.example`."""
    return f"press-{outlet:02d}"


def outlet_host(outlet: int) -> str:
    """Returns an outlet's host name."""
    return f"{outlet_name(outlet)}.example"


def listing_kind(outlet: int) -> str:
    """Returns the kind of an outlet's source, one of KINDS."""
    return KINDS[outlet % len(KINDS)]


def text(outlet: int, number: int) -> str:
    """Returns the paragraphs of an article. Every fifth article copies that of the first outlet."""
    text_outlet = 0 if number and number % 5 == 0 else outlet
    return "".join(
        f"<p>Sentence {part} of report {number} from bureau {text_outlet}: the granite harbour of Pyongyang "
        f"was widened by {(part * 31 + number * 7 + text_outlet * 13) % 997} steps, the lantern office of "
        f"district {number * 17 + text_outlet * 3 + part} said on the occasion.</p>"
        for part in range(7)
    )


def page(outlet: int, number: int, published_at: float) -> str:
    """Returns an article's page in the usual layout. `published_at` is a Unix time."""
    at = datetime.fromtimestamp(published_at, UTC).isoformat(timespec="seconds")
    return (
        f"<html lang=en><head><title>Report {number} of bureau {outlet}</title>"
        f'<meta property="article:published_time" content="{at}"></head><body><article>'
        f"<h1>Report {number} of bureau {outlet}</h1>{text(outlet, number)}</article></body></html>"
    )


SCRIPT_PAGE = (
    "<html><head><title>Welcome</title></head><body><div id=app></div>"
    "<script>window.start({articles: []})</script></body></html>"
)
CAPTCHA = (
    "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
    '<form id="challenge-form"><div class="g-recaptcha" data-sitekey="x"></div>'
    "<p>Please complete the security check to access this site. Verify you are human.</p></form>"
    "</body></html>"
)
NOT_FOUND_PAGE = (
    "<html><head><title>Page not found</title></head><body><h1>404 - Page not found</h1>"
    "<p>The page you are looking for does not exist or has been moved.</p></body></html>"
)


def listing(outlet: int, articles: list[tuple[int, float]]) -> tuple[str, str]:
    """Returns content type and body of an outlet's source, in the outlet's kind."""
    rows = [
        (f"/news/{number}", f"Report {number} of bureau {outlet}", datetime.fromtimestamp(at, UTC))
        for number, at in articles
    ]
    match listing_kind(outlet):
        case "listing":
            lines = "".join(
                f'<li class="row"><a href="{url}">{title}</a> <time>{at:%Y-%m-%d %H:%M:%S}</time></li>'
                for url, title, at in rows
            )
            return "text/html; charset=utf-8", f"<html><body><ul>{lines}</ul></body></html>"
        case "sitemap":
            lines = "".join(
                f"<url><loc>http://{outlet_host(outlet)}{url}</loc><news:news><news:publication_date>"
                f"{at.isoformat()}</news:publication_date><news:title>{title}</news:title>"
                "</news:news></url>"
                for url, title, at in rows
            )
            sitemap_namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
            news_namespace = "http://www.google.com/schemas/sitemap-news/0.9"
            return (
                "application/xml",
                f'<urlset xmlns="{sitemap_namespace}" xmlns:news="{news_namespace}">{lines}</urlset>',
            )
        case "json":
            entries = [
                {"url": path, "title": headline, "date": at.isoformat()}
                for path, headline, at in rows
            ]
            return "application/json", json.dumps({"rows": entries})
    lines = "".join(
        f"<item><title>{title}</title><link>http://{outlet_host(outlet)}{url}</link>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for url, title, at in rows
    )
    return "application/rss+xml", f'<rss version="2.0"><channel>{lines}</channel></rss>'


@dataclass(frozen=True, slots=True)
class MockResponse:
    """A response of the press. `seconds_per_byte` is the pause between two bytes."""

    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    seconds_per_byte: float = 0.0
    resets_connection: bool = False


NOT_FOUND = MockResponse(404, body=NOT_FOUND_PAGE)


def make_response(plan: Plan, outlet: int, path: str, at: float) -> MockResponse:
    """Returns an outlet's response to a request for `path` at a Unix time."""
    fault = plan.fault_at(outlet, at)
    if site_fault_response := _site_fault_response(fault):
        return site_fault_response
    if path == "/robots.txt":
        return _robots(fault)
    if path == "/source":
        return _source(plan, outlet, fault, at)
    return _page(plan, outlet, fault, path, at)


def _site_fault_response(fault: Fault) -> MockResponse | None:
    """Returns the response of a fault that affects every path, else None."""
    match fault:
        case Fault.SERVER_ERROR:
            return MockResponse(500, body="<h1>Internal Server Error</h1>")
        case Fault.RESET:
            return MockResponse(resets_connection=True)
        case Fault.SLOW:
            return MockResponse(body="x" * 600, seconds_per_byte=1.0)
        case Fault.TOO_MANY:
            return MockResponse(429, headers=(("Retry-After", "30"),))
        case Fault.FORBIDDEN:
            return MockResponse(403, body="<h1>Forbidden</h1>")
    return None


def _robots(fault: Fault) -> MockResponse:
    if fault is Fault.ROBOTS_ERROR:
        return MockResponse(503, "text/plain", headers=(("Retry-After", "1"),))
    rule = "Disallow: /" if fault is Fault.ROBOTS_CLOSED else "Allow: /"
    return MockResponse(200, "text/plain", f"User-agent: *\n{rule}\n")


def _source(plan: Plan, outlet: int, fault: Fault, at: float) -> MockResponse:
    match fault:
        case Fault.REDIRECT_AWAY:
            return MockResponse(302, headers=(("Location", "http://elsewhere.example/source"),))
        case Fault.REDIRECT_LOOP:
            return MockResponse(
                302, headers=(("Location", f"http://{outlet_host(outlet)}/source"),)
            )
        case Fault.NO_SOURCE:
            return NOT_FOUND
        case Fault.NEW_LISTING:
            return MockResponse(body=SCRIPT_PAGE)
        case Fault.EMPTY_FEED:
            return MockResponse(200, *listing(outlet, []))
    articles = plan.published_articles(outlet, at)[-FEED_LENGTH:]
    if fault is Fault.LYING_FEED:
        articles = [(number, published_at + 30 * 86400) for number, published_at in articles]
        return MockResponse(200, *listing(outlet, articles[::-1]), headers=(("ETag", '"always"'),))
    return MockResponse(200, *listing(outlet, articles[::-1]))


def _page(plan: Plan, outlet: int, fault: Fault, path: str, at: float) -> MockResponse:
    published_times = dict(plan.published_articles(outlet, at))
    digits = path.removeprefix("/news/")
    if not digits.isdecimal() or int(digits) not in published_times:
        return NOT_FOUND
    match fault:
        case Fault.NEW_LAYOUT:
            return MockResponse(body=SCRIPT_PAGE)
        case Fault.CAPTCHA:
            return MockResponse(body=CAPTCHA)
        case Fault.ERROR_PAGES:
            return MockResponse(body=NOT_FOUND_PAGE)
    return MockResponse(body=page(outlet, int(digits), published_times[int(digits)]))


Log = Callable[[dict[str, object]], None]


class Press:
    """Serves the press and logs each request as one line."""

    def __init__(self, plan: Plan, log: Log) -> None:
        self._plan = plan
        self._log = log
        self._open: dict[int, int] = {}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                request_line, *lines = head.decode("latin-1").split("\r\n")
                host_header = next(
                    (line for line in lines if line.lower().startswith("host:")), "host: press-99"
                )
                outlet = int(host_header.partition(":")[2].strip()[6:8])
                if not await self._respond(outlet, request_line.split(" ")[1], writer):
                    break
        writer.close()

    async def _respond(self, outlet: int, path: str, writer: asyncio.StreamWriter) -> bool:
        at = time.time()
        response = make_response(self._plan, outlet, path, at)
        self._open[outlet] = self._open.get(outlet, 0) + 1
        hosts = sum(1 for number in self._open.values() if number)
        entry = {
            "at": at,
            "outlet": outlet,
            "path": path,
            "status": response.status,
            "hosts": hosts,
        }
        self._log(entry | {"open": self._open[outlet]})
        try:
            if response.resets_connection:
                writer.transport.abort()
                return False
            return await self._send(response, writer)
        finally:
            self._open[outlet] -= 1

    async def _send(self, response: MockResponse, writer: asyncio.StreamWriter) -> bool:
        body = response.body.encode()
        headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
        writer.write(
            f"HTTP/1.1 {response.status} X\r\nContent-Type: {response.content_type}\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
        )
        if not response.seconds_per_byte:
            writer.write(body)
            await writer.drain()
            return True
        for byte in body:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(response.seconds_per_byte)
        return True


async def serve(plan: Plan, log: Path, port_file: Path) -> None:
    """Serves on a free loopback port until killed. Writes the port to `port_file`."""
    with log.open("a", buffering=1) as log_file:
        press = Press(plan, lambda entry: print(json.dumps(entry), file=log_file))
        server = await asyncio.start_server(press.handle, "127.0.0.1", 0)
        port_file.with_suffix(".part").write_text(str(server.sockets[0].getsockname()[1]))
        port_file.with_suffix(".part").rename(port_file)
        await server.serve_forever()


def write_plan(plan: Plan, file: Path) -> None:
    """Writes a plan as JSON."""
    file.write_text(json.dumps(asdict(plan)))


def read_plan(file: Path) -> Plan:
    """Reads a plan that `write_plan` wrote."""
    return Plan(**json.loads(file.read_text()))


def main() -> None:
    """Serves the plan in a folder: `python -m benchmarks.soak.mock_press FOLDER`."""
    folder = Path(sys.argv[1])
    asyncio.run(serve(read_plan(folder / "plan.json"), folder / "asked.jsonl", folder / "port"))


if __name__ == "__main__":
    main()
