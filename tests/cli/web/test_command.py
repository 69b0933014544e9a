"""`nkwire web` in a process of its own, as its user starts it."""

import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Started = Callable[..., subprocess.Popen[str]]
TOKEN = "0123456789abcdef" * 4
Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def serve(started: Started, program: list[str]) -> Start:
    """Starts the command on a free port; gives the process and the address that it prints."""

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = started(*program, "web", "--port", "0", *arguments)
        assert process.stdout is not None
        found = re.fullmatch(r"Listening on (http://\S+/)\n", process.stdout.readline())
        assert found, process.communicate()[1]
        return process, found[1]

    return start


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    process.send_signal(number)
    err = process.communicate(timeout=20)[1]
    return process.returncode, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_ends_well(
    serve: Start, corpus: list[dict[str, Any]], number: int
) -> None:
    process, url = serve()
    assert get(f"{url}about.json")[0] == 200
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Shows data/nkwire.db, for reading only")
    assert stop(process, number) == (0, "stopped\n")


def test_a_request_that_hangs_does_not_keep_it_from_ending(serve: Start) -> None:
    process, url = serve()
    port = int(url.rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as half_a_request:
        half_a_request.sendall(b"GET /about HTTP/1.1\r\nHost: ")
        code, err = stop(process)
        assert code == 0
        assert "Traceback" not in err


def test_a_database_that_is_not_there_yet_is_told_on_the_page_until_it_is(
    serve: Start, nkwire: Callable[..., Any], articles: list[dict[str, Any]], write: Any
) -> None:
    _, url = serve()
    status, page = get(f"{url}about")
    assert status == 503
    assert "no database at data/nkwire.db" in page
    assert nkwire("import", write("articles.jsonl", *articles)).code == 0
    deadline = time.monotonic() + 20
    while (answer := get(f"{url}about"))[0] == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (answer[0], "3 articles" in answer[1]) == (200, True)


def test_a_port_in_use_is_one_line(nkwire: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = nkwire("web", "--port", port)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"nkwire: cannot listen on port {port} of 127.0.0.1: Address already in use;"
        " choose another with --port or --bind\n"
    )


@pytest.mark.parametrize(
    ("bind", "reason"),
    [("192.0.2.7", "Cannot assign requested address"), ("no such host", "Name or service")],
)
def test_an_address_that_is_not_ours_is_one_line(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, bind: str, reason: str
) -> None:
    monkeypatch.setenv("NKWIRE_WEB_TOKEN", TOKEN)
    said = nkwire("web", "--bind", bind, "--port", 0)
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert reason in said.err


def test_a_url_that_is_none_is_one_line(nkwire: Callable[..., Any]) -> None:
    said = nkwire("web", "--database", "nonsense")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "not a database URL" in said.err


@pytest.mark.threats("S13")
def test_a_password_of_the_database_is_not_printed(serve: Start) -> None:
    process, _ = serve("--database", "postgresql://desk:hush@127.0.0.1:1/nkwire")
    assert process.stdout is not None
    shown = process.stdout.readline()
    assert "postgresql://127.0.0.1:1/nkwire" in shown
    assert "hush" not in shown


def test_the_browser_is_opened_at_the_address(
    started: Started, program: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >{note}.part; mv {note}.part {note}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    process = started(*program, "web", "--port", "0", "--open")
    assert process.stdout is not None
    url = process.stdout.readline().removeprefix("Listening on ").strip()
    deadline = time.monotonic() + 20
    while not note.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert note.read_text().strip() == url


@pytest.mark.threats("S13")
def test_a_short_token_is_refused_and_not_repeated(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_WEB_TOKEN", "hushhush")
    said = nkwire("web", "--port", 0)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "NKWIRE_WEB_TOKEN must be at least 32" in said.err
    assert "hushhush" not in said.err


def test_beyond_this_machine_it_needs_a_token(nkwire: Callable[..., Any]) -> None:
    said = nkwire("web", "--bind", "0.0.0.0", "--port", 0)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "set NKWIRE_WEB_TOKEN" in said.err


def test_what_is_open_to_others_is_told_and_no_token_is_printed(
    serve: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_WEB_TOKEN", TOKEN)
    process, url = serve("--bind", "0.0.0.0", "--decide")
    assert url.startswith("http://127.0.0.1:")
    assert process.stdout is not None
    shown = [process.stdout.readline() for _ in range(3)]
    assert "takes decisions; texts only as far as their rights allow" in shown[0]
    assert re.fullmatch(rf"Sign in to decide, once: {url}sign-in#[\w-]{{30,}}\n", shown[1])
    assert "Visitors need the token" in shown[2]
    assert TOKEN not in "".join(shown)
    assert get(f"{url}about")[0] == 401
