"""Servers on loopback that alerts are sent to: web, mail, and one that never says a whole line."""

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are part of the tests."""


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    """The port of a server, which runs until the end of the block."""
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Hook:
    """A web server that notes what it is sent; `status` is what it answers with."""

    port: int = 0
    status: int = 204
    location: str = ""
    got: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=1"


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((self.path, dict(self.headers), json.loads(body)))
            self.send_response(made.status)
            if made.location:
                self.send_header("Location", made.location)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as made.port:
        yield made


@dataclass
class Post:
    """A mail server that keeps what it is given. `greeting`: its first line."""

    port: int = 0
    greeting: str = "220 post"
    mails: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()

    class Handler(socketserver.StreamRequestHandler):
        def answer(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.answer(made.greeting)
            while line := self.rfile.readline().decode().strip():
                made.said.append(line)
                verb = line.split()[0].upper()
                if verb == "EHLO":
                    self.answer("250-post\r\n250 8BITMIME")
                elif verb == "DATA":
                    self.answer("354 go on")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    made.mails.append(text.decode())
                    self.answer("250 kept")
                elif verb == "QUIT":
                    self.answer("221 bye")
                    return
                else:
                    self.answer("250 fine")

    with serving(Server(("127.0.0.1", 0), Handler)) as made.port:
        yield made


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a whole line."""
    stop = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while not stop.wait(0.05):
                self.request.sendall(b"H")

    with serving(Server(("127.0.0.1", 0), Handler)) as port:
        yield port
        stop.set()
