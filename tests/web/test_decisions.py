import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import pytest

from storage import open_database
from storage.invariants import check_invariants
from tests.web.conftest import DECLARED, Answer, Site, serving
from web.decisions import writer
from web.decisions.actions import ACTIONS
from web.options import WebOptions

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass(frozen=True)
class Desk:
    """A running process with decisions, and a person who signed in."""

    site: Site
    path: Path
    cookie: str

    def get(self, address: str) -> Answer:
        return self.site.get(address, {"Cookie": self.cookie})

    def token(self) -> str:
        found = _TOKEN.search(self.get("/decisions").text)
        assert found
        return found[1]

    def post(
        self,
        address: str,
        fields: Mapping[str, object],
        *,
        token: str | None = None,
        headers: Mapping[str, str] = SAME_ORIGIN,
        cookie: str | None = None,
    ) -> Answer:
        token = self.token() if token is None else token
        body = urlencode({**fields, "form_token": token}).encode()
        cookie = self.cookie if cookie is None else cookie
        return self.site.ask("POST", address, {**FORM, **headers, "Cookie": cookie}, body)

    def stories(self) -> list[tuple[int, ...]]:
        with open_database(f"sqlite:///{self.path}") as database:
            assert check_invariants(database) == []
            return sorted(tuple(m.id for m in each.members) for each in database.stories.iter())


@pytest.fixture
def path(filled_sqlite: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled_sqlite, tmp_path / "nkwire.db"))


@pytest.fixture
def desk(path: Path) -> Iterator[Desk]:
    options = WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=DECLARED, decide=True)
    with serving(options) as running:
        body = urlencode({"code": options.sign_in_code}).encode()
        answer = running.ask("POST", "/sign-in", {**FORM, **SAME_ORIGIN}, body)
        assert answer.status == HTTPStatus.SEE_OTHER
        yield Desk(running, path, answer.headers["set-cookie"].partition(";")[0])


def test_two_articles_are_merged_listed_and_parted_again(
    desk: Desk, ids: Callable[[str], int]
) -> None:
    before = desk.stories()
    pair = tuple(sorted((ids("h2"), ids("w2"))))
    answer = desk.post("/decisions/merge", {"a": pair[0], "b": pair[1], "note": "<b>one</b> storm"})
    assert (answer.status, answer.headers["location"]) == (303, "/decisions")
    assert pair in desk.stories()
    twin = desk.get("/decisions.json").json["decisions"][0]
    assert twin["verb"] == "must-link"
    assert twin["note"] == "<b>one</b> storm"
    page = desk.get("/decisions").text
    assert "&lt;b&gt;one&lt;/b&gt; storm" in page
    assert "Merged: one story" in page
    at = re.findall(r'name="at" value="([^"]+)"', page)[0]
    assert (
        desk.post("/decisions/undo", {"at": at, "next": "/about"}).headers["location"] == "/about"
    )
    assert desk.stories() == before
    assert desk.post("/decisions/undo", {"at": at}).status == HTTPStatus.NOT_FOUND


def test_a_split_is_shown_before_it_is_done(desk: Desk, ids: Callable[[str], int]) -> None:
    before = desk.stories()
    article = ids("h1")
    address = f"/decisions/split?article={article}"
    preview = desk.get(address)
    assert preview.status == HTTPStatus.OK
    assert "Nothing has changed yet" in preview.text
    twin = desk.site.get(f"/decisions/split.json?article={article}").json
    assert twin["article"]["id"] == article
    assert twin["joining"] == {"articles": [], "more": 0}
    assert desk.stories() == before
    assert desk.post("/decisions/split", {"article": article, "note": "no"}).status == 303
    staying = {tuple(each["id"] for each in part["articles"]) for part in twin["staying"]}
    assert {(article,), *staying} <= set(desk.stories())
    assert desk.site.get(address).status == HTTPStatus.BAD_REQUEST


def test_an_edit_is_judged_and_the_judgement_taken_back(desk: Desk) -> None:
    with open_database(f"sqlite:///{desk.path}") as database:
        edit = next(database.changes.iter(boring=True))
    assert desk.post("/decisions/rule", {"change": edit.id, "boring": "1"}).status == 303
    (ruling,) = desk.get("/decisions.json").json["rulings"]
    assert ruling["boring"] is True
    undone = desk.post("/decisions/unrule", {"old": edit.old_id, "new": edit.new_id})
    assert undone.status == 303
    assert desk.get("/decisions.json").json["rulings"] == []


