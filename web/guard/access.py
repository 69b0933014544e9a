"""Finds the session of a visitor, and turns away who must sign in first."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import Problem
from web.guard.refusal import Refusal
from web.sessions import COOKIE, Sessions, set_session

SIGN_IN_PATH = "/sign-in"
_OPEN_PATHS = (SIGN_IN_PATH, "/static/")
_BEARER = "bearer "
_PROBLEM = Problem(
    status=401,
    title="Sign in first",
    detail=(
        "This server shows its pages to those who know its token. Programs send it as"
        " `Authorization: Bearer TOKEN`."
    ),
)


class Access:
    """Gives each request its session. `needs_token`: whether only those who signed in may look."""

    def __init__(
        self, app: ASGIApp, refusal: Refusal, sessions: Sessions, *, needs_token: bool
    ) -> None:
        self._app = app
        self._refusal = refusal
        self._sessions = sessions
        self._needs_token = needs_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        session = self._sessions.find(request.cookies.get(COOKIE, ""))
        set_session(scope, session)
        is_open = scope["path"].startswith(_OPEN_PATHS)
        if not self._needs_token or is_open or session or self._has_bearer(request):
            await self._app(scope, receive, send)
        elif "text/html" in request.headers.get("accept", ""):
            await RedirectResponse(_sign_in_address(scope), 303)(scope, receive, send)
        else:
            headers = {"WWW-Authenticate": "Bearer"}
            await self._refusal.send(_PROBLEM, scope, receive, send, headers)

    def _has_bearer(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        is_bearer = given[: len(_BEARER)].lower() == _BEARER
        return is_bearer and self._sessions.is_token(given[len(_BEARER) :].strip())


def _sign_in_address(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    wanted = quote(scope["path"]) + (f"?{query}" if query else "")
    return f"{SIGN_IN_PATH}?next={quote(wanted, safe='')}"
