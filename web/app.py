"""Assembles the web application from its pages: routes, their JSON twins, files, and the guard."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from web.corpus import Corpus
from web.decisions.routes import decision_routes
from web.errors import Problem
from web.guard.faults import FAILED
from web.guard.stack import protect
from web.options import WebOptions
from web.page import Page, twin_path
from web.pages.registry import PAGES, RAW_PAGES
from web.raw import RawPage
from web.rendering import Asset, Renderer, load_assets
from web.responses import PageAnswerer
from web.sessions import Sessions
from web.sign_in import sign_in_routes

THREADS = 8
"""Requests that are answered at the same time; each has its own connection to the database."""

_HTTP_PROBLEMS = {
    404: ("Not found", "There is no page at this address."),
    405: ("Only reading", "This address is not for forms."),
}
_Declared = TypeVar("_Declared", Page, RawPage)


def make_app(options: WebOptions) -> ASGIApp:
    """Returns the application. The database is opened when the first page asks for it."""
    assets = load_assets()
    corpus = Corpus(options.database_url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        corpus.close()

    renderer = Renderer(assets)
    answerer = PageAnswerer(corpus, options, renderer)
    sessions = Sessions(token=options.token, code=options.sign_in_code if options.decide else "")
    app = Starlette(
        routes=[
            *_asset_routes(assets),
            *sign_in_routes(options, sessions, renderer, answerer.problem),
            *decision_routes(options, corpus, answerer.problem),
            *_raw_routes(answerer),
            *_page_routes(answerer),
        ],
        exception_handlers={
            HTTPException: partial(_answer_http_error, answerer),
            # Starlette sends this, then raises the error again: the guard logs it.
            Exception: lambda request, _: answerer.problem(request, FAILED),
        },
        lifespan=lifespan,
    )
    return protect(app, options, sessions, answerer.problem)


def _answer_http_error(answerer: PageAnswerer, request: Request, error: Exception) -> Response:
    """Answers for an address without a page, and for a method that it does not know."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    title, detail = _HTTP_PROBLEMS.get(status, ("This failed", "This request cannot be read."))
    response = answerer.problem(request, Problem(status=status, title=title, detail=detail))
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def _page_routes(answerer: PageAnswerer) -> list[BaseRoute]:
    """Returns the routes of all twins, then of all pages: `{id}` would match `7.json` too."""
    twins: list[BaseRoute] = []
    pages: list[BaseRoute] = []
    for page in PAGES:
        twins.append(_route(twin_path(page.path), answerer.json, page))
        pages.append(_route(page.path, answerer.html, page))
    return [*twins, *pages]


def _raw_routes(answerer: PageAnswerer) -> list[BaseRoute]:
    """Returns the routes that must be tried before pages: `/reports/{report}` matches `7.csv`."""
    return [_route(page.path, answerer.raw, page) for page in RAW_PAGES]


def _route(path: str, answer: Callable[[_Declared, Request], Response], page: _Declared) -> Route:
    # A plain function runs in a thread, so that the database blocks no other request.
    def endpoint(request: Request) -> Response:
        return answer(page, request)

    return Route(path, endpoint, methods=["GET"], name=page.name)


def _asset_routes(assets: dict[str, Asset]) -> list[BaseRoute]:
    return [
        Route(asset.path, partial(_send_asset, asset), methods=["GET"]) for asset in assets.values()
    ]


async def _send_asset(asset: Asset, _: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset.content, headers=headers, media_type=asset.media_type)
