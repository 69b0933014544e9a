"""Servers that hold a connection: each costs the time of one answer and no other page."""

import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from tests.crawler.conftest import Declare, Site, World


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(20)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(400):
        handler.wfile.write(b"X-%d: 1\r\n" % number)
        time.sleep(0.05)


def drip_the_status_line(handler: BaseHTTPRequestHandler) -> None:
    for byte in b"HTTP/1.1 200 " + b"O" * 400:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.05)


def drip_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(400):
        handler.wfile.write(b"<p>more</p>")
        time.sleep(0.05)


def stop_within_the_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(b"<html><p>A beginning")
    time.sleep(20)


def pour_without_end(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(4_000):
        handler.wfile.write(b"<p>more</p>" * 10_000)


def one_header_without_end(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(300):
        handler.wfile.write(b"x" * (1 << 20))


def chunks_without_end(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for _ in range(4_000):
        handler.wfile.write(b"186A0\r\n" + b"x" * 100_000 + b"\r\n")


SERVERS: list[Callable[[BaseHTTPRequestHandler], None]] = [
    *(hang, drip_headers, drip_the_status_line, drip_body, stop_within_the_body),
    *(pour_without_end, one_header_without_end, chunks_without_end),
]


@pytest.mark.threats("S5")
@pytest.mark.parametrize("server", SERVERS, ids=lambda each: each.__name__)
def test_a_server_that_holds_the_connection_costs_one_page(
    server: Callable[[BaseHTTPRequestHandler], None], site: Site, declare: Declare, world: World
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            server(handler)
        handler.close_connection = True

    site.put_feed([1, 2, 3])
    site.put_article(1)
    site.put_article(3)
    site.answers["/news/2"] = answer
    run = world.crawl(declare(), settings={"DOWNLOAD_TIMEOUT": 0.7, "RETRY_TIMES": 0})
    assert run.counts["stored.new"] == 2
    assert run.counts.get("page.unreachable", 0) + run.counts.get("page.error", 0) == 1
