"""Recorded pages that forbid archiving: rights sink, as when they are fetched."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.recorded.ccnews import PageFilter, import_file
from crawler.warc.writer import Exchange, WarcWriter
from storage import open_database
from storage.records import RunOutcome
from tests.crawler.conftest import World, page

NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
URL = "https://unheard-of.example/2026/07/19/report-from-north-korea"
HTML = ("Content-Type", "text/html; charset=utf-8")
TAG = ("X-Robots-Tag", "noarchive")


def warc(path: Path, *headers: tuple[str, str], body: str = "") -> Path:
    writer = WarcWriter(path)
    writer.write(Exchange(URL, NOON, 200, headers, (body or page(1)).encode()))
    writer.close()
    return path


@pytest.mark.parametrize(
    ("headers", "rights"),
    [
        ((HTML,), "full"),
        ((HTML, TAG), "lead: X-Robots-Tag: noarchive"),
        ((("X-Robots-Tag", "otherbot: none"), TAG, HTML), "lead: X-Robots-Tag: noarchive"),
        ((HTML, ("x-robots-tag", "otherbot: noarchive")), "full"),
    ],
)
def test_an_ingest_reads_the_headers_of_the_recording(
    headers: tuple[tuple[str, str], ...], rights: str, world: World, tmp_path: Path
) -> None:
    (run,) = world.ingest(warc(tmp_path / "a.warc.gz", *headers))
    assert run.outcome is RunOutcome.OK
    assert [row.rights for row in world.articles()] == [rights]
    assert run.counts.get("page.noarchive", 0) == (rights != "full")


@pytest.mark.parametrize("tag", ["", "X-Robots-Tag: otherbot: none\r\nX-Robots-Tag: noarchive\r\n"])
def test_an_import_of_news_archives_reads_them_too(tag: str, tmp_path: Path) -> None:
    sentence = (
        "<p>North Korea tested an engine at its site on the coast, the lantern office said.</p>"
    )
    body = f"<html><head><title>North Korea tests an engine</title></head><body><article><h1>North Korea tests an engine</h1>{sentence * 12}</article></body></html>"
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{tag}\r\n{body}".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-03-01T13:00:00Z\r\n"
        f"WARC-Target-URI: {URL}\r\nContent-Type: application/http; msgtype=response\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    file = tmp_path / "CC-NEWS-1.warc.gz"
    file.write_bytes(gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0))
    url = f"sqlite:///{tmp_path / 'nkwire.db'}"
    import_file(file, url, tmp_path, PageFilter(any_host=True))
    with open_database(url) as database:
        [row] = database.articles.iter()
    assert row.rights == ("lead: X-Robots-Tag: noarchive" if tag else "full")
