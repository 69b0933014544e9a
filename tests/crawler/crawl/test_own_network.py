"""An outage of our own network, on loopback: connections that are refused, at all outlets."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.service.alerting import AlertSender
from crawler.extract.page.rules import Rules
from crawler.sources import Feed
from storage import open_database
from storage.health.assessment import HealthState
from tests.crawler.conftest import Declare, World

NAMES = ("first", "second", "third")
FEED = """<rss version="2.0"><channel><title>News</title><item><title>Farm opened</title>
<link>http://127.0.0.1:{port}/news/1.html</link></item></channel></rss>"""
PAGE = "<html><body><h1>Farm opened</h1><article><p>{}</p></article></body></html>"
Serve = Callable[[int], ThreadingHTTPServer]


class Noted:
    """A channel of alerts that keeps what it is told."""

    name = "noted"

    def __init__(self) -> None:
        self.told: list[str] = []

    async def send(self, message: Any) -> None:
        self.told.append(str(message["text"]))


class _Handler(SimpleHTTPRequestHandler):
    disable_nagle_algorithm = True  # else a body waits for its header to be acknowledged

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts the site at a port, 0 for a free one."""
    files = tmp_path / "site"
    (files / "news").mkdir(parents=True)
    (files / "robots.txt").write_text("User-agent: *\nAllow: /\n")
    words = "A new dairy farm was opened in Pyongyang, North Korea, on the day. " * 9
    (files / "news" / "1.html").write_text(PAGE.format(words))
    servers: list[ThreadingHTTPServer] = []

    def start(port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(files)))
        (files / "feed.xml").write_text(FEED.format(port=server.server_address[1]))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    stop(servers.pop())


def stop(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


def test_an_outage_of_our_own_network_is_one_alert_and_breaks_no_outlet(
    world: World, declare: Declare, serve: Serve
) -> None:
    world.settings["RETRY_TIMES"] = 0  # a connection that is refused takes a third of a second
    server = serve(0)
    host = f"127.0.0.1:{server.server_address[1]}"
    outlets = [
        declare(
            name=name,
            hosts=(host,),
            sources=(Feed(f"http://{host}/feed.xml"),),
            rules=(Rules(title="h1", body="article p"),),
        )
        for name in NAMES
    ]
    noted = Noted()

    def read_all() -> list[str]:
        """Read each outlet once; how they stand."""
        for outlet in outlets:
            world.crawl(outlet)
        with open_database(world.url) as database:
            asyncio.run(AlertSender(database, [noted]).send_pending())
            return [database.health.current()[name].state for name in NAMES]

    assert read_all() == [HealthState.OK] * 3
    stop(server)
    assert [read_all() for _ in range(3)] == [[HealthState.OK] * 3] * 3
    [told] = noted.told
    assert told.startswith("your own network seems to be out since 20")
    assert told.endswith("UTC: none of 3 outlets could be reached")
    serve(server.server_address[1])
    assert set(read_all()) <= {HealthState.OK, HealthState.QUIET}
    with open_database(world.url) as database:
        outage = database.own_network.last_outage()
        assert outage is not None
        assert outage.over_at is not None
        assert all(run.counts.get("answered") for run in database.runs.latest(limit=3))
    assert noted.told == [told]
