"""How far one database has read a file says nothing of another."""

import gzip
from pathlib import Path

import pytest

from crawler.recorded.ccnews import PageFilter, import_file
from storage import open_database
from tests.crawler.recorded.test_ccnews import RECORDS

ANY = PageFilter(any_host=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "CC-NEWS-1.warc.gz"
    path.write_bytes(b"".join(RECORDS))
    return path


def held(url: str) -> int:
    with open_database(url) as database:
        return database.articles.count()


@pytest.mark.threats("R10")
def test_a_second_database_gets_all_that_the_first_one_has(file: Path, tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("first", "second")]
    notes = tmp_path / "notes"
    notes.mkdir()
    for url in urls:
        import_file(file, url, notes, ANY)
    assert [held(url) for url in urls] == [3, 3]


@pytest.mark.threats("R10")
def test_a_database_that_was_deleted_and_made_anew_gets_all_again(
    file: Path, tmp_path: Path
) -> None:
    url, notes = f"sqlite:///{tmp_path}/a.db", tmp_path / "notes"
    notes.mkdir()
    import_file(file, url, notes, ANY)
    for path in tmp_path.glob("a.db*"):
        path.unlink()
    import_file(file, url, notes, ANY)
    assert held(url) == 3


@pytest.mark.threats("S13")
def test_neither_the_seed_nor_a_password_is_in_the_notes(file: Path, tmp_path: Path) -> None:
    url, notes = f"sqlite:///{tmp_path}/a.db", tmp_path / "notes"
    notes.mkdir()
    import_file(file, url, notes, ANY)
    with open_database(url) as database:
        seed = str(database.scheme.seed)
    (note,) = notes.iterdir()
    assert seed not in note.read_text() + note.name


@pytest.mark.threats("S4")
def test_a_page_that_unpacks_to_more_than_a_page_is_left_out(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(200 << 20), 9)
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + bomb
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-03-01T13:00:00Z\r\n"
        "WARC-Target-URI: https://www.example.com/1\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    path, notes = tmp_path / "bomb.warc.gz", tmp_path / "notes"
    notes.mkdir()
    path.write_bytes(gzip.compress(head.encode() + http + b"\r\n\r\n") + RECORDS[0])
    done = import_file(path, f"sqlite:///{tmp_path}/a.db", notes, ANY)
    assert done.counts["skipped.too large"] == 1
    assert done.counts["wanted"] == 1
