"""One record that cannot be read costs itself and one line, never the file."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli  # type: ignore[import-not-found, import-untyped, unused-ignore]
import pytest

from crawler.recorded.ccnews import MAX_PROBLEMS, PageFilter, import_file
from storage import Database, open_database
from tests.crawler import child
from tests.crawler.conftest import World

HOST = "https://unheard-of.example"
EVERYTHING = PageFilter(any_host=True, any_topic=True)
BODY = "".join(
    f"<p>Lighthouse number {n} is repaired by the harbour office of North Korea, its keeper says"
    " on the day after the storm, and asks for more paint.</p>"
    for n in range(6)
)


def html(title: str) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>"
        '<meta property="article:published_time" content="2025-09-05T18:45:00+09:00"></head>'
        f"<body><article><h1>{title}</h1>{BODY}</article></body></html>"
    ).encode()


def record(
    url: str,
    body: bytes,
    headers: str = "",
    *,
    date: str = "2025-09-05T10:00:00Z",
    length: int | None = None,
    http: bytes | None = None,
) -> bytes:
    block = http or (f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}\r\n".encode() + body)
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: {date}\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def good(number: int) -> bytes:
    title = f"Lighthouse {number} is repaired"
    return record(f"{HOST}/2025/09/05/lighthouse-{number}-is-repaired", html(title))


ADDRESS = f"{HOST}/2025/09/05/another-lighthouse-is-repaired"
PAGE = html("Another lighthouse is repaired")
UNREADABLE = {
    "address without an end": record("http://[::1", PAGE),
    "address without a host": record("http:///2025/09/05/a-lighthouse", PAGE),
    "address with a wrong port": record("https://unheard-of.example:port/2025/09/05/a", PAGE),
    "damaged coding": record(
        ADDRESS, gzip.compress(PAGE)[:10] + b"\xff" * 60, "Content-Encoding: gzip\r\n"
    ),
    "no coding that is known": record(ADDRESS, bytes(range(256)), "Content-Encoding: br\r\n"),
    "headers without an end": record(ADDRESS, b"", http=b"HTTP/1.1 200 OK\r\nContent-Type: x"),
    "no http": record(ADDRESS, b"", http=b"\x00\x01\x02"),
    "length too long": record(ADDRESS, PAGE, length=len(PAGE) + 5000),
    "length too short": record(ADDRESS, PAGE, length=len(PAGE) - 300),
    "no length": record(ADDRESS, PAGE).replace(b"Content-Length", b"Content-Longth"),
}
READABLE = {
    "gzip in the header only": record(ADDRESS, PAGE, "Content-Encoding: gzip\r\n"),
    "deflate in the header only": record(ADDRESS, PAGE, "Content-Encoding: deflate\r\n"),
    "br in the header only": record(ADDRESS, PAGE, "Content-Encoding: br\r\n"),
    "zstd in the header only": record(ADDRESS, PAGE, "content-encoding: ZSTD\r\n"),
    "gzip in the bytes only": record(ADDRESS, gzip.compress(PAGE)),
    "br in the header, gzip in the bytes": record(
        ADDRESS, gzip.compress(PAGE), "Content-Encoding: br\r\n"
    ),
    "gzip in the header, br in the bytes": record(
        ADDRESS, brotli.compress(PAGE), "Content-Encoding: gzip\r\n"
    ),
    "chunks in the header only": record(ADDRESS, PAGE, "Transfer-Encoding: chunked\r\n"),
    "chunks in the bytes only": record(ADDRESS, b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)),
    "bad date": record(ADDRESS, PAGE, date="yesterday"),
    "date of no calendar": record(ADDRESS, PAGE, date="2025-02-31T10:00:00Z"),
    "header without a name": record(ADDRESS, PAGE, ": x\r\nno colon at all\r\n\t folded\r\n"),
}


def pack(path: Path, records: list[bytes], *, packed: bool) -> Path:
    path.write_bytes(b"".join(gzip.compress(each) if packed else each for each in records))
    return path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'nkwire.db'}"


@pytest.fixture
def stored(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_record_costs_itself_and_one_line(
    name: str, packed: bool, url: str, tmp_path: Path, stored: Database
) -> None:
    records = [good(1), UNREADABLE[name], good(2)]
    file = pack(tmp_path / "CC-NEWS-1.warc.gz", records, packed=packed)
    for _ in range(2):
        imported = import_file(file, url, tmp_path, EVERYTHING)
        (problem,) = imported.problems
        assert "\n" not in problem
        assert stored.articles.count() == 2


@pytest.mark.parametrize("name", READABLE)
def test_a_record_with_a_false_header_is_read(
    name: str, url: str, tmp_path: Path, stored: Database
) -> None:
    file = pack(tmp_path / "CC-NEWS-1.warc.gz", [good(1), READABLE[name], good(2)], packed=True)
    imported = import_file(file, url, tmp_path, EVERYTHING)
    assert imported.problems == ()
    assert stored.articles.count() == 3


def test_a_file_of_broken_records_tells_only_the_first(
    url: str, tmp_path: Path, stored: Database
) -> None:
    records = [UNREADABLE["address without an end"]] * (MAX_PROBLEMS + 20)
    file = pack(tmp_path / "CC-NEWS-1.warc.gz", [*records, good(1)], packed=True)
    imported = import_file(file, url, tmp_path, EVERYTHING)
    assert len(imported.problems) == MAX_PROBLEMS
    assert imported.counts["skipped.unreadable"] == MAX_PROBLEMS + 20
    assert stored.articles.count() == 1


@pytest.mark.parametrize("packed", [True, False])
def test_an_ingest_goes_on_behind_unreadable_records(
    packed: bool, world: World, tmp_path: Path
) -> None:
    records = [good(1)]
    for number, each in enumerate(UNREADABLE.values(), 2):
        records += [each, good(number)]
    file = pack(tmp_path / "a.warc.gz", records, packed=packed)
    for _ in range(2):
        world.pool.submit(child.problems_of_ingest, [file], world.options()).result(120)
        assert len(world.articles()) == len(UNREADABLE) + 1


@pytest.mark.parametrize("name", READABLE)
def test_an_ingest_reads_records_with_false_headers(
    name: str, world: World, tmp_path: Path
) -> None:
    file = pack(tmp_path / "a.warc.gz", [good(1), READABLE[name]], packed=True)
    world.ingest(file)
    assert {row.title for row in world.articles()} == {
        "Lighthouse 1 is repaired",
        "Another lighthouse is repaired",
    }
