from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.web.conftest import DECLARED
from web.options import WebOptions
from web.page import Query
from web.rights import explain_rights, may_show_text, visible_text

if TYPE_CHECKING:
    from storage.database import Database

TEXT = "The first paragraph.\nThe second paragraph."


def query(**options: object) -> Query:
    given = WebOptions(database_url="sqlite:///none.db", outlets=DECLARED)
    web_options = replace(given, **options)  # type: ignore[arg-type]
    return Query(
        database=cast("Database", None),
        options=web_options,
        path="/articles/1",
        ids={},
        values={},
        shows_texts=web_options.shows_all_texts,
    )


def test_on_loopback_everything_is_shown() -> None:
    for outlet in ("herald", "seoul-ilbo", "haebang"):
        shown = visible_text(query(), outlet, "none", TEXT)
        assert (shown.text, shown.is_whole, shown.reason) == (TEXT, True, "")
        assert may_show_text(query(), outlet, "none")


@pytest.mark.parametrize(
    "options", [{"public": True}, {"bind": "0.0.0.0"}, {"behind_proxy": "10.0.0.2"}]
)
@pytest.mark.parametrize(
    ("outlet", "stored", "lead", "expected"),
    [
        ("herald", "full", "", TEXT),
        ("herald", "full, all rights reserved", "", TEXT),
        ("herald", "lead", "An opening.", "An opening."),
        ("herald", "none", "An opening.", ""),
        ("seoul-ilbo", "full", "", "The first paragraph."),
        ("seoul-ilbo", "none", "", ""),
        ("haebang", "full", "An opening.", ""),
        ("undeclared", "lead: a note", "", "The first paragraph."),
    ],
)
def test_beyond_loopback_the_stricter_of_stored_and_declared_rights_counts(
    options: dict[str, object], outlet: str, stored: str, lead: str, expected: str
) -> None:
    asked = query(**options)
    shown = visible_text(asked, outlet, stored, TEXT, lead)
    assert shown.text == expected
    assert shown.is_whole == (expected == TEXT)
    assert may_show_text(asked, outlet, stored) == shown.is_whole
    assert bool(shown.reason) == (not shown.is_whole)
    assert explain_rights(asked, outlet, stored) == shown.reason


@pytest.mark.parametrize(
    ("bind", "is_local"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("[::1]", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.4", False), ("desk.example", False)],
)  # fmt: skip
def test_only_addresses_of_this_machine_are_local(bind: str, *, is_local: bool) -> None:
    options = WebOptions(database_url="sqlite:///none.db", bind=bind, recordings=(Path("warc"),))
    assert options.shows_all_texts == is_local