def test_reports_of_the_touched_days_are_worked_out(desk: Desk, ids: Callable[[str], int]) -> None:
    desk.post("/decisions/split", {"article": ids("h1")})
    assert desk.site.get("/health").json["reports_waiting_days"] == 0


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.path)
def test_every_form_needs_a_session_its_token_and_this_site(desk: Desk, action: object) -> None:
    path = action.path  # type: ignore[attr-defined]
    fields = {"a": 1, "b": 2, "article": 1, "at": "2026-01-01", "change": 1, "boring": 1, "old": 1}
    fields = {**fields, "new": 2}
    before = desk.stories()
    token = desk.token()
    for wrong in (
        desk.post(path, fields, token=token, cookie="nkwire_session=x"),
        desk.post(path, fields, token=""),
        desk.post(path, fields, token=token[:-4] + "AAAA"),
        desk.post(path, fields, token=token, headers={}),
        desk.post(path, fields, token=token, headers={"Origin": "http://evil.test"}),
        desk.post(path, fields, token=token, headers={"Sec-Fetch-Site": "cross-site"}),
        desk.site.ask("POST", path, {**SAME_ORIGIN, "Cookie": desk.cookie}, b"a=1"),
    ):
        assert wrong.status in (HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST), wrong.text
    missing = desk.post(path, {}, token=token)
    assert missing.status == HTTPStatus.BAD_REQUEST
    assert "the form lacks" in missing.text
    get = desk.site.get(path)
    assert get.status != HTTPStatus.SEE_OTHER
    assert desk.stories() == before
    assert desk.get("/decisions.json").json["decisions"][1:] == []


@pytest.mark.parametrize(
    ("address", "fields", "status"),
    [
        ("/decisions/merge", {"a": "x", "b": "1"}, 400),
        ("/decisions/merge", {"a": "1", "b": "1"}, 400),
        ("/decisions/merge", {"a": "1", "b": "999999"}, 404),
        ("/decisions/merge", {"a": "1", "b": "2", "note": "n" * 501}, 400),
        ("/decisions/merge", {"a": "9" * 30, "b": "2"}, 400),
        ("/decisions/split", {"article": "999999"}, 404),
        ("/decisions/undo", {"at": "yesterday"}, 400),
        ("/decisions/undo", {"at": "2026-01-01T00:00:00"}, 400),
        ("/decisions/undo", {"at": "0001-01-01T00:00:00+14:00"}, 400),
        ("/decisions/undo", {"at": "9999-12-31T23:59:59-14:00"}, 400),
        ("/decisions/undo", {"at": "2026-01-01T00:00:00+00:00"}, 404),
        ("/decisions/rule", {"change": "1", "boring": "perhaps"}, 400),
        ("/decisions/rule", {"change": "999999", "boring": "1"}, 404),
        ("/decisions/unrule", {"old": "1", "new": "999999"}, 404),
    ],
)
def test_what_cannot_be_decided_is_told(
    desk: Desk, address: str, fields: dict[str, str], status: int
) -> None:
    answer = desk.post(address, fields)
    assert answer.status == status
    assert ("This form cannot be read" in answer.text) == (status == HTTPStatus.BAD_REQUEST)


def test_a_busy_database_is_told_at_once_and_nothing_is_kept(
    desk: Desk, ids: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE_SECONDS", 0.2)
    before = desk.stories()
    token = desk.token()
    blocker = sqlite3.connect(desk.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        fields = {"a": ids("h2"), "b": ids("w2")}
        answer = desk.post("/decisions/merge", fields, token=token)
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(answer.headers["retry-after"]) > 0
        assert desk.get("/decisions").status == HTTPStatus.OK
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
    assert desk.stories() == before
    assert desk.post("/decisions/merge", fields).status == HTTPStatus.SEE_OTHER


def test_who_did_not_sign_in_sees_decisions_and_no_forms(desk: Desk) -> None:
    page = desk.site.get("/decisions").text
    assert "Haebang" in page
    assert 'method="post"' not in page
    assert 'method="post"' in desk.get("/decisions").text
    assert desk.site.get("/decisions").headers["etag"] != desk.get("/decisions").headers["etag"]


def test_without_decisions_there_is_no_route_for_forms(path: Path) -> None:
    options = WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=DECLARED)
    with serving(replace(options, token="0123456789abcdef0123456789abcdef")) as running:
        bearer = {"Authorization": "Bearer 0123456789abcdef0123456789abcdef", **SAME_ORIGIN, **FORM}
        for action in ACTIONS:
            answer = running.ask("POST", action.path, bearer, b"a=1&b=2")
            assert answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)


def test_an_edit_offers_its_ruling_and_shows_it(desk: Desk) -> None:
    edit = desk.site.get("/changes.json?outlet=kcna").json["changes"][0]
    path = f"/diff/{edit['from']}/{edit['to']}"
    assert "This edit is boring" in desk.get(path).text
    assert "This edit is boring" not in desk.site.get(path).text
    fields = {"change": edit["change"], "boring": 1, "note": "a misprint"}
    assert desk.post("/decisions/rule", fields).status == HTTPStatus.SEE_OTHER
    ruled = desk.get(path).text
    assert "A person ruled that this edit is boring. “a misprint”" in " ".join(ruled.split())
    assert "This edit matters" in ruled
    assert desk.site.get("/changes.json?outlet=kcna").json["changes"] == []
