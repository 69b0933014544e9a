"""Lets only forms pass that come from this site."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import Problem
from web.guard.access import SIGN_IN_PATH
from web.guard.refusal import Refusal

_PROBLEM = Problem(
    status=403,
    title="From another site",
    detail=(
        "This form did not come from a page of this server, or the browser does not say so."
        " Browsers say it over https and on this machine."
    ),
)


class SameOrigin:
    """Answers 403 to a POST unless Origin, or Sec-Fetch-Site, says that it comes from here.

    With the Referrer-Policy of our pages browsers send `Origin: null`; then Sec-Fetch-Site counts.
    To sign in, a visitor needs a secret that no other site knows: there it is enough that no other
    site is named.
    """

    def __init__(self, app: ASGIApp, refusal: Refusal) -> None:
        self._app = app
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and not _is_own(Request(scope)):
            await self._refusal.send(_PROBLEM, scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_own(request: Request) -> bool:
    origin = request.headers.get("origin", "null")
    site = request.headers.get("sec-fetch-site", "")
    if site and site != "same-origin":
        return False
    if origin != "null":
        return origin == f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    return site == "same-origin" or request.scope["path"] == SIGN_IN_PATH
