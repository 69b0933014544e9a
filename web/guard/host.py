"""Lets only requests pass that name this server as it is called.

A page of another site can give its own name the address 127.0.0.1 (DNS rebinding). Its requests
still say the name of that site in the Host header.
"""

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from storage.errors import InvalidRequest
from web.errors import Problem
from web.guard.refusal import Refusal
from web.options import WebOptions, parse_host

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PROBLEM = Problem(
    status=421,
    title="Another address",
    detail=(
        "This server is not called so. Use the address that it printed at its start, or start it"
        " with --host and the name, such as --host desk.example or --host localhost:9000."
    ),
)


class HostNames:
    """Answers 421 unless the Host header is one of an exact list, with the port."""

    def __init__(self, app: ASGIApp, refusal: Refusal, options: WebOptions) -> None:
        self._app = app
        self._refusal = refusal
        self._declared = frozenset(parse_host(each) for each in options.hosts)
        self._names = frozenset((*LOOPBACK_NAMES, *_bound_name(options.bind)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(scope):
            await self._refusal.send(_PROBLEM, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        if len(given) != 1:
            return False
        try:
            name, port = parse_host(given[0])
        except InvalidRequest:
            return False
        default_port = _DEFAULT_PORTS.get(scope["scheme"], 0)
        port = default_port if port is None else port
        own_port = scope["server"][1]
        if (name, port) in self._declared:
            return True
        if (name, None) in self._declared:
            # Behind a proxy the port that visitors see is the proxy's.
            return port in (own_port, default_port) if _is_forwarded(scope) else port == own_port
        return name in self._names and port == own_port


def _bound_name(bind: str) -> tuple[str, ...]:
    """Returns the name of a single address to bind, which the start prints; none for all."""
    try:
        is_all = ip_address(bind.removeprefix("[").removesuffix("]")).is_unspecified
    except ValueError:
        is_all = not bind
    if is_all:
        return ()
    try:
        return (parse_host(f"[{bind}]" if ":" in bind and not bind.startswith("[") else bind)[0],)
    except InvalidRequest:  # such as fe80::1%eth0, which no browser sends
        return ()


def _is_forwarded(scope: Scope) -> bool:
    return bool(scope.get("nkwire.forwarded"))
