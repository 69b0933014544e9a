"""Answers a request that does not pass a guard."""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from web.errors import Problem

ProblemAnswer = Callable[[Request, Problem], Response]
"""Makes the answer to a request that fails: a page or JSON, as the address asks."""


class Refusal:
    """Sends problems to visitors."""

    def __init__(self, answer: ProblemAnswer) -> None:
        self._answer = answer

    async def send(
        self,
        problem: Problem,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answers the request with the problem. `headers`: further ones."""
        response = self._answer(Request(scope), problem)
        response.headers.update(headers or {})
        # What was sent with the request is not read: the connection ends instead.
        if problem.status == 413:
            response.headers["Connection"] = "close"
        await response(scope, receive, send)
