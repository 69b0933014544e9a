"""Lets few heavy queries run at the same time, so that pages go on to answer."""

from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import RETRY_AFTER_SECONDS, Problem
from web.guard.refusal import Refusal

MAX_HEAVY = 3
MAX_EXPORTS = 1
"""An export holds a reading transaction, and the write-ahead log of SQLite grows meanwhile."""
_SEARCHES = ("/search", "/search.json", "/feed/search.atom")
_TIMELINES = ("/timeline", "/timeline.json")
EXPORT_PATH = "/export/"


class HeavyQueries:
    """Answers 503 where too many searches, or another export, are running. Nobody waits in line."""

    def __init__(self, app: ASGIApp, refusal: Refusal) -> None:
        self._app = app
        self._refusal = refusal
        self._running = {"search": 0, "export": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = _kind(scope) if scope["type"] == "http" else ""
        if not kind:
            await self._app(scope, receive, send)
            return
        is_full = sum(self._running.values()) >= MAX_HEAVY
        if is_full or (kind == "export" and self._running["export"] >= MAX_EXPORTS):
            await self._refusal.send(_describe(kind), scope, receive, send)
            return
        self._running[kind] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running[kind] -= 1


def _kind(scope: Scope) -> str:
    """Returns "search" or "export" for a heavy request, else ""."""
    path = scope["path"]
    if path.startswith(EXPORT_PATH):
        return "export"
    words = parse_qs(scope["query_string"].decode("latin-1")).get("q")
    return "search" if words and path in (*_SEARCHES, *_TIMELINES) else ""


def _describe(kind: str) -> Problem:
    detail = (
        "Another export is running, and there is one at a time."
        if kind == "export"
        else f"{MAX_HEAVY} heavy queries are running already."
    )
    return Problem(status=503, title="Busy", detail=detail, retry_after=RETRY_AFTER_SECONDS)
