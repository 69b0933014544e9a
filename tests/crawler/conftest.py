"""A loopback site that answers as told, crawls in child processes, and what they left behind."""

import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawler.crawl.options import CrawlOptions
from crawler.extract.page.rules import Rules
from crawler.sources import Feed
from storage import open_database
from storage.reading.rows import ArticleRow
from storage.records import Run
from tests.crawler import child

TIMEOUT = 120


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `length`: whether it says how long it is (else the connection's end does)."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    length: bool = True
    cut: int | None = None


@dataclass(frozen=True)
class Asked:
    """One request that the site has seen."""

    path: str
    method: str
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass
class Site:
    """Answers by path: an Answer, several (the last for ever), or a function of the handler."""

    port: int
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def paths(self, start: str = "/") -> list[str]:
        """What was asked for, robots.txt left out."""
        paths = [asked.path for asked in self.asked if asked.path.startswith(start)]
        return [path for path in paths if path != "/robots.txt"]

    def put(self, path: str, body: str | bytes, **fields: Any) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.answers[path] = Answer(data, **fields)

    def put_article(self, number: int, words: str = "") -> None:
        """An article page about North Korea, of some 900 characters."""
        self.put(f"/news/{number}", page(number, words))

    def put_feed(self, numbers: Any, path: str = "/feed", **fields: str) -> None:
        self.put(path, feed(numbers, **fields), headers=(("Content-Type", "application/rss+xml"),))

    def next_answer(self, path: str) -> Any:
        answer = self.answers.get(path, self.answers.get(path.partition("?")[0]))
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        if answer is None:
            return Answer(b"<html><h1>Not found</h1></html>", status=404)
        return answer


def page(number: int, words: str = "") -> str:
    """An invented article with the structure of a plain news page."""
    sentences = "".join(
        f"<p>Sentence {part} of report {number}: the granite harbour of Pyongyang was widened by "
        f"{part * number + 7} steps, the lantern office said.</p>"
        for part in range(6)
    )
    return (
        f"<html><head><title>Report {number} from North Korea</title></head><body><article>"
        f"<h1>Report {number} from North Korea</h1>{sentences}<p>{words}</p>"
        "</article></body></html>"
    )


def feed(numbers: Any, **fields: str) -> str:
    """RSS with one item a number, the highest the latest."""
    now = datetime.now(UTC)
    items = "".join(
        f"<item><title>Report {n} from North Korea</title><link>/news/{n}</link>"
        f"<pubDate>{(now - timedelta(hours=100 - n)).strftime('%a, %d %b %Y %H:%M:%S GMT')}</pubDate>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        + "</item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for its header to be acknowledged
    site: Site

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.asked.append(Asked(self.path, self.command, headers, body, time.monotonic()))
        answer = self.site.next_answer(self.path)
        try:
            if isinstance(answer, Answer):
                self._send(answer)
            else:
                answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_POST = do_GET

    def _send(self, answer: Answer) -> None:
        if not answer.length:
            self.protocol_version = "HTTP/1.0"
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.length:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
        self.close_connection = not answer.length or answer.cut is not None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are part of the tests."""


def serve(tls: ssl.SSLContext | None = None) -> tuple[Site, ThreadingHTTPServer]:
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site = Site(server.server_address[1])
    site.put("/robots.txt", "User-agent: *\nAllow: /\n")
    handler.site = site  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return site, server


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of our own on loopback."""
    made, server = serve()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def other_site() -> Iterator[Site]:
    """A second site, which the outlet does not own."""
    made, server = serve()
    yield made
    server.shutdown()
    server.server_close()


Declaration = dict[str, Any]
Declare = Callable[..., Declaration]


@pytest.fixture
def declare(site: Site) -> Declare:
    """An outlet on the site, one feed; whatever else is given wins."""

    def declared(**fields: Any) -> Declaration:
        return {
            "name": "local",
            "every": timedelta(hours=1),
            "languages": ("en",),
            "country": "US",
            "timezone": "UTC",
            "hosts": (site.host,),
            "rights": "full",
            "sources": (Feed(site.url("/feed")),),
            "article": r"/news/\d+",
            "rules": (Rules(title="h1", body="article p"),),
            "delay": 0.001,
            **fields,
        }

    return declared


@dataclass
class World:
    """Crawls, and the database and files that they leave."""

    home: Path
    pool: ProcessPoolExecutor
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home / 'nkwire.db'}"

    def options(self, **fields: Any) -> CrawlOptions:
        settings = {
            "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.0/8"],
            "NKWIRE_RETRY_AFTER": 0.05,
            **self.settings,
            **fields.pop("settings", {}),
        }
        given = {"home": self.home, "database_url": self.url, "settings": settings, **fields}
        return CrawlOptions(**given)

    def crawl(self, declaration: Declaration | str, **fields: Any) -> Run:
        asked = self.pool.submit(child.run_crawl, declaration, self.options(**fields))
        return asked.result(TIMEOUT)

    def ingest(self, *files: Path, **fields: Any) -> list[Run]:
        asked = self.pool.submit(child.run_ingest, list(files), self.options(**fields))
        return asked.result(TIMEOUT)

    def articles(self) -> list[ArticleRow]:
        database = open_database(self.url)
        try:
            return sorted(database.articles.iter(), key=lambda row: row.url)
        finally:
            database.close()

    def warcs(self) -> list[Path]:
        return sorted(self.home.glob("warc/**/*.warc.gz"))


@pytest.fixture(scope="session")
def empty_database(empty_sqlite: Path) -> Path:
    """A database with tables and nothing in them, to copy."""
    return empty_sqlite


@pytest.fixture
def world(tmp_path: Path, children: ProcessPoolExecutor, empty_database: Path) -> World:
    """A home for crawls, with an empty database."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(empty_database, home / "nkwire.db")
    return World(home, children)
