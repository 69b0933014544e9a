"""Answers that are no page, over a small application of their own."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.errors import NotFound
from tests.web.conftest import Site, serving
from web import app, responses
from web.errors import Redirect
from web.options import WebOptions
from web.page import Query
from web.parameters import Parameter
from web.raw import RawAnswer, RawPage


def _numbers(query: Query) -> RawAnswer:
    pieces = (f"{number},{query['sign']}\n".encode() for number in range(3))
    return RawAnswer(content=pieces, media_type="text/csv", filename="수 1.csv")


def _fails(_: Query) -> RawAnswer:
    def pieces() -> Iterator[bytes]:
        raise NotFound("no report has the number 7")
        yield b""

    return RawAnswer(content=pieces(), media_type="text/csv")


def _moved(_: Query) -> RawAnswer:
    raise Redirect("/numbers/1.csv")


ENDED = threading.Event()


def _is_endless(_: Query) -> RawAnswer:
    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield bytes(100_000)
        finally:
            ENDED.set()

    return RawAnswer(content=pieces(), media_type="text/csv")


RAW_PAGES = (
    RawPage(
        name="numbers",
        path="/numbers/{name}.csv",
        summary="Numbers.",
        media_types=("text/csv",),
        parameters=(Parameter(name="sign", description="A sign.", default="+"),),
        answer=_numbers,
    ),
    RawPage(name="f", path="/fails.csv", summary="F.", media_types=("text/csv",), answer=_fails),
    RawPage(name="e", path="/e.csv", summary="E.", media_types=("text/csv",), answer=_is_endless),
    RawPage(name="m", path="/moved.csv", summary="M.", media_types=("text/csv",), answer=_moved),
)


@pytest.fixture
def raw_site(filled_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(app, "RAW_PAGES", RAW_PAGES)
    options = WebOptions(database_url=f"sqlite:///{filled_sqlite}", port=0)
    with serving(options) as running:
        yield running


def test_pieces_are_sent_as_a_file_and_not_again_to_who_has_them(raw_site: Site) -> None:
    answer = raw_site.get("/numbers/1.csv?sign=*")
    assert answer.text == "0,*\n1,*\n2,*\n"
    assert answer.headers["content-type"].startswith("text/csv")
    name = "filename=\"__1.csv\"; filename*=UTF-8''%EC%88%98%201.csv"
    assert answer.headers["content-disposition"] == f"attachment; {name}"
    etag = {"If-None-Match": answer.headers["etag"]}
    assert raw_site.get("/numbers/1.csv?sign=*", etag).status == 304
    assert raw_site.get("/numbers/1.csv", etag).text.startswith("0,+")
    head = raw_site.ask("HEAD", "/numbers/1.csv")
    assert (head.status, head.body) == (200, b"")


def test_an_error_before_the_first_piece_is_told_as_on_pages(raw_site: Site) -> None:
    answer = raw_site.get("/fails.csv")
    assert answer.status == 404
    assert "no report has the number 7" in answer.text
    assert "content-disposition" not in answer.headers
    assert raw_site.get("/numbers/1.csv?colour=red").status == 400
    assert raw_site.get("/moved.csv").headers["location"] == "/numbers/1.csv"


def test_a_monitor_is_told_whether_the_database_answers(site: Site, tmp_path: Path) -> None:
    answer = site.get("/health")
    assert answer.status == answer.json["status"] == 200
    assert answer.json["newest_run_ended_at"].startswith("2026-03-")
    assert answer.json["reports_waiting_days"] == 0
    assert "etag" not in answer.headers
    missing = WebOptions(database_url=f"sqlite:///{tmp_path / 'none.db'}", port=0)
    with serving(missing) as without:
        answer = without.get("/health")
        assert answer.status == answer.json["status"] == 503
        assert answer.headers["content-type"] == "application/json"
        assert int(answer.headers["retry-after"]) > 0


def test_a_visitor_who_stops_to_read_keeps_no_file_open(
    raw_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "STALL_SECONDS", 0.3)
    ENDED.clear()
    with socket.create_connection(("127.0.0.1", raw_site.port), timeout=10) as connection:
        connection.sendall(
            f"GET /e.csv HTTP/1.1\r\nHost: 127.0.0.1:{raw_site.port}\r\n\r\n".encode()
        )
        assert ENDED.wait(20)
    assert raw_site.get("/numbers/1.csv").status == 200
