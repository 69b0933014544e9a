"""Chromium has no network of its own: what a page sends past all sessions reaches nobody."""

import gzip
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from crawler.middlewares.browser import (
    BROWSER_EXECUTABLES,
    NO_NETWORK,
    NoBrowserError,
    find_executable,
)
from crawler.middlewares.browser_handler import MAX_REQUESTS
from crawler.sources import Listing
from tests.crawler import child
from tests.crawler.conftest import Answer, Declare, Site, World, page

pytestmark = [pytest.mark.browser, pytest.mark.threats("S1")]

ITEM = '<ul><li><a href="/news/1">Report 1 from North Korea</a></li></ul>'
HTML = ("Content-Type", "text/html; charset=utf-8")


@dataclass
class Doors:
    """Loopback sockets for TCP and UDP, and what knocked at them."""

    port: int
    knocks: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", autouse=True)
def chromium() -> str:
    try:
        return find_executable("")
    except NoBrowserError:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSER_EXECUTABLES)}")


@pytest.fixture
def doors(site: Site) -> Iterator[Doors]:
    """Another port of the site's address, by TCP and UDP; the site's port of another address."""
    selector = selectors.DefaultSelector()
    tcp, inner = socket.create_server(("127.0.0.1", 0)), socket.socket()
    found = Doors(tcp.getsockname()[1])
    inner.bind(("127.0.0.2", site.port))
    inner.listen()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", found.port))
    wake, ended = socket.socketpair()
    for name, each in {"tcp": tcp, "inner": inner, "udp": udp, "": ended}.items():
        selector.register(each, selectors.EVENT_READ, name)

    def watch() -> None:
        while True:
            for key, _ in selector.select():
                if not key.data:
                    return
                found.knocks.append(key.data)
                if key.data == "udp":
                    udp.recv(2048)
                else:
                    (tcp if key.data == "tcp" else inner).accept()[0].close()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield found
    wake.send(b"x")
    thread.join()
    for each in (tcp, inner, udp, wake, ended):
        each.close()
    selector.close()


# {to}: an address to reach; {place}: host and port of it.
CARRIERS = {
    "speculation": '<script type="speculationrules">{{"prefetch": [{{"source": "list", "urls": '
    '["{to}"], "eagerness": "immediate"}}], "prerender": [{{"urls": ["{to}"]}}]}}</script>',
    "late speculation": '<script>document.head.append(Object.assign(document.createElement("script"),'
    "{{type: 'speculationrules', text: JSON.stringify({{prefetch: [{{urls: ['{to}']}}]}})}}))</script>",
    "document rules": '<a href="{to}">x</a><script type="speculationrules">{{"prefetch": [{{"source": '
    '"document", "eagerness": "immediate"}}]}}</script>',
    "prefetch": '<link rel="prefetch" href="{to}">',
    "prerender": '<link rel="prerender" href="{to}">',
    "preconnect": '<link rel="preconnect" href="{to}"><link rel="preconnect" crossorigin href="{to}">',
    "dns": '<meta http-equiv="x-dns-prefetch-control" content="on">'
    '<link rel="dns-prefetch" href="{to}">',
    "icon": '<link rel="icon" href="{to}"><link rel="manifest" href="{to}">',
    "stun": '<script>try {{ let c = new RTCPeerConnection({{iceServers: [{{urls: "stun:{place}"}}, '
    '{{urls: "turn:{place}?transport=tcp", username: "a", credential: "b"}}]}});'
    'c.createDataChannel("x"); c.createOffer().then(o => c.setLocalDescription(o)) }} catch {{}}'
    "</script>",
    "transport": '<script>new WebTransport("https://{place}/x").ready.catch(() => 0)</script>',
    "socket": '<script>new WebSocket("ws://{place}/x")</script>',
    "service worker": '<script>navigator.serviceWorker.register("/worker.js?{to}")</script>',
    "worker": '<script>new Worker("/worker.js?{to}"); new SharedWorker("/worker.js?{to}")</script>',
    "window": '<a id="{to}" target="_blank" rel="noopener" href="{to}">x</a><script>'
    'document.getElementById("{to}").click(); window.open("{to}")</script>',
    "frame": '<iframe srcdoc=\'<link rel="preconnect" href="{to}"><link rel="prefetch" href="{to}">'
    "'></iframe>",
    "ping": '<a id="p{to}" ping="{to}" href="#x">x</a><script>'
    'document.getElementById("p{to}").click()</script>',
}
WORKER = "fetch(location.search.slice(1)).catch(() => 0)"


def carrying(carriers: list[str], targets: list[str]) -> str:
    return "".join(
        CARRIERS[each].format(to=to, place=to.split("/")[2]) for each in carriers for to in targets
    )


