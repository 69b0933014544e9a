"""Turns an error that nobody expected into one sentence. The traceback is in the log only."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import Problem
from web.guard.refusal import Refusal

log = logging.getLogger("nkwire.web")
FAILED = Problem(
    status=500,
    title="This failed",
    detail="Something went wrong that should not. The log of the web process says what.",
)


class Faults:
    """Answers 500 for an exception. An answer that has begun is broken off instead."""

    def __init__(self, app: ASGIApp, refusal: Refusal) -> None:
        self._app = app
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            # uvicorn breaks off an answer that is not complete.
            log.exception("a page failed")
            if not has_begun:
                await self._refusal.send(FAILED, scope, receive, send)
