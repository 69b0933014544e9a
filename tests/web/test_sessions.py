import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import sessions
from web.sessions import Session, Sessions


def opened(code: str = "a code") -> tuple[Sessions, Session]:
    store = Sessions(token="a token", code=code)
    session = store.sign_in(code)
    assert session is not None
    return store, session


def test_the_code_opens_one_session_that_may_decide_and_the_token_any_number_that_may_not() -> None:
    store, session = opened()
    assert session.may_decide
    assert store.sign_in("a code") is None
    first, second = store.sign_in("a token"), store.sign_in("a token")
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert not first.may_decide
    assert store.find(first.id) is first
    store.close(first)
    assert store.find(first.id) is None


def test_without_token_and_code_nobody_signs_in() -> None:
    assert Sessions().sign_in("") is None
    assert not Sessions().is_token("")


def test_a_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    store, session = opened()
    monkeypatch.setattr(time, "monotonic", lambda: session.ends_at + 1)
    assert store.find(session.id) is None


def test_who_may_decide_keeps_the_session_while_many_others_sign_in() -> None:
    store, session = opened()
    others = [store.sign_in("a token") for _ in range(sessions.MAX_SESSIONS + 5)]
    assert store.find(session.id) is session
    assert others[0] is not None
    assert store.find(others[0].id) is None


def test_form_tokens_differ_and_belong_to_one_session() -> None:
    _, first = opened()
    _, second = opened()
    tokens = {first.new_form_token() for _ in range(20)}
    assert len(tokens) == 20
    assert all(first.is_form_token(each) and not second.is_form_token(each) for each in tokens)
    assert first.id not in repr(first)


@given(st.text(max_size=200))
def test_no_other_text_is_a_form_token(text: str) -> None:
    assert not Session("an id", True, 0.0).is_form_token(text)
