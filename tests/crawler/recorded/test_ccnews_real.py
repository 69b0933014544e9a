import gzip
import json
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.recorded.ccnews import PageFilter, import_file, import_files
from storage import Database, open_database

PAGES = Path(__file__).parents[3] / "../shared/pages"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not PAGES.is_dir(), reason="the real pages are not beside the checkout"),
]
UNRELATED = 800
KILLED = """
import os, signal, sys
from pathlib import Path
from crawler.recorded import ccnews
from storage import Database
ccnews.BATCH_SIZE = 1
save, done = Database.save, []
def strike(*given):
    receipts = save(*given)
    done.append(1)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return receipts
Database.save = strike
ccnews.import_file(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), ccnews.PageFilter())
"""


def member(kind: str, number: int, url: str, block: bytes, content_type: str) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\n"
        f"WARC-Date: 2026-03-01T{number // 60 % 24:02}:{number % 60:02}:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        + (f"WARC-Target-URI: {url}\r\n" if url else "")
        + f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)


def fetched(number: int, url: str, body: bytes) -> bytes:
    """A request and its response, as Common Crawl writes them: the body is gzipped for transport."""
    packed = gzip.compress(body, mtime=0)
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
        b"X-Crawler-Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    ) + packed
    asked = f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    return member("request", number, url, asked, "application/http; msgtype=request") + member(
        "response", number + 1, url, answer, "application/http; msgtype=response"
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two files: the real pages among many of other outlets, and records that are no pages."""
    lines = (PAGES / "index.jsonl").read_text(encoding="utf-8").splitlines()
    known: list[dict[str, Any]] = [json.loads(line) for line in lines]
    pages = [(each["url"], (PAGES / each["file"]).read_bytes()) for each in known]
    chance = random.Random(5)
    for n in range(UNRELATED):
        words = " ".join(chance.choices(["market", "goal", "rain", "court", "film"], k=300))
        body = f"<html><title>{n}</title><article><p>{words}</p></article></html>"
        pages.append((f"https://site{n % 97}.example/2026/{n}.html", body.encode()))
    chance.shuffle(pages)
    folder = tmp_path_factory.mktemp("ccnews")
    made = []
    for part in range(2):
        path = folder / f"CC-NEWS-2026030100000{part}-0000{part}.warc.gz"
        info = member("warcinfo", part, "", b"software: x\r\n", "application/warc-fields")
        records = [fetched(2 * n + 10, *page) for n, page in enumerate(pages[part::2])]
        path.write_bytes(info + b"".join(records))
        made.append(path)
    return made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path / 'nkwire.db'}") as opened:
        yield opened


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def held(database: Database) -> list[tuple[object, ...]]:
    rows = [
        (row.url, row.outlet, row.title, row.text, row.published_at, capture.warc_offset)
        for row in database.articles.iter()
        for capture in database.articles.captures(row.id)
    ]
    return sorted(rows, key=str)


@pytest.fixture(scope="module")
def whole(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """What one process finds in the first file, undisturbed."""
    folder = tmp_path_factory.mktemp("whole")
    with open_database(f"sqlite:///{folder / 'nkwire.db'}") as database:
        taken = import_file(files[0], url_of(database), notes(folder), PageFilter())
        assert taken.problems == ()
        assert taken.counts["pages"] > UNRELATED / 2
        assert taken.counts["skipped.outlet"] >= UNRELATED / 3
        return held(database)


def notes(folder: Path) -> Path:
    made = folder / "notes"
    made.mkdir(exist_ok=True)
    return made


def test_the_articles_of_declared_outlets_are_found_among_many_pages(
    whole: list[tuple[object, ...]],
) -> None:
    assert len(whole) >= 5
    assert len({outlet for _, outlet, *_ in whole}) >= 3
    assert not [url for url, *_ in whole if ".example/" in str(url)]


def test_a_run_that_was_killed_goes_on_and_finds_the_same(
    files: list[Path], database: Database, whole: list[tuple[object, ...]], tmp_path: Path
) -> None:
    given = [str(files[0]), url_of(database), str(notes(tmp_path))]
    killed = subprocess.run([sys.executable, "-c", KILLED, *given], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert 0 < database.articles.count() < len(whole)
    taken = import_file(files[0], url_of(database), notes(tmp_path), PageFilter())
    assert taken.problems == ()
    assert taken.counts["pages"] < 2 * UNRELATED
    assert held(database) == whole


def test_of_a_file_cut_in_the_middle_all_before_the_cut_is_kept(
    files: list[Path], database: Database, whole: list[tuple[object, ...]], tmp_path: Path
) -> None:
    data = files[0].read_bytes()
    cut = tmp_path / files[0].name
    cut.write_bytes(data[: len(data) // 2 + 333])
    taken = import_file(cut, url_of(database), notes(tmp_path), PageFilter())
    found = held(database)
    assert found == [row for row in whole if row in found]
    assert found
    assert len(found) < len(whole)
    assert taken.problems[0].startswith("damaged: cut in the middle")
    assert import_file(cut, url_of(database), notes(tmp_path), PageFilter()) == taken
    cut.write_bytes(data)
    import_file(cut, url_of(database), notes(tmp_path), PageFilter())
    assert held(database) == whole


def test_two_processes_find_what_one_finds(
    files: list[Path], database: Database, whole: list[tuple[object, ...]], tmp_path: Path
) -> None:
    done = import_files(files, url_of(database), notes(tmp_path), PageFilter(), processes=2)
    counts = sum((taken.counts for taken in done), Counter())
    assert [taken.problems for taken in done] == [(), ()]
    assert counts["stored.new"] == database.articles.count() > len(whole)
    assert {url for url, *_ in whole} <= {row.url for row in database.articles.iter()}
