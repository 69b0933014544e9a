"""Lets only requests pass that name this server as it is called (`web.host_names`)."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import Problem
from web.guard.refusal import Refusal
from web.host_names import OwnNames
from web.options import WebOptions

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
        self._own_names = OwnNames(options.bind, options.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(scope):
            await self._refusal.send(_PROBLEM, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        return self._own_names.include(
            Headers(scope=scope).getlist("host"),
            scope["server"][1],
            scheme=scope["scheme"],
            is_forwarded=bool(scope.get("nkwire.forwarded")),
        )
