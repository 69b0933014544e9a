"""Tells whether a request names this server as it is called. The pages and the metrics use it.

A page of another site can give its own name the address 127.0.0.1 (DNS rebinding). Its requests
still say the name of that site in the Host header.
"""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from storage.errors import InvalidRequest
from web.options import parse_host

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class OwnNames:
    """The names of a server: those of loopback, the address it listens on, and declared ones.

    `declared`: hosts such as `desk.example` or `desk.example:8443`. Raises InvalidRequest.
    """

    def __init__(self, bind: str, declared: Iterable[str]) -> None:
        self._declared = frozenset(parse_host(each) for each in declared)
        self._names = frozenset((*LOOPBACK_NAMES, *_bound_name(bind)))

    def include(
        self,
        host_headers: Sequence[str],
        own_port: int,
        *,
        scheme: str = "http",
        is_forwarded: bool = False,
    ) -> bool:
        """Returns whether the request is for this server.

        `host_headers`: all Host headers of the request; there must be exactly one (RFC 9112, 3.2).
        `own_port`: the port that the server listens on. `is_forwarded`: a proxy passed it on.
        """
        if len(host_headers) != 1:
            return False
        try:
            name, port = parse_host(host_headers[0])
        except InvalidRequest:
            return False
        default_port = _DEFAULT_PORTS.get(scheme, 0)
        port = default_port if port is None else port
        if (name, port) in self._declared:
            return True
        if (name, None) in self._declared:
            # Behind a proxy the port that visitors see is the proxy's.
            return port in (own_port, default_port) if is_forwarded else port == own_port
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
