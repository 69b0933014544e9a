import csv
import gzip
import io
import json
import shutil
import socket
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from storage.archive.archive import Archive
from tests.web import corpus
from tests.web.conftest import DECLARED, Site, serving
from web.options import WebOptions
from web.pages import export

ARTICLES = len(corpus.article_keys())


def rows_of(site: Site, query: str = "") -> list[dict[str, object]]:
    answer = site.get(f"/export/jsonl{query}")
    assert answer.status == HTTPStatus.OK, answer.text
    return [json.loads(line) for line in answer.body.splitlines()]


def test_the_page_says_how_many_and_what_rights_allow(site: Site) -> None:
    page, twin = site.get("/export"), site.get("/export.json").json
    assert twin["articles"] == ARTICLES
    assert f"{ARTICLES} articles" in page.text
    assert "Seoul-Ilbo: the opening only" in page.text
    assert "Haebang: no text" in page.text
    assert [each["name"] for each in twin["formats"]] == ["jsonl", "csv", "xlsx", "parquet"]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", None),
        ("?outlet=kcna", {"e1", "e2"}),
        ("?language=ko", {"s1", "b1", "b2"}),
        ("?q=snow", {"h2"}),
        ("?q=snow&outlet=kcna", set()),
        ("?since=2026-03-04", {"r2", "w2", "h3"}),
        ("?until=2026-03-02", {"e2", "h2", "h4"}),
        ("?since=2026-03-03&until=2026-03-03&outlet=kcna", {"e1"}),
    ],
)
def test_the_count_and_the_file_hold_all_that_the_filters_select(
    site: Site, query: str, keys: set[str] | None
) -> None:
    rows = rows_of(site, query)
    assert site.get(f"/export.json{query}").json["articles"] == len(rows)
    found = {str(row["url"]).rpartition("/")[2] for row in rows}
    assert found == (set(corpus.article_keys()) if keys is None else keys)


def test_a_report_and_a_story_can_be_taken_by_their_numbers(site: Site) -> None:
    rows = rows_of(site)
    in_reports = [row for row in rows if row["report"]]
    report = in_reports[0]["report"]
    members = [row for row in rows if row["report"] == report]
    assert len(rows_of(site, f"?report=r{report}")) == len(members) > 1
    story = members[0]["story"]
    assert {row["story"] for row in rows_of(site, f"?story={story}")} == {story}


def test_every_format_is_a_file_with_a_name_and_a_day(site: Site) -> None:
    for name in ("jsonl", "csv", "xlsx", "parquet"):
        answer = site.get(f"/export/{name}?outlet=kcna")
        assert answer.status == HTTPStatus.OK, answer.text
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith('attachment; filename="nkwire-articles-20')
        assert f'.{name}"' in disposition
        assert answer.headers["content-security-policy"].startswith("sandbox;")
        assert answer.headers["cache-control"] == "no-store"
    table = site.get("/export/csv?outlet=kcna").body
    assert table.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))) == 2
    with zipfile.ZipFile(io.BytesIO(site.get("/export/xlsx").body)) as workbook:
        assert workbook.testzip() is None
    assert site.get("/export/parquet").body[:4] == b"PAR1"


def test_collapsed_there_is_one_row_a_story(site: Site) -> None:
    rows = rows_of(site, "?collapse=1")
    assert len({row["story"] for row in rows}) == len(rows) < ARTICLES


def test_a_format_whose_library_is_missing_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "find_spec", lambda _: None)
    assert "This needs pyarrow on the server" in site.get("/export").text
    answer = site.get("/export/parquet")
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert "pip install" in answer.text
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?q=%22open", 400), ("?report=x", 400), ("?story=99999999", 404), ("?report=r999999", 404),
        ("?since=2026-03-05&until=2026-03-01", 400), ("?level=king", 400), ("?until=9998-12-31", 200), ("?until=9999-12-31", 400),
    ],
)  # fmt: skip
def test_what_cannot_be_selected_is_told_as_a_page(site: Site, query: str, status: int) -> None:
    for path in ("/export", "/export/jsonl"):
        answer = site.get(f"{path}{query}")
        assert answer.status == status, (path, answer.text)


def test_a_count_that_takes_too_long_is_left_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object) -> int:
        raise TimeoutError

    monkeypatch.setattr("storage.export.formats.selection.Selection.count_up_to", give_up)
    page = site.get("/export")
    assert page.status == HTTPStatus.OK
    assert "too many to count them in two seconds" in page.text


def test_the_commands_do_the_same_and_are_quoted(site: Site) -> None:
    twin = site.get("/export.json?q=coal%20OR%20snow&collapse=1&since=2026-03-01").json
    assert twin["command"].endswith("--words 'coal OR snow' --since 2026-03-01 --collapse")
    assert "snapshot create nkwire-" in twin["snapshot_command"]
    assert "--collapse" not in twin["snapshot_command"]


@pytest.fixture
def public(filled_sqlite: Path) -> Iterator[Site]:
    declared = {**DECLARED, "wire": replace(DECLARED["wire"], rights="none")}
    options = WebOptions(
        database_url=f"sqlite:///{filled_sqlite}", port=0, outlets=declared, public=True
    )
    with serving(options) as running:
        yield running


