"""The audit of packages: it fails on a known weakness, and never because there is no network."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not installed")
ADVISORY = {
    "id": "OSV-1",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "an invented weakness",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "lxml"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]},
            ],
        }
    ],
}


def nothing(_: dict[str, Any]) -> dict[str, Any]:
    return {}


def lxml_is_weak(query: dict[str, Any]) -> dict[str, Any]:
    weak = {"vulns": [{"id": "OSV-1", "modified": ADVISORY["modified"]}]}
    return weak if query["package"]["name"] == "lxml" else {}


@contextmanager
def service(
    told: Callable[[dict[str, Any]], dict[str, Any]], *, raw: bytes | None = None, status: int = 200
) -> Iterator[str]:
    """Stands in for the advisory service. `raw`: what it answers to everything instead."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send(json.dumps({"results": [told(each) for each in asked["queries"]]}).encode())

        def do_GET(self) -> None:
            self.send(json.dumps(ADVISORY).encode())

        def send(self, body: bytes) -> None:
            body = body if raw is None else raw
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def audit(address: str, uv: str | Path = UV or "uv") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, ".ci/audit.py", str(uv), address]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.threats("S19")
@needs_uv
def test_packages_without_an_advisory_pass() -> None:
    with service(nothing) as address:
        ended = audit(address)
    assert ended.returncode == 0
    assert "SKIPPED" not in ended.stdout


@pytest.mark.threats("S19")
@needs_uv
def test_a_package_with_an_advisory_fails_the_build_and_is_named() -> None:
    with service(lxml_is_weak) as address:
        ended = audit(address)
    assert ended.returncode == 1
    assert "lxml" in ended.stdout
    assert "OSV-1" in ended.stdout
    assert "999" in ended.stdout


@pytest.mark.threats("S19")
@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9", "http://advisories.invalid", "https://127.0.0.1:9"]
)
def test_without_a_network_the_audit_is_skipped_and_says_so(address: str) -> None:
    ended = audit(address, "/nowhere/uv")
    assert ended.returncode == 0
    (line,) = ended.stdout.splitlines()
    assert line.startswith(f"SKIPPED: the audit of packages, because {address} cannot be reached")


@pytest.mark.threats("S19")
@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"<html>Please log in</html>", 200), (b"{}", 200), (b"[]", 200), (b"", 403), (b"{}", 503)],
)
def test_a_proxy_that_answers_in_place_of_the_service_is_no_service(
    raw: bytes, status: int
) -> None:
    with service(nothing, raw=raw, status=status) as address:
        ended = audit(address, "/nowhere/uv")
    assert ended.returncode == 0
    assert ended.stdout.startswith("SKIPPED: ")


@pytest.mark.threats("S19")
def test_an_audit_that_fails_while_the_service_answers_fails_the_build(tmp_path: Path) -> None:
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\nexit 2\n")
    uv.chmod(0o700)
    with service(nothing) as address:
        ended = audit(address, uv)
    assert ended.returncode == 2
    assert "SKIPPED" not in ended.stdout


@pytest.mark.threats("S19")
def test_the_build_runs_the_audit_and_compares_the_lock() -> None:
    steps = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert '"$bin/uv" lock --check ' in steps
    assert '"$bin/python" .ci/audit.py "$bin/uv"\n' in steps
