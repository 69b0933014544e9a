"""Answers are unpacked by what their bytes are, not by what the server says of them."""

import gzip
import zlib
from importlib import import_module

import pytest

from tests.crawler.conftest import Declare, Site, World, page

HTML = page(1).encode()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (HTML, "gzip"),
        (HTML, "br"),
        (HTML, "deflate"),
        (b"\xef\xbb\xbf" + HTML, "gzip"),
        (gzip.compress(HTML), ""),
        (gzip.compress(HTML), "gzip"),
        (zlib.compress(HTML), "deflate"),
        (import_module("brotli").compress(HTML), "br"),
    ],
    ids=["plain as gzip", "plain as br", "plain as deflate", "mark as gzip", "gzip as nothing",
         "gzip", "deflate", "br"],
)  # fmt: skip
def test_a_page_is_read_whatever_coding_is_stated(
    body: bytes, coding: str, site: Site, declare: Declare, world: World
) -> None:
    headers = [("Content-Type", "text/html; charset=utf-8")]
    if coding:
        headers.append(("Content-Encoding", coding))
    site.put("/news/1", body, headers=tuple(headers))
    site.put_feed([1])
    run = world.crawl(declare())
    assert run.counts["stored.new"] == 1, run.cause
    (row,) = world.articles()
    assert row.title == "Report 1 from North Korea"
    assert "the granite harbour of Pyongyang" in row.text


def test_a_body_that_is_neither_is_told(site: Site, declare: Declare, world: World) -> None:
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
    site.put("/news/1", bytes(range(256)) * 9, headers=headers)
    site.put_feed([1])
    run = world.crawl(declare())
    assert world.articles() == []
    assert str(run.outcome) not in ("ok", "quiet")