@pytest.mark.parametrize(
    "carriers",
    [list(CARRIERS)[:8], list(CARRIERS)[8:]],
    ids=["hints", "scripts"],
)
def test_no_carrier_leads_the_browser_out(
    site: Site, doors: Doors, declare: Declare, world: World, carriers: list[str]
) -> None:
    rebound = f"rebound.test:{site.port}"
    forbidden = site.url("/private/1")
    outside = [f"http://{host}:{doors.port}/x" for host in ("127.0.0.1", "localhost", "127.1")]
    targets = [*outside, forbidden, f"http://rebound.test:{site.port}/x"]
    attack = carrying(carriers, targets)
    links = ", ".join(
        f"<{to}>; rel={how}; as=script"
        for to in targets
        for how in ("prefetch", "preload", "preconnect", "dns-prefetch")
    )
    headers = (
        HTML,
        ("Link", links),
        ("Speculation-Rules", f'"{outside[0]}", "/rules"'),
        ("Alt-Svc", f'h3=":{doors.port}", h2=":{doors.port}"'),
    )
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n", length=False)
    site.put("/private/1", page(2))
    site.put("/rules", f'{{"prefetch": [{{"urls": ["{forbidden}"]}}]}}')
    site.put("/worker.js", WORKER, headers=(("Content-Type", "text/javascript"),))
    site.put("/list", ITEM + attack, headers=headers)
    site.put("/news/1", page(1).replace("</body>", attack + "</body>"), headers=headers)
    declaration = declare(
        sources=(Listing(site.url("/list"), item="li"),), browser=True, hosts=(site.host, rebound)
    )
    settings = {
        "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"],
        "RETRY_ENABLED": False,
    }
    names = {"rebound.test": ["127.0.0.1", "127.0.0.2"]}
    run = world.pool.submit(
        child.crawl_with_names, declaration, world.options(settings=settings), names
    ).result(120)
    assert doors.knocks == []
    assert site.paths("/private") == []
    (row,) = world.articles()
    assert row.url.partition("#")[0] == site.url("/news/1"), run.cause


def test_a_page_of_a_name_that_resolves_elsewhere_at_the_second_look_is_not_fetched(
    site: Site, doors: Doors, declare: Declare, world: World
) -> None:
    rebound = f"rebound.test:{site.port}"
    site.put("/robots.txt", "", length=False)  # so that the connection is not used again
    site.put("/list", ITEM)
    site.answers["/news/1"] = Answer(status=302, headers=(("Location", f"http://{rebound}/2"),))
    declaration = declare(
        sources=(Listing(site.url("/list"), item="li"),), browser=True, hosts=(site.host, rebound)
    )
    settings = {"NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"]}
    names = {"rebound.test": ["127.0.0.1", "127.0.0.2"]}
    run = world.pool.submit(
        child.crawl_with_names, declaration, world.options(settings=settings), names
    ).result(120)
    assert doors.knocks == []
    assert site.paths("/2") == []
    assert "the host name has no address" in run.cause


def knocks_of(doors: Doors, chromium: str, arguments: tuple[str, ...]) -> set[str]:
    """What a page reaches in a browser that nobody guards but its arguments."""
    doors.knocks.clear()
    ways = carrying(
        ["prefetch", "preconnect", "stun", "frame"],
        [f"http://{host}:{doors.port}/x" for host in ("127.0.0.1", "localhost", "2130706433")],
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(arguments))
        opened = browser.new_page()
        opened.route("**/start", lambda route: route.fulfill(body=ways, content_type="text/html"))
        opened.goto("http://127.0.0.1/start")
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            with suppress(PlaywrightError):
                opened.context.new_page().goto(f"http://{host}:{doors.port}/x")
        opened.wait_for_timeout(1000)
        browser.close()
    return set(doors.knocks)


def test_the_arguments_alone_keep_the_browser_from_everybody(doors: Doors, chromium: str) -> None:
    assert knocks_of(doors, chromium, ()) == {"tcp", "udp"}  # so the ways of this test work
    assert knocks_of(doors, chromium, NO_NETWORK) == set()


@pytest.mark.threats("S12")
def test_a_crawl_with_a_browser_opens_no_door(site: Site, declare: Declare, world: World) -> None:
    site.put("/list", ITEM)
    site.put("/news/1", page(1))
    declaration = declare(sources=(Listing(site.url("/list"), item="li"),), browser=True)
    crawl = world.pool.submit(child.sockets_during_crawl, declaration, world.options())
    assert crawl.result(120) == []


def test_a_page_that_asks_without_end_is_read_and_fetches_no_more(
    site: Site, declare: Declare, world: World
) -> None:
    loop = "<script>(async () => { for (;;) await fetch('/more').catch(() => 0) })()</script>"
    site.put("/more", "x")
    site.put("/list", ITEM)
    site.put("/news/1", page(1).replace("</body>", loop + "</body>"))
    declaration = declare(sources=(Listing(site.url("/list"), item="li"),), browser=True)
    run = world.crawl(declaration)
    assert len(world.articles()) == 1, run.cause
    assert 0 < len(site.paths("/more")) <= MAX_REQUESTS


def test_parts_of_a_page_keep_their_coding_cookies_and_bodies(
    site: Site, declare: Declare, world: World
) -> None:
    script = (
        "<script>fetch('/api', {method: 'POST', body: 'which=\u00e9'}).then(a => a.text())"
        ".then(t => document.body.innerHTML = t)</script>"
    )
    packed = (HTML, ("Content-Encoding", "gzip"))
    cookies = (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/"))
    site.put("/list", ITEM)
    site.put("/news/1", gzip.compress(script.encode()), headers=(*packed, *cookies))
    site.put("/api", gzip.compress(page(1).encode()), headers=packed)
    declaration = declare(sources=(Listing(site.url("/list"), item="li"),), browser=True)
    run = world.crawl(declaration)
    assert len(world.articles()) == 1, run.cause
    (asked,) = (each for each in site.asked if each.path == "/api")
    assert (asked.method, asked.body) == ("POST", "which=\u00e9".encode())
    assert asked.headers["cookie"] == "a=1; b=2"
    assert "nkwire" in asked.headers["user-agent"]
