"""Serves `/health` and `/metrics` of a running service from threads of their own.

So both answer, and report the problem, while the scheduler's loop hangs.
"""

import json
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cli.errors import UserError
from cli.service.metrics import Metrics, scheduler_lag_seconds
from scheduler import Scheduler
from storage import Database
from storage.errors import StorageError
from web.host_names import OwnNames

DATABASE_TIMEOUT_SECONDS = 5.0
MAX_LAG_SECONDS = 300.0  # a job that is later than this is a problem
_ANOTHER_HOST = b"this server is not called so: name it in NKWIRE_MONITOR_HOSTS\n"
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """The health of the service.

    `role`: leader, standby or starting. `problems`: one sentence each, none if all is well.
    """

    role: str
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> bytes:
        """Returns the body of `/health`."""
        status = "failing" if self.problems else "ok"
        payload = {"status": status, "role": self.role, "problems": self.problems}
        return json.dumps(payload).encode() + b"\n"


class Monitor:
    """Listens as soon as it is made; reports on a service after `attach`.

    `hosts`: further names that the Host header may have, such as `nkwire:9464`. Raises UserError if
    it cannot use the port, and InvalidRequest for a host that is none.
    """

    def __init__(self, port: int, bind: str = "127.0.0.1", hosts: Iterable[str] = ()) -> None:
        self.own_names = OwnNames(bind, hosts)
        handler = type("Handler", (_Handler,), {"monitor": self})
        try:
            self._server = _Server((bind, port), handler)
        except OSError as error:
            reason = error.strerror or error
            raise UserError(
                f"cannot listen on port {port} of {bind}: {reason}; choose another with --port"
            ) from None
        self.port: int = self._server.server_address[1]
        self._scheduler: Scheduler | None = None
        self._metrics: Metrics | None = None
        self._ping_executor = ThreadPoolExecutor(1, "monitor")
        self._pending_ping: Future[None] | None = None
        threading.Thread(target=self._server.serve_forever, name="monitor", daemon=True).start()

    def attach(self, scheduler: Scheduler, database: Database, home: Path) -> None:
        """Reports on this service from now on."""
        self._metrics = Metrics(scheduler, database, home)
        self._database = database
        self._scheduler = scheduler

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._ping_executor.shutdown(wait=False, cancel_futures=True)

    def health(self) -> ServiceHealth:
        """Returns the present health of the service."""
        scheduler = self._scheduler
        if scheduler is None:
            return ServiceHealth("starting", ["the service is starting"])
        problems = []
        seconds_since_turn = time.monotonic() - scheduler.lease.heartbeat_at
        # It turns every third of a lease, and waits for the database at most half a lease.
        if seconds_since_turn > 2 * scheduler.pool.limits.lease:
            problems.append(f"the scheduler's loop has not turned for {seconds_since_turn:.0f} s")
        lag = scheduler_lag_seconds(scheduler)
        if lag > MAX_LAG_SECONDS:
            problems.append(f"an outlet has been due for {lag:.0f} s and was not started")
        if scheduler.pool.problem:
            problems.append(scheduler.pool.problem)
        if scheduler.held_because:
            problems.append(f"nothing is fetched: {scheduler.held_because}")
        if database_problem := self._database_problem():
            problems.append(database_problem)
        return ServiceHealth("leader" if scheduler.is_leader else "standby", problems)

    def _database_problem(self) -> str:
        """Returns what is wrong with the database; "" if it answers."""
        if self._pending_ping is None or self._pending_ping.done():
            self._pending_ping = self._ping_executor.submit(self._database.ping)
        try:
            self._pending_ping.result(DATABASE_TIMEOUT_SECONDS)
        except StorageError as error:
            return str(error)
        except TimeoutError:
            return f"the database has not answered within {DATABASE_TIMEOUT_SECONDS:g} s"
        return ""

    def metrics(self, accept: str) -> tuple[str, bytes]:
        """Returns content type and body, in the format that the Accept header asks for."""
        return self._metrics.render(accept) if self._metrics else ("text/plain", b"")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Ignores clients that close the connection early."""


class _Handler(BaseHTTPRequestHandler):
    monitor: Monitor
    timeout = 10  # seconds for a client to send its request
    server_version = "nkwire"
    sys_version = ""

    def do_GET(self) -> None:
        """Answers `/health` (503 if there are problems) and `/metrics`; 421 under another name."""
        hosts = self.headers.get_all("Host") or ()
        if not self.monitor.own_names.include(hosts, self.monitor.port):
            self._answer(421, "text/plain; charset=utf-8", _ANOTHER_HOST)
            return
        path = self.path.partition("?")[0]
        if path == "/health":
            health = self.monitor.health()
            self._answer(503 if health.problems else 200, _JSON, health.as_json())
        elif path == "/metrics":
            content_type, body = self.monitor.metrics(self.headers.get("Accept") or "")
            self._answer(200, content_type, body)
        else:
            self._answer(404, "text/plain; charset=utf-8", b"there are /health and /metrics\n")

    do_HEAD = do_GET

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Logs nothing: a line every few seconds helps nobody."""
