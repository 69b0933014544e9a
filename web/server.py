"""Serves the application with uvicorn, until the process is asked to stop."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from queue import Queue
from types import FrameType

import uvicorn

from web.app import make_app
from web.errors import CannotListen
from web.guard.slow_requests import TimedProtocol
from web.options import WebOptions

START_SECONDS = 60
KEEP_ALIVE_SECONDS = 15
MAX_HEADER_BYTES = 64 * 1024
GRACE_SECONDS = 3
"""How long running requests may take after the process was asked to stop."""
STOP_SECONDS = 5.0
"""After this time the process ends, whatever still runs in it. It holds nothing that can be lost."""


class Server(uvicorn.Server):
    """A uvicorn server that calls `on_ready` once it accepts connections."""

    def __init__(self, options: WebOptions, on_ready: Callable[[int], None]) -> None:
        super().__init__(
            uvicorn.Config(
                make_app(options),
                host=options.bind,
                port=options.port,
                http=TimedProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
                h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to accept connections, then calls `on_ready` with the number of the port."""
        await super().startup(sockets)
        if self.started:
            self._on_ready(self.servers[0].sockets[0].getsockname()[1])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to stop. A second signal ends the process at once.

        uvicorn's own handler raises the signal again at the end, so that a stop looks like a crash.
        """
        if self.should_exit:
            _end_process(sig, frame)
        self.should_exit = True
        # A thread that waits for the database cannot be cancelled.
        signal.signal(signal.SIGALRM, _end_process)
        signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)


def _end_process(_: int, __: FrameType | None) -> None:
    os._exit(0)


def serve(options: WebOptions, on_ready: Callable[[int], None]) -> None:
    """Serves until SIGINT or SIGTERM; the process has to end within STOP_SECONDS after that.

    Raises CannotListen.
    """
    Server(options, on_ready).run([listen(options.bind, options.port)])


@contextmanager
def serving(options: WebOptions) -> Iterator[int]:
    """Serves in a thread of this process until the block ends, and yields the port.

    For tests, benchmarks and notebooks. Raises CannotListen.
    """
    ports: Queue[int] = Queue()
    server = Server(options, ports.put)
    sockets = [listen(options.bind, options.port)]
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    try:
        yield ports.get(timeout=START_SECONDS)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)


def listen(bind: str, port: int) -> socket.socket:
    """Returns a socket that listens. Raises CannotListen if the address is in use or not ours."""
    try:
        family, *_, address = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except (OSError, UnicodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"cannot listen on port {port} of {bind}: {reason.partition(' (while ')[0]};"
            " choose another with --port or --bind"
        ) from None


def base_url(host: str, port: int) -> str:
    """Returns the address of a server on this host, `http://[::1]:8450`."""
    try:
        is_ipv6 = ip_address(host).version == 6
    except ValueError:
        is_ipv6 = False
    return f"http://[{host}]:{port}" if is_ipv6 else f"http://{host}:{port}"
