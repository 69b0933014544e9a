"""Takes the visitor's address from a proxy, and from nobody else."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import Problem
from web.guard.refusal import Refusal
from web.options import parse_peers

_PROBLEM = Problem(
    status=403,
    title="Not this way",
    detail="This server answers its proxy and its own machine only.",
)
_OWN_MACHINE = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class BehindProxy:
    """Replaces scheme, host and visitor by what the proxy says (X-Forwarded-Proto, -Host, -For).

    The proxy decides who may look, so that others than it and this machine are refused.
    `behind_proxy`: the address or the network of the proxy.
    """

    def __init__(self, app: ASGIApp, refusal: Refusal, behind_proxy: str) -> None:
        self._app = app
        self._refusal = refusal
        self._peers = parse_peers(behind_proxy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            peer = _address_of(scope["client"][0])
            if peer in self._peers:
                scope = _forwarded(scope)
            elif not any(peer in network for network in _OWN_MACHINE):
                await self._refusal.send(_PROBLEM, scope, receive, send)
                return
        await self._app(scope, receive, send)


def _address_of(peer: str) -> IPv4Address | IPv6Address:
    address = ip_address(peer)
    # A server that is bound to :: sees IPv4 addresses so.
    return getattr(address, "ipv4_mapped", None) or address


def _forwarded(scope: Scope) -> Scope:
    scope = {**scope, "headers": list(scope["headers"]), "nkwire.forwarded": True}
    given = Headers(scope=scope)
    if (proto := given.get("x-forwarded-proto", "")) in ("http", "https"):
        scope["scheme"] = proto
    if host := given.get("x-forwarded-host", ""):
        MutableHeaders(scope=scope)["host"] = host
    # The last address is what the proxy saw; those before it are what the visitor claims.
    visitor = given.get("x-forwarded-for", "").rpartition(",")[2].strip()
    with suppress(ValueError):
        scope["client"] = (str(ip_address(visitor)), 0)
    return scope
