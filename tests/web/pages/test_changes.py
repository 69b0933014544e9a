"""What a visitor reads of edits and removals, and what the twins say."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import open_database
from storage.changes.rows import edit_as_dict, transition_as_dict
from tests.web.conftest import DECLARED, Site, serving
from web.options import WebOptions
from web.twins import to_plain

Ids = Callable[[str], int]
BESIDE = ("language", "words", "withheld")


@pytest.fixture(scope="module")
def public(filled_sqlite: Path) -> Iterator[Site]:
    """A web process that shows texts only as far as the rights of their outlets allow."""
    outlets = {**DECLARED, "kcna": DECLARED["haebang"]}
    url = f"sqlite:///{filled_sqlite}"
    with serving(WebOptions(database_url=url, port=0, outlets=outlets, public=True)) as running:
        yield running


def test_the_twin_has_the_rows_of_the_command(site: Site, filled_sqlite: Path) -> None:
    with open_database(f"sqlite:///{filled_sqlite}") as database:
        edits = [edit_as_dict(each) for each in database.changes.iter()]
        states = [transition_as_dict(each) for each in database.changes.transitions()]
    rows = sorted([*edits, *states], key=lambda row: row["found_at"], reverse=True)
    shown = site.get("/changes.json").json["changes"]
    assert [{k: v for k, v in row.items() if k not in BESIDE} for row in shown] == [
        to_plain(row) for row in rows
    ]


def test_each_row_shows_the_changed_words(site: Site) -> None:
    text = site.get("/changes").text
    assert "<del>12,000</del><ins>18,000</ins>" in text
    assert "<del>, Ri Hi Yong</del>" in text
    assert "Ferry to the islands runs again<ins>, a week late</ins>" in text
    assert "Ann Reporter<ins>, Bo Writer</ins>" in text
    assert text.index("✕") < text.index("18,000")


def test_boring_edits_are_counted_and_one_click_away(site: Site) -> None:
    page = site.get("/changes")
    assert "1 boring edit hidden" in page.text
    assert 'href="/changes?boring=1"' in page.text
    assert "“new engine”" not in page.text
    everything = site.get("/changes.json?boring=1").json
    assert [row["boring"] for row in everything["changes"] if row.get("boring")] == ["typography"]
    assert everything["facets"]["boring"] == 1


@pytest.mark.parametrize(
    ("filters", "what"),
    [
        ("kind=headline", ["edit"]),
        ("state=gone", ["gone"]),
        ("outlet=kcna", ["edit"]),
        ("since=2026-03-04&until=2026-03-04", ["edit"]),
        ("until=2026-03-02", []),
        ("nature=update", []),
        ("silent=1&outlet=herald", ["gone", "edit", "missing"]),
    ],
)
def test_filters_select_rows(site: Site, filters: str, what: list[str]) -> None:
    found = site.get(f"/changes.json?{filters}").json["changes"]
    assert [row["what"] for row in found] == what
    assert site.get(f"/changes?{filters}").status == 200


@pytest.mark.parametrize("filters", ["kind=colour", "kind=names&state=gone", "before=x"])
def test_a_wrong_filter_is_refused(site: Site, filters: str) -> None:
    assert site.get(f"/changes?{filters}").status == 400


def test_an_outlet_that_is_not_read_is_named(site: Site) -> None:
    text = site.get("/changes").text
    assert "Not read now" in text
    assert 'href="/outlets/quiet"' in text
    assert "Not read now" not in site.get("/changes?outlet=kcna").text


def test_a_change_leads_to_its_difference(site: Site) -> None:
    edit = site.get("/changes.json?outlet=kcna").json["changes"][0]
    answer = site.get(f"/changes/{edit['change']}")
    assert (answer.status, answer.headers["location"]) == (
        302,
        f"/diff/{edit['from']}/{edit['to']}",
    )
    assert site.get("/changes/9999").status == 404


def test_words_are_withheld_where_the_rights_say_so(public: Site) -> None:
    (edit,) = public.get("/changes.json?outlet=kcna").json["changes"]
    assert edit["words"] == []
    assert edit["withheld"]
    assert (edit["added"], edit["removed"]) == (2, 10)
    page = public.get("/changes?outlet=kcna").text
    assert "Ri Hi Yong" not in page
    assert edit["withheld"] in page


def test_two_versions_stand_side_by_side(site: Site) -> None:
    edit = site.get("/changes.json?outlet=kcna").json["changes"][0]
    path = f"/diff/{edit['from']}/{edit['to']}"
    page, twin = site.get(path), site.get(f"{path}.json").json
    assert page.status == 200
    assert (twin["old"]["number"], twin["new"]["number"], twin["silent"]) == (1, 2, True)
    assert twin["kinds"] == edit["kinds"]
    changed = [
        piece["text"]
        for group in twin["groups"]
        for row in group["rows"]
        for piece in (*row["left"], *row["right"])
        if piece["sign"] != " "
    ]
    assert changed == ["12,000", "18,000", ", Ri Hi Yong"]
    assert ">12,000</mark>" in page.text
    assert (twin["after"], twin["before"]) == (edit["after"], edit["before"])
    assert "The page does not say that it was changed." in page.text


def test_other_fields_and_other_edits_are_told(site: Site, ids: Ids) -> None:
    versions = site.get(f"/articles/{ids('h4')}.json").json["versions"]
    first, second, third, last = (each["id"] for each in versions)
    twin = site.get(f"/diff/{second}/{third}.json").json
    assert [each["field"] for each in twin["fields"]] == ["headline", "authors"]
    assert (twin["older_edit"]["old"], twin["newer_edit"]["new"]) == (first, last)
    assert "The text is the same in both versions." in site.get(f"/diff/{second}/{third}").text
    boring = site.get(f"/diff/{first}/{second}").text
    assert "The rules call this edit boring: only typography differs." in boring
    far = site.get(f"/diff/{first}/{last}.json").json
    assert (far["between"], far["edit"], far["silent"]) == (2, None, False)
    assert "numbers" in far["kinds"]


def test_versions_are_put_in_order_and_of_two_articles_compared(site: Site, ids: Ids) -> None:
    versions = [each["id"] for each in site.get(f"/articles/{ids('h4')}.json").json["versions"]]
    other = site.get(f"/articles/{ids('h1')}.json").json["version_id"]
    in_order = f"/diff/{versions[0]}/{versions[3]}"
    back = site.get(f"/diff/{versions[3]}/{versions[0]}")
    assert (back.status, back.headers["location"]) == (302, in_order)
    assert site.get(f"/diff?old={versions[0]}&new={versions[3]}").headers["location"] == in_order
    apart = site.get(f"/diff/{versions[0]}/{other}")
    assert apart.headers["location"] == f"/compare/{ids('h4')}/{ids('h1')}"
    assert site.get(f"/diff/{other}/{other}").status == 400
    assert site.get("/diff?old=1").status == 400
    assert site.get(f"/diff/{other}/9999").status == 404


def test_of_a_withheld_text_the_lengths_are_shown(public: Site) -> None:
    edit = public.get("/changes.json?outlet=kcna").json["changes"][0]
    page = public.get(f"/diff/{edit['from']}/{edit['to']}")
    assert "12,000" not in page.text
    assert "letters]" in page.text
    assert "Brackets say how long the hidden parts are." in page.text
