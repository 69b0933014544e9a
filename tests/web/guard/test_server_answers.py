"""What the server answers before the application is asked has the headers of every other answer."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.web.conftest import DECLARED, Site, serving
from web import sessions
from web.guard import slow_requests
from web.guard.security_headers import HEADERS
from web.options import WebOptions


@pytest.fixture(scope="module")
def running(filled_sqlite: Path) -> Iterator[Site]:
    options = WebOptions(database_url=f"sqlite:///{filled_sqlite}", port=0, outlets=DECLARED)
    with serving(options) as site:
        yield site


def raw(site: Site, request: bytes) -> tuple[int, dict[str, str]]:
    """The status and the headers of what is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer and (piece := connection.recv(65_536)):
            answer += piece
    status, *lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return int(status.split()[1]), {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
    }


def has_our_headers(headers: dict[str, str]) -> bool:
    return all(headers.get(name.lower()) == value for name, value in HEADERS.items())


BAD = {
    "headers of 70 kB": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000,
    "an address of 70 kB": b"GET /" + b"y" * 70_000,
    "no request": b"\x16\x03\x01 hello\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
}


@pytest.mark.threats("U1", "U2")
@pytest.mark.parametrize("request_bytes", BAD.values(), ids=BAD)
def test_what_is_no_request_is_answered_with_our_headers(
    request_bytes: bytes, running: Site
) -> None:
    status, headers = raw(running, request_bytes)
    assert 400 <= status < 500
    assert has_our_headers(headers)
    assert "server" not in headers


@pytest.mark.threats("U1")
def test_too_many_connections_are_told_with_our_headers_and_end(
    running: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_requests, "MAX_CONNECTIONS", 5)
    with ExitStack() as held:
        for _ in range(6):
            held.enter_context(socket.create_connection(("127.0.0.1", running.port)))
        host = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n\r\n".encode()
        status, headers = raw(running, host)
        assert status == 503
        assert has_our_headers(headers)
        assert headers["connection"] == "close"
    monkeypatch.undo()
    assert running.get("/about").status == 200


@pytest.mark.threats("U2")
def test_a_session_that_has_ended_decides_and_shows_nothing(
    filled_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sessions.LIFETIME_SECONDS == 12 * 60 * 60
    token = "0123456789abcdef0123456789abcdef"
    options = WebOptions(
        database_url=f"sqlite:///{filled_sqlite}",
        port=0,
        outlets=DECLARED,
        decide=True,
        token=token,
    )
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with serving(options) as site:

        def cookie(secret: str) -> dict[str, str]:
            answer = site.ask("POST", "/sign-in", form, f"code={secret}".encode())
            return {**form, "Cookie": answer.headers["set-cookie"].partition(";")[0]}

        alive = cookie(token)
        assert site.get("/days/2026-03-02", alive).status == 200
        monkeypatch.setattr(sessions, "LIFETIME_SECONDS", 0)
        for ended in (cookie(token), cookie(options.sign_in_code)):
            assert site.get("/days/2026-03-02", ended).status in (302, 303, 401, 403)
            decided = site.ask("POST", "/decisions/merge", ended, b"a=1&b=2")
            assert decided.status in (302, 303, 401, 403)
        assert site.get("/days/2026-03-02", alive).status == 200
