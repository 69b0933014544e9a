"""Lets only reading requests pass, unless persons may sign in."""

from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import Problem
from web.guard.refusal import Refusal

READING = ("GET", "HEAD")


class Methods:
    """Answers 405 to all methods but those that are allowed."""

    def __init__(self, app: ASGIApp, refusal: Refusal, allowed: tuple[str, ...]) -> None:
        self._app = app
        self._refusal = refusal
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in self._allowed:
            names = ", ".join(self._allowed)
            problem = Problem(
                status=405, title="Only reading", detail=f"This server knows {names} only."
            )
            await self._refusal.send(problem, scope, receive, send, {"Allow": names})
            return
        await self._app(scope, receive, send)
