"""Takes the forms: checks who sent them, stores, and leads on to a page."""

from dataclasses import replace
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dedup.errors import NkwireError
from storage.errors import InvalidRequest
from web.corpus import Corpus
from web.decisions.actions import ACTIONS, Action
from web.decisions.writer import DecisionWriter
from web.errors import Problem, describe_error
from web.guard.forms import read_form
from web.guard.refusal import ProblemAnswer
from web.options import WebOptions
from web.sessions import decider_of
from web.sign_in import local_path

_SIGN_IN_FIRST = Problem(
    status=403,
    title="Sign in to decide",
    detail="Open the link that `nkwire web --decide` printed at its start.",
)
_OLD_FORM = Problem(
    status=403,
    title="An old form",
    detail="This form is not of your present session: load its page anew, and send it again.",
)


def decision_routes(options: WebOptions, corpus: Corpus, refuse: ProblemAnswer) -> list[BaseRoute]:
    """Returns the routes of all forms; none unless persons may decide."""
    if not options.decide:
        return []
    taker = _FormTaker(corpus, DecisionWriter(options.database_url), refuse)
    return [Route(each.path, partial(taker.take, each), methods=["POST"]) for each in ACTIONS]


def _describe(error: NkwireError) -> Problem:
    problem = describe_error(error)
    is_of_form = isinstance(error, InvalidRequest)
    return replace(problem, title="This form cannot be read") if is_of_form else problem


class _FormTaker:
    def __init__(self, corpus: Corpus, writer: DecisionWriter, refuse: ProblemAnswer) -> None:
        self._corpus = corpus
        self._writer = writer
        self._refuse = refuse

    async def take(self, action: Action, request: Request) -> Response:
        session = decider_of(request.scope)
        if session is None:
            return self._refuse(request, _SIGN_IN_FIRST)
        try:
            fields = await read_form(request)
            if not session.is_form_token(fields.get("form_token", "")):
                return self._refuse(request, _OLD_FORM)
            if missing := [name for name in action.fields if not fields.get(name)]:
                raise InvalidRequest(f"the form lacks {', '.join(missing)}")
            await run_in_threadpool(self._store, action, fields)
        except NkwireError as error:
            return self._refuse(request, _describe(error))
        return RedirectResponse(local_path(fields.get("next") or "/decisions"), 303)

    def _store(self, action: Action, fields: dict[str, str]) -> None:
        # A database that the pages cannot show, such as one of another schema, is not written to.
        self._corpus.open()
        self._writer.run(lambda database: action.store(database, fields))
