"""Writes one line for each answered request. What visitors search for is not in it."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage.clean import printable

log = logging.getLogger("nkwire.web")
_MAX_PATH_CHARS = 200


class AccessLog:
    """Logs method, path, status and time. The query string and the visitor are left out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_at, status = time.monotonic(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            milliseconds = (time.monotonic() - started_at) * 1000
            log.info(
                "%s %s %d %.0f ms",
                printable(scope["method"][:20]),
                _one_line(scope["path"]),
                status,
                milliseconds,
            )


def _one_line(path: str) -> str:
    return printable(path[:_MAX_PATH_CHARS]).replace("\n", "\\n").replace("\t", "\\t")
