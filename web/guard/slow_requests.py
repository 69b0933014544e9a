"""Closes connections on which a request does not arrive in time, and answers for itself.

uvicorn limits the pause between two requests and not the time that one takes to arrive, so a few
hundred connections that send nothing would keep all visitors out. What uvicorn answers without
asking the application (too many connections, a request that is none) has our headers too.
"""

import asyncio

import h11
from starlette.responses import PlainTextResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from web.guard.security_headers import HEADERS, SecurityHeaders

MAX_CONNECTIONS = 200
REQUEST_SECONDS = 15.0
"""How long a request may take to arrive, with its body."""


_TOO_MANY = SecurityHeaders(
    PlainTextResponse("too many connections: try again soon", 503, {"Connection": "close"})
)


class TimedProtocol(H11Protocol):
    """The HTTP protocol of uvicorn, with a time limit for each request to arrive."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Takes a piece of a request. The time goes on until the request is whole."""
        is_full = len(self.connections) > MAX_CONNECTIONS
        self.app = _TOO_MANY if is_full else self.config.loaded_app
        super().data_received(data)
        if self._is_incomplete():
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the waiting with the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answers what is no request, or too long for one, and closes the connection."""
        headers = {**HEADERS, "Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
        events = (
            h11.Response(status_code=400, headers=list(headers.items()), reason=b"Bad Request"),
            h11.Data(data=msg.encode("ascii", "replace")),
            h11.EndOfMessage(),
        )
        for event in events:
            self.transport.write(self.conn.send(event))
        self.transport.close()

    def _is_incomplete(self) -> bool:
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_incomplete():
            self.transport.close()
