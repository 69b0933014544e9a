"""Assembles the web application from its pages: routes, their JSON twins, files, and the guard."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from web.corpus import Corpus
from web.errors import Problem
from web.guard.stack import protect
from web.options import WebOptions
from web.page import Page, twin_path
from web.pages.registry import PAGES
from web.rendering import Asset, Renderer, load_assets
from web.responses import PageAnswerer

THREADS = 8
"""Requests that are answered at the same time; each has its own connection to the database."""


def make_app(options: WebOptions) -> ASGIApp:
    """Returns the application. The database is opened when the first page asks for it."""
    assets = load_assets()
    corpus = Corpus(options.database_url)
    answerer = PageAnswerer(corpus, options, Renderer(assets))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        corpus.close()

    def not_found(request: Request, _: Exception) -> Response:
        detail = "There is no page at this address."
        return answerer.problem(request, Problem(status=404, title="Not found", detail=detail))

    app = Starlette(
        routes=[*_asset_routes(assets), *_page_routes(answerer)],
        exception_handlers={404: not_found},
        lifespan=lifespan,
    )
    return protect(app, options)


def _page_routes(answerer: PageAnswerer) -> list[BaseRoute]:
    """Returns the routes of all twins, then of all pages: `{id}` would match `7.json` too."""
    twins: list[BaseRoute] = []
    pages: list[BaseRoute] = []
    for page in PAGES:
        twins.append(_route(twin_path(page.path), answerer.json, page))
        pages.append(_route(page.path, answerer.html, page))
    return [*twins, *pages]


def _route(path: str, answer: Callable[[Page, Request], Response], page: Page) -> Route:
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
