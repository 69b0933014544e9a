"""Signs visitors in by a token or a one-time code, and out again."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from storage.errors import InvalidRequest
from web.errors import Problem, describe_error
from web.guard.access import SIGN_IN_PATH
from web.guard.forms import read_form
from web.guard.refusal import ProblemAnswer
from web.options import WebOptions
from web.rendering import Renderer
from web.sessions import COOKIE, LIFETIME_SECONDS, Session, Sessions, session_of

SIGN_OUT_PATH = "/sign-out"
_NOT_KNOWN = Problem(
    status=403,
    title="Not signed in",
    detail=(
        "This is neither the token of this server nor its code, or the code was used already. A new"
        " start of `nkwire web` prints a new code."
    ),
)


def sign_in_routes(
    options: WebOptions, sessions: Sessions, renderer: Renderer, refuse: ProblemAnswer
) -> list[BaseRoute]:
    """Returns the routes by which visitors sign in; none if there is nothing to sign in for."""
    if not (options.decide or options.token):
        return []

    async def show(request: Request) -> Response:
        text = renderer.render(
            "sign_in.html",
            page=request.query_params.get("next", ""),
            query=None,
            here="",
            options=options,
        )
        return Response(text, headers={"Cache-Control": "no-store"}, media_type="text/html")

    async def sign_in(request: Request) -> Response:
        try:
            form = await read_form(request)
        except InvalidRequest as error:
            return refuse(request, describe_error(error))
        session = sessions.sign_in(form.get("code", "").strip())
        if session is None:
            return refuse(request, _NOT_KNOWN)
        response = RedirectResponse(local_path(form.get("next", "")), 303)
        _set_cookie(response, request, session)
        return response

    async def sign_out(request: Request) -> Response:
        session = session_of(request.scope)
        if session is not None:
            sessions.close(session)
        response = RedirectResponse("/", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    return [
        Route(SIGN_IN_PATH, show, methods=["GET"]),
        Route(SIGN_IN_PATH, sign_in, methods=["POST"]),
        Route(SIGN_OUT_PATH, sign_out, methods=["POST"]),
    ]


def local_path(address: str) -> str:
    """Returns an address if it leads to a page of this server, else that of the first page."""
    is_path = address.startswith("/") and not address.startswith("//")
    is_plain = address.isascii() and address.isprintable() and "\\" not in address
    return address if is_path and is_plain else "/"


def _set_cookie(response: Response, request: Request, session: Session) -> None:
    response.set_cookie(
        COOKIE,
        session.id,
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.scope["scheme"] == "https",
    )
    response.headers["Cache-Control"] = "no-store"
