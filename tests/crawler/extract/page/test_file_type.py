"""What is no page is told by its bytes, whatever the server says that it is."""

import gzip
import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.extraction import NOT_A_PAGE, extract_page
from crawler.extract.page.file_type import find_other_file_type
from crawler.extract.page.page import Page
from crawler.sources import Link
from storage.records import PageClass
from tests.crawler.extract.conftest import Unknown

URL = "https://example.com/news/2025/09/05/ferry.html"
HTML = (
    "<!DOCTYPE html><html><head><title>The ferry returns</title></head><body><h1>The ferry returns</h1>"
    + "<p>The ferry to the island sailed again on Friday after ten days, the office said.</p>" * 5
    + "</body></html>"
)


def png() -> bytes:
    """Return a whole PNG image of one pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\xff\x00\x00")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    )


FILES = {
    "png": (png(), "image/png"),
    "png sent as html": (png(), "text/html; charset=utf-8"),
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 4, "text/html"),
    "pdf": (b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n" * 20, "text/html"),
    "zip": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(200), ""),
    "mp4": (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00" + bytes(200), "text/html"),
    "a packed picture": (gzip.compress(png()), "text/html"),
    "raw bytes": (bytes(range(1, 256)) * 20, "text/html"),
    "zero bytes": (bytes(4000), "text/html"),
    "json": (json.dumps({"title": "The ferry returns", "ok": True}).encode(), "text/html"),
    "json with markup": (json.dumps({"html": HTML}).encode(), "application/json"),
    "json list": (json.dumps([{"id": 1}, {"id": 2}]).encode(), "text/html"),
    "guarded json": (b")]}'\n" + json.dumps({"id": 1}).encode(), "text/html"),
    "cut json": (json.dumps({"title": "The ferry returns" * 40}).encode()[:-9], ""),
    "script": (b"window.state = {a: 1}; console.log('ferry')", "application/javascript"),
    "style sheet": (b"body { color: red }", "text/css"),
    "calendar": (b"BEGIN:VCALENDAR\r\nSUMMARY:The ferry returns", "text/calendar"),
    "table": (b"day,ferries\n2025-09-05,2\n", "text/csv"),
}


@pytest.mark.parametrize("name", list(FILES))
def test_what_is_no_page_is_never_an_article(name: str) -> None:
    body, content_type = FILES[name]
    link = Link(url=URL, title="The ferry returns")
    reading = extract_page(Page(body, URL, {"Content-Type": content_type}), Unknown, link)
    assert reading.page_class is PageClass.ERROR
    assert reading.article is None
    assert reading.reason.startswith("no page: ")
    assert NOT_A_PAGE in reading.flags


@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", "image/png", "application/octet-stream", "text/plain", "application/json",
     "application/pdf", "application/xhtml+xml", "nonsense"],
)  # fmt: skip
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "cp949", "iso2022_jp"])
def test_a_page_is_a_page_whatever_the_server_calls_it(content_type: str, charset: str) -> None:
    page = Page(HTML.encode(charset), URL, {"Content-Type": content_type})
    assert find_other_file_type(page) == ""
    assert extract_page(page, Unknown).page_class is PageClass.ARTICLE


def test_plain_text_in_brackets_is_no_json() -> None:
    page = Page(b"[Photo] The ferry sailed again. {Corrected on Friday}", URL)
    assert find_other_file_type(page) == ""


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    reading = extract_page(Page(body, URL), Unknown)
    assert reading.article is None or not find_other_file_type(Page(body, URL))
