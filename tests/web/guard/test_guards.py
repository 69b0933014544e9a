import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.web.conftest import DECLARED, Site, serving
from tests.web.guard.every_address import EVERY_ADDRESS
from web.guard import slow_requests
from web.guard.security_headers import HEADERS
from web.options import WebOptions
from web.rendering import load_assets

TOKEN = "0123456789abcdef0123456789abcdef"
STATIC = load_assets()["style"].path


@pytest.fixture(scope="module")
def options(filled_sqlite: Path) -> WebOptions:
    return WebOptions(database_url=f"sqlite:///{filled_sqlite}", port=0, outlets=DECLARED)


@pytest.fixture(scope="module")
def guarded(options: WebOptions) -> Iterator[Site]:
    with serving(replace(options, token=TOKEN, decide=True)) as running:
        yield running


def wait_for(is_true: Callable[[], bool]) -> None:
    """Waits: an answer is sent before its line is in the log."""
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.threats("U1")
@pytest.mark.parametrize("address", EVERY_ADDRESS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_answer_has_the_security_headers_and_names_no_server(
    site: Site, method: str, address: str
) -> None:
    answer = site.ask(method, address)
    assert answer.status != HTTPStatus.INTERNAL_SERVER_ERROR, answer.text
    for name, value in HEADERS.items():
        assert answer.headers[name.lower()].removeprefix("sandbox; ") == value
    assert "server" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "set-cookie" not in answer.headers
    if method == "HEAD":
        assert answer.body == b""


@pytest.mark.threats("U2")
@pytest.mark.parametrize("address", EVERY_ADDRESS)
def test_every_address_only_answers_to_the_names_of_this_server(site: Site, address: str) -> None:
    for host in ("evil.test", f"evil.test:{site.port}", f"127.0.0.1:{site.port + 1}", "127.0.0.1"):
        answer = site.get(address, {"Host": host})
        assert answer.status == HTTPStatus.MISDIRECTED_REQUEST
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_this_machine_may_be_called_by_its_names(site: Site, name: str) -> None:
    assert site.get("/about", {"Host": f"{name}:{site.port}"}).status == HTTPStatus.OK


@pytest.mark.parametrize(
    "host", ["", "a b", "127.0.0.1@evil.test", "127.0.0.1:x", "[::1", "é.test"]
)
def test_a_malformed_host_is_refused(site: Site, host: str) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as raw:
        raw.sendall(f"GET /about HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = int(raw.makefile("rb").readline().split()[1])
    assert status in (HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.BAD_REQUEST)


@pytest.mark.parametrize(
    ("bind", "name", "status"),
    [("127.0.0.2", "127.0.0.2", 200), ("127.0.0.2", "127.0.0.3", 421), ("0.0.0.0", "0.0.0.0", 421)],
)
def test_the_one_address_to_listen_on_is_a_name_too(
    options: WebOptions, bind: str, name: str, status: int
) -> None:
    with serving(replace(options, bind=bind)) as running:
        connection = HTTPConnection("127.0.0.2", running.port, timeout=20)
        connection.request("GET", "/about", headers={"Host": f"{name}:{running.port}"})
        assert connection.getresponse().status == status
        connection.close()


def test_further_names_are_exact_and_have_their_port(options: WebOptions) -> None:
    with serving(replace(options, hosts=("desk.example", "other.example:9000"))) as running:
        for host, status in (
            (f"desk.example:{running.port}", 200),
            ("desk.example", 421),
            (f"a.desk.example:{running.port}", 421),
            ("other.example:9000", 200),
            (f"other.example:{running.port}", 421),
        ):
            assert running.get("/about", {"Host": host}).status == status, host


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("address", EVERY_ADDRESS)
def test_without_decisions_every_address_is_for_reading(
    site: Site, address: str, method: str
) -> None:
    answer = site.ask(method, address)
    assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_with_decisions_forms_are_the_only_further_method(guarded: Site, method: str) -> None:
    answer = guarded.ask(method, "/about")
    assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_what_is_too_long_is_refused(site: Site) -> None:
    assert site.get("/search?q=" + "a" * 8_000).status == HTTPStatus.REQUEST_URI_TOO_LONG
    too_many = {f"X-{number}": "a" * 4_000 for number in range(9)}
    answer = site.get("/about", too_many)
    assert answer.status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    body = b"a" * 17_000
    assert site.ask("GET", "/about", body=body).status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_a_form_is_measured_also_when_it_comes_in_pieces(guarded: Site) -> None:
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=20) as raw:
        raw.sendall(
            f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{guarded.port}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
            + b"1388\r\n" + b"a" * 5_000 + b"\r\n" + b"2ee0\r\n" + b"a" * 12_000 + b"\r\n"
        )  # fmt: skip
        status = int(raw.makefile("rb").readline().split()[1])
    assert status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_the_log_has_the_path_in_one_line_and_not_what_was_searched(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def lines() -> str:
        return "\n".join(each.getMessage() for each in caplog.records if each.name == "nkwire.web")

    with caplog.at_level(logging.INFO, "nkwire.web"):
        site.get("/about?q=a-secret-source")
        site.get("/" + quote("a\n2026 INFO forged\x1b[31m\u202e"))
        wait_for(lambda: "GET /about 400 " in lines())
        wait_for(lambda: r"GET /a\n2026 INFO forged\x1b[31m\u202e 404 " in lines())
    assert "secret" not in lines()


def test_long_answers_are_compressed_and_the_same(site: Site) -> None:
    plain = site.get(STATIC)
    packed = site.get(STATIC, {"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 2
    assert gzip.decompress(packed.body) == plain.body
    page = site.get("/about", {"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert "nkwire" in gzip.decompress(page.body).decode()


def test_pages_for_who_signed_in_are_not_compressed(guarded: Site) -> None:
    cookie = sign_in(guarded, guarded.options.sign_in_code, keep=True)
    answer = guarded.get("/about", {"Cookie": cookie, "Accept-Encoding": "gzip"})
    assert answer.status == HTTPStatus.OK
    assert "content-encoding" not in answer.headers
    assert "content-encoding" not in guarded.get("/sign-in", {"Accept-Encoding": "gzip"}).headers


def sign_in(running: Site, secret: str, *, keep: bool = False, next_page: str = "") -> str:
    """Signs in with a form; returns the cookie."""
    form = f"code={quote(secret)}&next={quote(next_page, safe='')}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    answer = running.ask("POST", "/sign-in", headers, form)
    assert keep == (answer.status == HTTPStatus.SEE_OTHER), answer.text
    if not keep:
        assert answer.status == HTTPStatus.FORBIDDEN
        return ""
    assert answer.headers["location"] == (next_page or "/")
    attributes = {each.strip().lower() for each in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=strict", "path=/", "max-age=43200"} <= attributes
    return answer.headers["set-cookie"].partition(";")[0]


def test_with_a_token_only_who_knows_it_may_look(guarded: Site) -> None:
    for address in EVERY_ADDRESS:
        expected = {200} if address == STATIC else {401}
        assert guarded.get(address).status in expected, address
    page = guarded.get("/about?x=1", {"Accept": "text/html"})
    assert page.status == HTTPStatus.SEE_OTHER
    assert page.headers["location"] == "/sign-in?next=%2Fabout%3Fx%3D1"
    assert guarded.get(page.headers["location"]).status == HTTPStatus.OK
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/about.json", bearer).status == HTTPStatus.OK
    for wrong in (f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", "Bearer é"):
        headers = {"Authorization": wrong}
        answer = guarded.get("/about.json", headers)
        assert answer.status == HTTPStatus.UNAUTHORIZED
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_signs_in_to_look_and_leads_on(guarded: Site) -> None:
    cookie = sign_in(guarded, TOKEN, keep=True, next_page="/about")
    assert guarded.get("/about", {"Cookie": cookie}).status == HTTPStatus.OK
    assert guarded.get("/about", {"Cookie": f"{cookie}x"}).status == HTTPStatus.UNAUTHORIZED
    sign_in(guarded, TOKEN[:-1])
    sign_in(guarded, "")


def test_a_code_works_once(options: WebOptions) -> None:
    with serving(replace(options, decide=True)) as running:
        cookie = sign_in(running, running.options.sign_in_code, keep=True)
        sign_in(running, running.options.sign_in_code)
        signed_out = running.ask(
            "POST", "/sign-out", {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
        )
        assert signed_out.status == HTTPStatus.SEE_OTHER


def test_a_token_in_the_address_is_worth_nothing(guarded: Site) -> None:
    assert guarded.get(f"/about?token={TOKEN}").status == HTTPStatus.UNAUTHORIZED
    assert guarded.get(f"/sign-in?code={TOKEN}").headers.get("set-cookie") is None


@pytest.mark.parametrize(
    "next_page",
    ["//evil.test/", "https://evil.test/", "/\\evil.test", "/a\r\nSet-Cookie: a=b", "about", "/é"],
)
def test_nobody_is_led_to_another_site(guarded: Site, next_page: str) -> None:
    form = f"code={TOKEN}&next={quote(next_page, safe='')}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = guarded.ask("POST", "/sign-in", headers, form)
    assert (answer.status, answer.headers["location"]) == (303, "/")


@pytest.mark.threats("U2")
@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"Origin": "{own}"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://evil.test"}, False),
        ({"Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "{own}", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "{own}1"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
)
def test_a_form_of_another_site_is_refused(
    options: WebOptions, headers: dict[str, str], *, is_own: bool
) -> None:
    with serving(replace(options, decide=True)) as running:
        own = {name: value.format(own=running.url) for name, value in headers.items()}
        answer = running.ask("POST", "/sign-out", own)
    assert answer.status == (HTTPStatus.SEE_OTHER if is_own else HTTPStatus.FORBIDDEN)


def test_a_proxy_says_who_asks_and_how(options: WebOptions) -> None:
    behind = replace(options, behind_proxy="127.0.0.1", hosts=("desk.example",))
    with serving(behind) as running:
        headers = {"X-Forwarded-Host": "desk.example", "X-Forwarded-Proto": "https"}
        assert running.get("/about", headers).status == HTTPStatus.OK
        evil = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}
        assert running.get("/about", evil).status == HTTPStatus.MISDIRECTED_REQUEST
        strange = {"X-Forwarded-Proto": "gopher", "X-Forwarded-For": "not, an address"}
        assert running.get("/about", strange).status == HTTPStatus.OK


def test_forwarded_headers_of_others_are_not_believed(options: WebOptions) -> None:
    for behind_proxy in ("", "10.0.0.0/8"):
        given = replace(options, behind_proxy=behind_proxy, hosts=("desk.example",))
        with serving(given) as running:
            headers = {"Host": "evil.test", "X-Forwarded-Host": f"127.0.0.1:{running.port}"}
            assert running.get("/about", headers).status == HTTPStatus.MISDIRECTED_REQUEST


def test_few_heavy_queries_run_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.guard.heavy.MAX_HEAVY", 0)
    for address in (
        "/search?q=glass",
        "/search.json?q=glass",
        "/timeline?q=glass",
        "/export/a.csv",
    ):
        answer = site.get(address)
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(answer.headers["retry-after"]) > 0
    assert site.get("/about").status == HTTPStatus.OK


def test_an_error_of_ours_is_one_sentence_and_its_traceback_is_in_the_log(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the inside of a page")

    monkeypatch.setattr("web.responses.parse_parameters", fail)
    for address in ("/about", "/about.json"):
        answer = site.get(address)
        assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
        assert "Something went wrong that should not." in answer.text
        assert "inside" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
    wait_for(lambda: caplog.text.count("RuntimeError: the inside of a page") == 2)


def test_many_visitors_at_once_get_their_own_answers(site: Site) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(site.get("/about").status)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [200] * 20


@pytest.mark.parametrize(
    "piece",
    [b"", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na"],
)
def test_a_request_that_does_not_arrive_in_time_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    monkeypatch.setattr(slow_requests, "REQUEST_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        connection.sendall(piece)
        while connection.recv(65_536):  # until the server closes it
            pass


def test_a_slow_request_that_arrives_in_time_is_answered(site: Site) -> None:
    head = f"GET /about HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        for start in range(0, len(head), 20):
            connection.sendall(head[start : start + 20].encode())
            time.sleep(0.02)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
