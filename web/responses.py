"""Answers a request for a page: as HTML, as JSON, or with what went wrong."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dedup.errors import NkwireError
from storage.browsing.position import Position
from web import twins
from web.corpus import Corpus
from web.errors import Problem, Redirect, describe_error
from web.options import WebOptions
from web.page import Page, Query, twin_path
from web.parameters import parse_parameters
from web.rendering import Renderer

HTML = "text/html; charset=utf-8"
JSON = "application/json"
NEW_EVERY_TIME = "private, no-cache"


class PageAnswerer:
    """Makes the answers to requests for declared pages."""

    def __init__(self, corpus: Corpus, options: WebOptions, renderer: Renderer) -> None:
        self._corpus = corpus
        self._options = options
        self._renderer = renderer

    def html(self, page: Page, request: Request) -> Response:
        """Answers with the page."""
        return self._answer(page, request, as_json=False)

    def json(self, page: Page, request: Request) -> Response:
        """Answers with the JSON twin of the page."""
        return self._answer(page, request, as_json=True)

    def problem(self, request: Request, problem: Problem) -> Response:
        """Answers with one sentence about what went wrong, as a page or as JSON."""
        headers = {"Cache-Control": "no-store"}
        if problem.retry_after is not None:
            headers["Retry-After"] = str(problem.retry_after)
        if request.url.path.endswith(".json"):
            body = twins.to_json(problem)
            return Response(body, problem.status, headers, media_type=JSON)
        text = self._renderer.render(
            "problem.html", page=problem, query=None, here="", options=self._options
        )
        return Response(_encode(text), problem.status, headers, media_type=HTML)

    def _answer(self, page: Page, request: Request, *, as_json: bool) -> Response:
        try:
            etag = self._etag(request)
            if etag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=_cache_headers(etag))
            query = self._make_query(page, request, as_json=as_json)
            model = page.load(query)
            body = (
                _twin(query, model, request)
                if as_json
                else _encode(
                    self._renderer.render(
                        page.template,
                        page=model,
                        query=query,
                        here=page.section,
                        options=self._options,
                    )
                )
            )
        except Redirect as redirect:
            url = redirect.url
            if as_json:
                path, _, rest = url.partition("?")
                url = f"{twin_path(path)}{'?' if rest else ''}{rest}"
            return RedirectResponse(url, redirect.status)
        except NkwireError as error:
            return self.problem(request, describe_error(error))
        media_type = JSON if as_json else HTML
        return Response(body, headers=_cache_headers(etag), media_type=media_type)

    def _make_query(self, page: Page, request: Request, *, as_json: bool) -> Query:
        path = request.url.path
        if as_json:
            path = "/" if path == "/index.json" else path.removesuffix(".json")
        return Query(
            database=self._corpus.open(),
            options=self._options,
            path=path,
            ids=request.path_params,
            values=parse_parameters(page.parameters, request.query_params.multi_items()),
            parameters=page.parameters,
            shows_texts=not self._options.public,
            is_signed_in=bool(request.scope.get("nkwire.session")),
        )

    def _etag(self, request: Request) -> str:
        """Returns a tag that changes with the corpus, the address, the visitor and the program."""
        session = request.scope.get("nkwire.session", "")
        parts = (self._corpus.version(), str(request.url), self._renderer.digest, str(session))
        return f'W/"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]}"'


def _twin(query: Query, model: Any, request: Request) -> bytes:
    """Returns the value object as JSON; places in lists become whole addresses."""
    plain = twins.to_plain(model)
    base = str(request.base_url).rstrip("/")
    for name, parameter in (("next", "before"), ("previous", "after")):
        if isinstance(getattr(model, name, None), Position):
            other = {"before": None, "after": None, parameter: getattr(model, name)}
            plain[name] = base + query.twin(**other)
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _cache_headers(etag: str) -> Mapping[str, str]:
    return {"ETag": etag, "Cache-Control": NEW_EVERY_TIME}