def test_no_file_holds_more_than_rights_allow(site: Site, public: Site) -> None:
    for running in (site, public):
        by_outlet = {str(row["outlet"]): row for row in rows_of(running)}
        assert by_outlet["haebang"]["text"] == by_outlet["seoul-ilbo"]["text"] == ""
        assert by_outlet["haebang"]["lead_text"] == ""
        assert by_outlet["seoul-ilbo"]["lead_text"]
        assert by_outlet["kcna"]["text"]
    assert {row["text"] for row in rows_of(public, "?outlet=wire")} == {""}
    assert "" not in {row["text"] for row in rows_of(site, "?outlet=wire")}


def test_a_fetch_without_a_recording_is_told(site: Site, ids: Callable[[str], int]) -> None:
    for number, words in (
        ("1", "was not recorded"),
        ("99", "has no fetch 99"),
        ("0", "no fetch 0"),
    ):
        answer = site.get(f"/articles/{ids('e1')}/captures/{number}.warc")
        assert answer.status == HTTPStatus.NOT_FOUND
        assert words in answer.text


@pytest.fixture
def recorded(
    filled_sqlite: Path, tmp_path: Path, ids: Callable[[str], int]
) -> Iterator[Callable[..., Site]]:
    path = tmp_path / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    recordings = tmp_path / "warc"
    recordings.mkdir()
    page = gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n\r\n<script>alert(1)</script>")
    (recordings / "a.warc.gz").write_bytes(gzip.compress(b"before") + page)
    place = ("a.warc.gz", len(gzip.compress(b"before")))
    connection = sqlite3.connect(path)
    for key in ("e1", "b1"):
        connection.execute(
            "UPDATE capture SET warc_file = ?, warc_offset = ? WHERE article_id = ?",
            (*place, ids(key)),
        )
    connection.execute(
        "UPDATE capture SET warc_file = '../nkwire.db', warc_offset = 0 WHERE article_id = ?",
        (ids("h1"),),
    )
    connection.commit()
    connection.close()
    with ExitStack() as stack:

        def serve(**changes: Any) -> Site:
            options = WebOptions(
                database_url=f"sqlite:///{path}", port=0, outlets=DECLARED, recordings=(recordings,)
            )
            return stack.enter_context(serving(replace(options, **changes)))

        yield serve


def test_a_recorded_page_is_a_download_and_nothing_a_browser_runs(
    recorded: Callable[..., Site], ids: Callable[[str], int]
) -> None:
    site = recorded()
    answer = site.get(f"/articles/{ids('e1')}/captures/1.warc", {"Accept-Encoding": "gzip"})
    assert answer.status == HTTPStatus.OK
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "content-encoding" not in answer.headers
    content = gzip.decompress(answer.body)
    assert content.startswith(b"WARC/1.1\r\nWARC-Type: warcinfo")
    assert content.endswith(b"WARC-Type: response\r\n\r\n<script>alert(1)</script>")
    assert site.get(f"/articles/{ids('h1')}/captures/1.warc").status == HTTPStatus.NOT_FOUND


def test_beyond_loopback_a_recording_follows_the_rights_of_its_text(
    recorded: Callable[..., Site], ids: Callable[[str], int]
) -> None:
    site = recorded(public=True)
    assert site.get(f"/articles/{ids('e1')}/captures/1.warc").status == HTTPStatus.OK
    withheld = site.get(f"/articles/{ids('b1')}/captures/1.warc")
    assert withheld.status == HTTPStatus.NOT_FOUND
    assert "does not allow its texts to be passed on" in withheld.text


@pytest.mark.parametrize("public", [False, True])
def test_beyond_loopback_nobody_learns_where_the_archive_is(
    public: bool, recorded: Callable[..., Site], ids: Callable[[str], int], tmp_path: Path
) -> None:
    archive = Archive(f"file://{tmp_path}/not-mounted")
    site = recorded(public=public, recordings=(archive,))
    answer = site.get(f"/articles/{ids('e1')}/captures/1.warc")
    assert answer.status == HTTPStatus.NOT_FOUND
    assert "the recorded page cannot be read" in answer.text
    assert ("not-mounted" in answer.text) is not public


def test_a_visitor_who_leaves_ends_the_export_and_the_next_one_may_begin(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def endless(*_: object, **__: object) -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 100_000
        finally:
            ended.set()

    with monkeypatch.context() as patched:
        patched.setattr(export, "stream_export", endless)
        with socket.create_connection(("127.0.0.1", site.port), timeout=20) as raw:
            request = f"GET /export/jsonl HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n"
            raw.sendall(request.encode())
            assert raw.recv(15) == b"HTTP/1.1 200 OK"
            busy = site.get("/export/csv")
            assert busy.status == HTTPStatus.SERVICE_UNAVAILABLE
            assert "Another export is running" in busy.text
        assert ended.wait(20)
    deadline = time.monotonic() + 10
    while site.get("/export/csv").status != HTTPStatus.OK:
        assert time.monotonic() < deadline
        time.sleep(0.05)
