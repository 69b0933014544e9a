"""Answers whose head or framing does not end: the connection is closed, and the account says why."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import TIMEOUT, Answer, Declare, Site, World

pytestmark = pytest.mark.threats("S5")

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
FLOOD_BYTES = 60 * 2**20
MAX_SENT_BYTES = 8 * 2**20  # what sockets hold, beside the limits

Pieces = Callable[[], Iterator[bytes]]


def repeated(start: bytes, line: bytes) -> Pieces:
    def pieces() -> Iterator[bytes]:
        yield start
        block = line * (65536 // len(line) + 1)
        for _ in range(FLOOD_BYTES // len(block)):
            yield block

    return pieces


FLOODS: dict[str, tuple[Pieces, str]] = {
    "short headers": (repeated(OK, b"a: b\r\n"), "the header of the answer does not end"),
    "empty names": (repeated(OK, b":\r\n"), "InvalidHeaderName"),
    "long headers": (
        repeated(OK, b"a: " + b"b" * 8000 + b"\r\n"),
        "the header of the answer does not end",
    ),
    "lines without a colon": (repeated(OK, b"x\r\n"), "the header of the answer does not end"),
    "continuations": (repeated(OK + b"a: b\r\n", b" b\r\n"), "the header of the answer does not"),
    "one line": (repeated(OK + b"a: ", b"b"), "the line of the header of the answer does not end"),
    "status line": (repeated(b"HTTP/1.1 200 ", b"O"), "the line of the header of the answer"),
    "interim answers": (
        repeated(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        "the header of the answer does not end",
    ),
    "interim headers": (
        repeated(b"HTTP/1.1 103 Early Hints\r\n", b"Link: </x>\r\n"),
        "the header of the answer does not end",
    ),
    "trailers": (repeated(CHUNKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n"), "the answer was cut off"),
    "chunk extensions": (
        repeated(CHUNKED, b"1;" + b"e" * 900 + b"\r\nx\r\n"),
        "the framing of the body of the answer does not end",
    ),
    "one byte a chunk": (
        repeated(CHUNKED, b"1\r\nx\r\n"),
        "the framing of the body of the answer does not end",
    ),
    "one size line": (repeated(CHUNKED + b"1;", b"e"), "the answer was cut off"),
}


def flood(pieces: Pieces, sent: list[int]) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        handler.close_connection = True
        sent.append(0)
        for piece in pieces():
            handler.wfile.write(piece)
            sent[-1] += len(piece)

    return answer


@pytest.mark.parametrize("name", FLOODS)
def test_a_page_that_floods_is_told_and_the_next_page_is_read(
    site: Site, declare: Declare, world: World, name: str
) -> None:
    pieces, reason = FLOODS[name]
    sent: list[int] = []
    site.put_feed([1, 2])
    site.answers["/news/2"] = flood(pieces, sent)
    site.put_article(1)
    options = world.options(settings={"RETRY_ENABLED": False})
    run, _, peak = world.pool.submit(child.run_measured_crawl, declare(), options).result(TIMEOUT)
    assert [row.url for row in world.articles()] == [site.url("/news/1")]
    assert reason in run.cause
    assert sent[0] < MAX_SENT_BYTES
    assert peak < 500 << 20


@pytest.mark.parametrize("carrier", ["robots", "feed", "redirect", "redirect target"])
def test_every_carrier_has_the_same_limits(
    site: Site, declare: Declare, world: World, carrier: str
) -> None:
    sent: list[int] = []
    site.put_feed([1])
    site.put_article(1)
    start = b"HTTP/1.1 302 Found\r\nLocation: /feed\r\n" if carrier == "redirect" else OK
    answer = flood(repeated(start, b"a: b\r\n"), sent)
    if carrier == "robots":
        site.answers["/robots.txt"] = answer
    elif carrier == "redirect target":
        site.answers["/feed"] = Answer(status=302, headers=(("Location", "/feed2"),))
        site.answers["/feed2"] = answer
    else:
        site.answers["/feed"] = answer
    run, _, peak = world.pool.submit(child.run_measured_crawl, declare(), world.options()).result(
        TIMEOUT
    )
    assert len(sent) == 1  # such an answer is not asked for again
    assert sent[0] < MAX_SENT_BYTES
    assert peak < 500 << 20
    assert run.outcome is not RunOutcome.OK
    assert "the header of the answer does not end" in run.cause


def test_many_headers_and_small_chunks_of_ordinary_servers_are_read(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put_article(1)
    body = site.answers["/news/1"].body

    def answer(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK)
        handler.wfile.write(b"".join(b"x-%d: %s\r\n" % (i, b"v" * 400) for i in range(400)))
        handler.wfile.write(b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        for i in range(0, len(body), 3):
            part = body[i : i + 3]
            handler.wfile.write(b"%x;name=value\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\nChecksum: 1\r\n\r\n")

    site.answers["/news/1"] = answer
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.OK
    assert len(world.articles()) == 1
