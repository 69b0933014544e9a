import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from crawler.recorded import ccnews
from crawler.recorded.ccnews import PageFilter, import_file, import_files
from storage import Database, open_database

PAGE = """<html lang="en"><head><title>{title}</title>
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{title}",
"datePublished": "2026-03-01T12:00:00Z"}}</script></head>
<body><article><h1>{title}</h1>{body}</article></body></html>"""
BODY = "".join(
    f"<p>{name} tested engine number {n} at its site on the coast, officials of the ministry said"
    f" on the day after, and spoke of progress in the programme.</p>"
    for n in range(12)
    for name in ("{who}",)
)


def page(title: str, who: str) -> bytes:
    return PAGE.format(title=title, body=BODY.format(who=who)).encode()


def record(url: str, body: bytes, status: int = 200) -> bytes:
    http = b"HTTP/1.1 %d X\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" % status + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-03-01T13:00:00Z\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


NORTH = page("North Korea tests an engine", "North Korea")
WEATHER = page("Rain in the north", "The weather office")
HOST = "https://www.example.com"
RECORDS = [
    record(f"{HOST}/2026/one-article.html", NORTH),
    record(f"{HOST}/2026/rain.html", WEATHER),
    record(f"{HOST}/2026/gone.html", NORTH, 404),
    record("dns:www.example.com", b"x"),
    record(
        f"{HOST}/2026/references.html",
        NORTH.replace(b"North Korea", "북한".encode("ascii", "xmlcharrefreplace")),
    ),
    record("https://other.example.net/2026/two.html", page("Pyongyang speaks", "Pyongyang")),
]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'nkwire.db'}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "CC-NEWS-1.warc.gz").write_bytes(b"".join(RECORDS))
    return tmp_path / "CC-NEWS-1.warc.gz"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


@pytest.fixture
def stored(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


ANY = PageFilter(any_host=True)


def test_only_articles_on_the_topic_are_taken(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    taken = import_file(file, url, notes, ANY)
    assert taken.problem == ""
    assert {row.url.rsplit("/", 1)[1] for row in stored.articles.iter()} == {
        "one-article.html",
        "references.html",
        "two.html",
    }
    assert taken.counts["pages"] == 6
    assert taken.counts["skipped.topic"] == 1
    assert taken.counts["skipped.status"] == 1


def test_an_article_points_to_its_record(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    import_file(file, url, notes, ANY)
    for row in stored.articles.iter():
        (capture,) = stored.articles.captures(row.id)
        data = file.read_bytes()[capture.warc_offset :]
        assert capture.warc_file == file.name
        head = zlib.decompressobj(wbits=31).decompress(data, 600)
        assert f"WARC-Target-URI: {capture.url}\r\n".encode() in head


def test_without_any_host_only_declared_outlets_are_read(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    taken = import_file(file, url, notes, PageFilter())
    assert taken.counts["skipped.outlet"] == 6
    assert stored.articles.count() == 0


def test_one_outlet_can_be_named(file: Path, url: str, notes: Path, stored: Database) -> None:
    import_file(file, url, notes, PageFilter(outlets=frozenset({"example.net"})))
    assert [row.outlet for row in stored.articles.iter()] == ["example.net"]


def test_a_file_that_is_done_is_not_read_again(file: Path, url: str, notes: Path) -> None:
    first = import_file(file, url, notes, ANY)
    file.write_bytes(bytes(file.stat().st_size))
    assert import_file(file, url, notes, ANY) == first


def test_a_run_that_was_stopped_goes_on_where_it_was(
    file: Path, url: str, notes: Path, stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = import_file(file, f"{url}.whole", notes, ANY).counts
    for left in notes.iterdir():
        left.unlink()
    monkeypatch.setattr(ccnews, "BATCH_SIZE", 1)
    with monkeypatch.context() as patch:
        patch.setattr(ccnews, "iter_pages", _stop_after(3))
        with pytest.raises(KeyboardInterrupt):
            import_file(file, url, notes, ANY)
    assert stored.articles.count() == 1
    assert import_file(file, url, notes, ANY).counts == whole
    assert stored.articles.count() == 3


def test_what_comes_before_the_damage_is_kept(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) - 40])
    assert import_file(file, url, notes, ANY).problem.endswith("ends within a record")
    assert stored.articles.count() >= 2


@pytest.mark.parametrize(
    ("data", "is_whole"),
    [
        (b"", True),
        (b"WARC/1.0 not packed", True),
        (gzip.compress(b"x", mtime=0) * 3, True),
        (gzip.compress(b"x", mtime=0) * 3 + b"more", False),
        (gzip.compress(b"x" * 99)[:-1], False),
        (gzip.compress(b"x") + b"\x1f", False),
        (gzip.compress(b"x")[:-6] + b"y" * 6, False),
    ],
    ids=["empty", "plain", "whole", "more behind", "cut", "cut in the magic", "wrong digest"],
)
def test_a_file_that_ends_within_a_record_is_told(
    tmp_path: Path, data: bytes, is_whole: bool
) -> None:
    (tmp_path / "x").write_bytes(data)
    with (tmp_path / "x").open("rb") as stream:
        assert ccnews.is_gzip_complete(stream, 0) == is_whole


def test_several_files_are_read_at_once(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    other = file.with_name("CC-NEWS-2.warc.gz")
    other.write_bytes(record("https://third.example.org/2026/x.html", NORTH))
    told: list[str] = []
    done = import_files(
        [file, other], url, notes, ANY, processes=2, on_file=lambda taken: told.append(taken.file)
    )
    assert sorted(told) == [taken.file for taken in done] == [str(file), str(other)]
    assert sum((taken.counts for taken in done), Counter())["stored.new"] == 4
    assert stored.articles.count() == 4


def _stop_after(pages: int) -> Callable[..., Iterator[Any]]:
    iter_pages = ccnews.iter_pages

    def iter_until_stopped(*given: Any) -> Iterator[Any]:
        yield from islice(iter_pages(*given), pages)
        raise KeyboardInterrupt

    return iter_until_stopped
