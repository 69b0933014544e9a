"""Compresses answers, but none that holds a secret."""

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from web.guard.access import SIGN_IN_PATH
from web.guard.heavy import EXPORT_PATH
from web.sessions import session_of

MIN_BYTES = 1_000
LEVEL = 5
_EXCLUDED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


class Compression:
    """Compresses with gzip where the browser can read it.

    The size of a compressed page betrays what stands in it twice (BREACH). So pages for who signed
    in, which carry form tokens, are sent as they are, and so are exports, which stream.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gzip = GZipMiddleware(
            app, MIN_BYTES, compresslevel=LEVEL, exclude_content_types=_EXCLUDED
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_plain = scope["type"] != "http" or (
            session_of(scope) is not None or scope["path"].startswith((SIGN_IN_PATH, EXPORT_PATH))
        )
        await (self._app if is_plain else self._gzip)(scope, receive, send)
