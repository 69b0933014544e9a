"""Puts all guards around the application, in the order in which a request meets them."""

from starlette.types import ASGIApp

from web.options import WebOptions


def protect(app: ASGIApp, options: WebOptions) -> ASGIApp:
    """Returns the application with its guards."""
    return app
