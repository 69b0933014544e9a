"""Puts all guards around the application, in the order in which a request meets them."""

from starlette.types import ASGIApp

from web.guard.access import Access
from web.guard.access_log import AccessLog
from web.guard.compression import Compression
from web.guard.faults import Faults
from web.guard.heavy import HeavyQueries
from web.guard.host import HostNames
from web.guard.methods import READING, Methods
from web.guard.origin import SameOrigin
from web.guard.proxy import BehindProxy
from web.guard.refusal import ProblemAnswer, Refusal
from web.guard.security_headers import SecurityHeaders
from web.guard.sizes import Sizes
from web.options import WebOptions
from web.sessions import Sessions


def protect(
    app: ASGIApp, options: WebOptions, sessions: Sessions, answer: ProblemAnswer
) -> ASGIApp:
    """Returns the application with its guards. `answer`: makes the answer to what they refuse."""
    refusal = Refusal(answer)
    may_sign_in = bool(options.decide or options.token)
    # The last one here is the first that a request meets.
    app = Compression(app)
    app = HeavyQueries(app, refusal)
    app = SameOrigin(app, refusal)
    app = Access(app, refusal, sessions, needs_token=bool(options.token))
    app = Sizes(app, refusal)
    app = Methods(app, refusal, (*READING, "POST") if may_sign_in else READING)
    app = HostNames(app, refusal, options)
    if options.behind_proxy:
        app = BehindProxy(app, refusal, options.behind_proxy)
    app = Faults(app, refusal)
    return AccessLog(SecurityHeaders(app))
