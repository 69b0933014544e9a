"""A server of S3 on this machine, and a connection to it that fails as asked."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from tests.storage.relay import BLOCK_BYTES, Relay


@dataclass(frozen=True)
class Bucket:
    """A bucket of its own for one test. `port`: of the server."""

    name: str
    port: int
    client: Any

    @property
    def address(self) -> str:
        return f"s3://{self.name}"

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return [each["Key"] for each in found]

    def uploads(self) -> int:
        """How many uploads in parts are not complete."""
        return len(self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", []))

    def read(self, key: str) -> bytes:
        return bytes(self.client.get_object(Bucket=self.name, Key=key)["Body"].read())

    def write(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)


def serve_s3() -> Iterator[int]:
    """Serves S3 on a free port of the loopback interface, in a thread."""
    moto_server = pytest.importorskip("moto.server", reason="needs moto[server]")
    pytest.importorskip("s3fs", reason="needs s3fs")
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield server.get_host_and_port()[1]
    finally:
        server.stop()


def use_s3(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets this process and its children find the server, as the libraries of Amazon do."""
    values = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "AKIAINVENTED",
        "AWS_SECRET_ACCESS_KEY": "an-invented-secret-of-s3",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    forget_connections()


def forget_connections() -> None:
    """Lets the next file system be made anew: fsspec keeps those of earlier settings."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()


def make_bucket(port: int) -> Bucket:
    client = _client(port)
    name = f"corpus-{uuid4().hex}"
    client.create_bucket(Bucket=name)
    return Bucket(name, port, client)


@cache
def _client(port: int) -> Any:
    import botocore.session

    return botocore.session.get_session().create_client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    )


def _refusal(status: str) -> bytes:
    code = {"403": "AccessDenied", "500": "InternalError"}[status]
    body = f"<Error><Code>{code}</Code><Message>it is so</Message></Error>"
    head = f"HTTP/1.1 {status} No\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


class FaultyConnection(Relay):
    """A port that passes everything on to a server, until it is told to fail in a PUT.

    `fault`: "" for none, "stall" to pass no more than `after` bytes of the body of a PUT, "cut" to close
    the connection there, "500" or "403" to answer a PUT so. `stalled` is set when a PUT stalls.
    """

    def __init__(self, server: int) -> None:
        super().__init__(server)
        self.fault = ""
        self.after = 100_000
        self.stalled = threading.Event()

    def to_server(self, client: socket.socket, server: socket.socket) -> None:
        passed, is_put = 0, False
        with suppress(OSError):
            while block := client.recv(BLOCK_BYTES):
                if block.startswith((b"PUT ", b"GET ", b"HEAD ", b"POST ", b"DELETE ")):
                    # Half of a header is an object without bytes to the server of the tests.
                    passed, is_put = -block.find(b"\r\n\r\n") - 4, block.startswith(b"PUT ")
                if is_put and self.fault.isdecimal():
                    client.sendall(_refusal(self.fault))
                    break
                if is_put and self.fault and passed + len(block) > self.after:
                    server.sendall(block[: max(0, self.after - passed)])
                    if self.fault == "cut":
                        break
                    self.stalled.set()
                    threading.Event().wait(60)
                server.sendall(block)
                passed += len(block)
        for each in (client, server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def faulty_connection(port: int) -> Iterator[FaultyConnection]:
    connection = FaultyConnection(port)
    try:
        yield connection
    finally:
        connection.close()
