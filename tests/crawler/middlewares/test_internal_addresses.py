"""Every spelling of an internal address, by every way that leads a crawl on: nobody knocks there."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from crawler.sources import Feed, Listing, Sitemap
from tests.crawler.conftest import Answer, Declare, Site, World, page

SPELLINGS = [
    "127.0.0.2", "127.2", "127.0.2", "2130706434", "0x7f000002", "0X7F000002", "0x7f.0.0.2", "0x7f.2",
    "0177.0.0.2", "0177.2", "017700000002", "127.0.0.02", "127.0.0.0x2", "0x7F.0X0.0.2",
    "127.00.00.002", "127.0.0.2.", "127.1.1.1", "127.255.255.254", "127.9", "0", "0.0.0.0", "0x0", "00",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]", "[::]", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]",
    "[::FFFF:127.0.0.2]", "[0:0:0:0:0:ffff:127.0.0.2]", "[::127.0.0.2]", "[64:ff9b::7f00:2]",
    "[2002:7f00:2::]", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost",
    "kcna.kp@127.0.0.2", "kcna.kp:80@127.0.0.2", "１２７.0.0.2", "127。0。0。2", "①②⑦.0.0.2",
    "127%2e0.0.2", "%31%32%37.0.0.2",
]  # fmt: skip
DECLARABLE = re.compile(r"[a-z0-9.-]+\.[a-z0-9-]+")


class _Inside(ThreadingHTTPServer):
    """A service on all addresses of this machine, of both families, that notes who asks."""

    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


@pytest.fixture
def inside() -> Iterator[tuple[int, list[str]]]:
    """The port of the service that must never be asked, and what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers['Host']} {self.path}")
            body = page(666).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Inside(("::", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1], asked
    server.shutdown()
    server.server_close()


def as_feed(site: Site, urls: list[str]) -> Any:
    items = "".join(f"<item><link>{escape(url)}</link></item>" for url in urls)
    site.put("/s", f"<rss><channel>{items}</channel></rss>")
    return Feed(site.url("/s"))


def as_sitemap(site: Site, urls: list[str]) -> Any:
    entries = "".join(f"<url><loc>{escape(url)}</loc></url>" for url in urls)
    site.put("/s", f"<urlset>{entries}</urlset>")
    return Sitemap(site.url("/s"))


def as_index(site: Site, urls: list[str]) -> Any:
    entries = "".join(f"<sitemap><loc>{escape(url)}</loc></sitemap>" for url in urls)
    site.put("/s", f"<sitemapindex>{entries}</sitemapindex>")
    return Sitemap(site.url("/s"), newest=len(urls))


def as_listing(site: Site, urls: list[str]) -> Any:
    rows = "".join(f'<li><a href="{escape(url)}">An article</a></li>' for url in urls)
    site.put("/s", rows)
    return Listing(site.url("/s"), item="li")


def as_redirects(site: Site, urls: list[str]) -> Any:
    for n, url in enumerate(urls):
        site.answers[f"/news/{n}"] = Answer(
            status=302, headers=(("Location", url.encode().decode("latin-1")),)
        )
    return put_feed(site, urls)


def as_refreshes(site: Site, urls: list[str]) -> Any:
    for n, url in enumerate(urls):
        head = f'<html><meta http-equiv="refresh" content="0; url={escape(url)}">'
        site.put(f"/news/{n}", head + page(n))
    return put_feed(site, urls)


def as_canonicals(site: Site, urls: list[str]) -> Any:
    for n, url in enumerate(urls):
        site.put(
            f"/news/{n}", page(n).replace("<head>", f'<head><link rel=canonical href="{url}">')
        )
    return put_feed(site, urls)


def as_pages_of_a_base(site: Site, urls: list[str]) -> Any:
    for n, url in enumerate(urls):
        site.put(f"/list{n}", f'<base href="{escape(url)}"><li><a href="/news/1">One</a></li>')
    return tuple(Listing(site.url(f"/list{n}"), item="li") for n in range(len(urls)))


def put_feed(site: Site, urls: list[str]) -> Any:
    site.put_feed(range(len(urls)))
    return Feed(site.url("/feed"))


CARRIERS: list[Callable[[Site, list[str]], Any]] = [
    *(as_feed, as_sitemap, as_index, as_listing),
    *(as_redirects, as_refreshes, as_canonicals, as_pages_of_a_base),
]


@pytest.mark.threats("S1")
@pytest.mark.parametrize("own", [False, True], ids=["another host", "a host of its own"])
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda each: each.__name__)
def test_no_spelling_of_an_internal_address_is_asked_by_any_way(
    carrier: Callable[[Site, list[str]], Any],
    own: bool,
    site: Site,
    inside: tuple[int, list[str]],
    declare: Declare,
    world: World,
) -> None:
    port, asked = inside
    urls = [f"http://{each}:{port}/news/1" for each in SPELLINGS]
    assert len(urls) >= 40
    source = carrier(site, urls)
    # An outlet that calls the addresses its own leaves only the guard of addresses between.
    names = {each.rpartition("@")[2] for each in SPELLINGS if own}
    hosts = (site.host, *(f"{each}:{port}" for each in sorted(names) if DECLARABLE.fullmatch(each)))
    declaration = declare(
        sources=source if isinstance(source, tuple) else (source,), hosts=hosts, article=r"/news/"
    )
    settings = {"NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"], "NKWIRE_PORTS": [port]}
    world.crawl(declaration, settings={**settings, "RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 5})
    assert asked == []
    assert site.paths() != []
    assert not [row for row in world.articles() if "666" in row.title]


@pytest.mark.threats("S1")
@pytest.mark.parametrize("path", ["/robots.txt", "/feed"])
@pytest.mark.parametrize("spelling", ["127.0.0.2", "0x7f.2", "0177.2", "localhost.localdomain"])
def test_neither_robots_txt_nor_a_source_leads_inside(
    spelling: str,
    path: str,
    site: Site,
    inside: tuple[int, list[str]],
    declare: Declare,
    world: World,
) -> None:
    port, asked = inside
    place = f"http://{spelling}:{port}{path}".encode().decode("latin-1")
    site.put_feed([1])
    site.answers[path] = Answer(status=301, headers=(("Location", place),))
    settings = {"NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"], "NKWIRE_PORTS": [port]}
    world.crawl(declare(hosts=(site.host, f"{spelling}:{port}")), settings=settings)
    assert asked == []
