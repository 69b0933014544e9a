"""Serves the application with uvicorn, until the process is asked to stop."""

import socket
from collections.abc import Callable

import uvicorn

from web.app import make_app
from web.options import WebOptions

KEEP_ALIVE_SECONDS = 15
MAX_HEADER_BYTES = 64 * 1024
MAX_CONNECTIONS = 200
STOP_SECONDS = 5
"""How long running requests may take after the process was asked to stop."""


class Server(uvicorn.Server):
    """A uvicorn server that calls `on_ready` once it accepts connections."""

    def __init__(self, options: WebOptions, on_ready: Callable[[int], None]) -> None:
        super().__init__(
            uvicorn.Config(
                make_app(options),
                host=options.bind,
                port=options.port,
                http="h11",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=STOP_SECONDS,
                h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Binds the port, then calls `on_ready` with its number."""
        await super().startup(sockets)
        if self.started:
            self._on_ready(self.servers[0].sockets[0].getsockname()[1])


def serve(options: WebOptions, on_ready: Callable[[int], None]) -> bool:
    """Serves until SIGINT or SIGTERM. Returns whether it ever accepted connections."""
    server = Server(options, on_ready)
    server.run()
    return server.started
