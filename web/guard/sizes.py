"""Refuses requests that are too large to be meant."""

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import Problem
from web.guard.refusal import Refusal

MAX_TARGET_BYTES = 8_000
MAX_HEADER_BYTES = 32_000
"""Of all headers together. uvicorn ends the connection at 64 kB."""
MAX_BODY_BYTES = 16_000
BODY_SECONDS = 10
"""How long a body may take to arrive."""


class Sizes:
    """Answers 414, 431 and 413 for what is too long; gives the rest of the program whole bodies."""

    def __init__(self, app: ASGIApp, refusal: Refusal) -> None:
        self._app = app
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        problem = _head_problem(scope)
        if problem is None and scope["method"] == "POST":
            try:
                with anyio.fail_after(BODY_SECONDS):
                    body = await _read_body(receive)
            except TimeoutError:
                problem = _make_problem(408, "The form took too long to arrive.")
            if len(body) > MAX_BODY_BYTES:
                problem = _too_large()
        if problem is not None:
            await self._refusal.send(problem, scope, receive, send)
            return
        is_body_given = scope["method"] != "POST"

        async def receive_again() -> Message:
            nonlocal is_body_given
            if is_body_given:
                return await receive()
            is_body_given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)


def _head_problem(scope: Scope) -> Problem | None:
    target_bytes = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if target_bytes > MAX_TARGET_BYTES:
        return _make_problem(414, f"An address has at most {MAX_TARGET_BYTES:,} characters.")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        return _make_problem(431, f"All headers together have at most {MAX_HEADER_BYTES:,} bytes.")
    length = Headers(scope=scope).get("content-length", "0")
    return _too_large() if not length.isdecimal() or int(length) > MAX_BODY_BYTES else None


async def _read_body(receive: Receive) -> bytes:
    """Returns the body, or a little more than is allowed of it."""
    body = b""
    while len(body) <= MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return body


def _too_large() -> Problem:
    return _make_problem(413, f"A form has at most {MAX_BODY_BYTES:,} bytes.")


def _make_problem(status: int, detail: str) -> Problem:
    return Problem(status=status, title="Too much", detail=detail)
