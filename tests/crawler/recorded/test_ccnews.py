import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest

from crawler.recorded import ccnews
from crawler.recorded.ccnews import PageFilter, import_file, import_files
from crawler.warc import reader
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
    assert taken.problems == ()
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


@pytest.mark.parametrize(
    "damage",
    [
        {"offset": 5, "counts": {"pages": "x"}},
        {"offset": -5, "counts": {}},
        {"offset": 5, "counts": []},
        [],
    ],
)
def test_a_damaged_checkpoint_is_passed_over(
    file: Path, url: str, notes: Path, damage: Any
) -> None:
    import_file(file, url, notes, ANY)
    (checkpoint,) = notes.iterdir()
    checkpoint.write_bytes(orjson.dumps(damage))
    assert import_file(file, url, notes, ANY).counts["pages"] > 0


def test_a_run_that_was_stopped_goes_on_where_it_was(
    file: Path, url: str, notes: Path, stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = import_file(file, f"{url}.whole", notes, ANY).counts
    for left in notes.iterdir():
        left.unlink()
    monkeypatch.setattr(ccnews, "BATCH_SIZE", 1)
    with monkeypatch.context() as patch:
        patch.setattr(ccnews, "iter_records", _stop_after(3))
        with pytest.raises(KeyboardInterrupt):
            import_file(file, url, notes, ANY)
    assert stored.articles.count() == 1
    assert import_file(file, url, notes, ANY).counts == whole
    assert stored.articles.count() == 3


def test_what_comes_before_a_cut_is_kept(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) - 40])
    assert "cut in the middle" in import_file(file, url, notes, ANY).problems[0]
    assert stored.articles.count() == 2


def test_what_comes_behind_a_damaged_record_is_read_too(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    broken = RECORDS[0][:60] + b"\x00" * 40 + RECORDS[0][100:]
    file.write_bytes(b"".join([broken, *RECORDS[1:]]))
    taken = import_file(file, url, notes, ANY)
    assert taken.problems[0].startswith("damaged: ")
    assert "at byte 0" in taken.problems[0]
    assert (taken.counts["pages"], stored.articles.count()) == (5, 2)


def test_a_page_without_the_coding_that_its_header_states_is_read(
    file: Path, url: str, notes: Path, stored: Database
) -> None:
    http = b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n\r\n" + NORTH
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {HOST}/2026/other.html\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    file.write_bytes(gzip.compress(head.encode() + http + b"\r\n\r\n") + RECORDS[0])
    taken = import_file(file, url, notes, ANY)
    assert (taken.problems, taken.counts["skipped.unreadable"]) == ((), 0)
    assert stored.articles.count() == 2


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


def _stop_after(records: int) -> Callable[..., Iterator[Any]]:
    def iter_until_stopped(*given: Any) -> Iterator[Any]:
        yield from islice(reader.iter_records(*given), records)
        raise KeyboardInterrupt

    return iter_until_stopped


@pytest.mark.threats("R11")
def test_without_a_thread_for_the_pool_it_ends_and_does_not_wait(
    file: Path,
    url: str,
    notes: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")  # as CPython says it under `ulimit -u`

    monkeypatch.setattr("multiprocessing.queues.Queue._start_thread", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        import_files([file], url, notes, PageFilter())
    assert capfd.readouterr().err == ""
