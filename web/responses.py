"""Answers a request for a page: as HTML, as JSON, or with what went wrong."""

import hashlib
import logging
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from dedup.errors import NkwireError
from storage.browsing.position import Position
from storage.errors import NotFound, StorageError, TooSlow
from web import twins
from web.corpus import Corpus
from web.errors import Problem, Redirect, describe_error
from web.options import WebOptions
from web.page import Page, Query, twin_path
from web.parameters import Parameter, parse_parameters
from web.raw import RawAnswer, RawPage
from web.rendering import Renderer
from web.sessions import decider_of

log = logging.getLogger("nkwire.web")
HTML = "text/html; charset=utf-8"
JSON = "application/json"
NEW_EVERY_TIME = "private, no-cache"
STALL_SECONDS = 60.0
"""How long a piece of a file may wait for the visitor: meanwhile nobody else can export."""
_OUT_OF_REACH = "The database cannot be read now. The log of the web process says why."


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

    def raw(self, page: RawPage, request: Request) -> Response:
        """Answers with what is no page."""
        try:
            headers = {"Cache-Control": "no-store"}
            if page.has_tag:
                etag = self._etag(request)
                if etag in request.headers.get("if-none-match", ""):
                    return Response(status_code=304, headers=_cache_headers(etag))
                headers = dict(_cache_headers(etag))
            path = request.scope["path"]
            answer = page.answer(self._make_query(path, page.parameters, request))
            return _send_raw(answer, headers, is_head=request.method == "HEAD")
        except Redirect as redirect:
            return _redirect(redirect.url, redirect.status)
        except NkwireError as error:
            problem = self._describe(error)
            return self.problem(request, problem, as_json=page.tells_problems_as_json)

    def problem(self, request: Request, problem: Problem, *, as_json: bool = False) -> Response:
        """Answers with one sentence about what went wrong, as a page or as JSON."""
        headers = {"Cache-Control": "no-store"}
        if problem.retry_after is not None:
            headers["Retry-After"] = str(problem.retry_after)
        if as_json or request.scope["path"].endswith(".json"):
            body = twins.to_json(problem)
            return Response(body, problem.status, headers, media_type=JSON)
        text = self._renderer.render(
            "problem.html",
            page=problem,
            query=None,
            here="",
            options=self._options,
            words=request.query_params.get("q", ""),
        )
        return Response(_encode(text), problem.status, headers, media_type=HTML)

    def _answer(self, page: Page, request: Request, *, as_json: bool) -> Response:
        try:
            etag = self._etag(request)
            if etag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=_cache_headers(etag))
            path = request.scope["path"]
            if as_json:
                path = "/" if path == "/index.json" else path.removesuffix(".json")
            query = self._make_query(path, page.parameters, request)
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
            return _redirect(url, redirect.status)
        except NkwireError as error:
            return self.problem(request, self._describe(error))
        media_type = JSON if as_json else HTML
        return Response(body, headers=_cache_headers(etag), media_type=media_type)

    def _describe(self, error: NkwireError) -> Problem:
        if isinstance(error, StorageError) and not isinstance(error, NotFound | TooSlow):
            self._corpus.doubt()
        problem = describe_error(error)
        is_out_of_reach = problem.status == 503 and not isinstance(error, TooSlow)
        if is_out_of_reach and not self._options.shows_all_texts:
            # Where the database is stored is nobody's business beyond this machine.
            log.warning("%s", problem.detail)
            return replace(problem, detail=_OUT_OF_REACH)
        return problem

    def _make_query(self, path: str, parameters: tuple[Parameter, ...], request: Request) -> Query:
        decider = decider_of(request.scope)
        return Query(
            database=self._corpus.open(),
            options=self._options,
            path=path,
            ids=request.path_params,
            values=parse_parameters(parameters, request.query_params.multi_items()),
            parameters=parameters,
            shows_texts=self._options.shows_all_texts,
            is_signed_in=decider is not None,
            form_token=decider.new_form_token() if decider else "",
            base=str(request.base_url).rstrip("/"),
        )

    def _etag(self, request: Request) -> str:
        """Returns a tag of the corpus, the address, the visitor, the program and the day."""
        decider = decider_of(request.scope)
        # Not request.url: a "?" that is part of a name would end its path.
        scope = request.scope
        address = f"{scope['scheme']} {request.headers.get('host')} {scope['path']}"
        query = scope["query_string"].decode("latin-1")
        visitor = decider.tag if decider else ""
        # Pages say what is overdue or not read any more, so no tag is older than an hour.
        hour = f"{datetime.now(UTC):%Y-%m-%dT%H}"
        parts = (self._corpus.version(), address, query, self._renderer.digest, visitor, hour)
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


class _Stream(StreamingResponse):
    """Sends pieces while they are made. Their making ends at once if the visitor leaves, or takes
    no piece for STALL_SECONDS.
    """

    source: Iterator[bytes] = iter(())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            with anyio.fail_after(STALL_SECONDS):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        except TimeoutError:
            log.warning("a visitor stopped to read a file: the rest is not sent")
        finally:
            if isinstance(self.source, Generator):
                self.source.close()


def _redirect(url: str, status: int) -> Response:
    # A browser keeps a 301 for good, and a person may undo what gave a story another number.
    return RedirectResponse(url, status, {"Cache-Control": NEW_EVERY_TIME})


def _send_raw(answer: RawAnswer, headers: dict[str, str], *, is_head: bool) -> Response:
    headers |= answer.all_headers()
    content = answer.content
    if not isinstance(content, bytes):
        # The first piece is made here, so that an error in it is told.
        first = next(content, b"")
        pieces: Iterator[bytes] = iter(()) if is_head else chain((first,), content)
        response = _Stream(pieces, answer.status, headers, media_type=answer.media_type)
        response.source = content
        return response
    return Response(content, answer.status, headers, media_type=answer.media_type)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _cache_headers(etag: str) -> Mapping[str, str]:
    return {"ETag": etag, "Cache-Control": NEW_EVERY_TIME}
