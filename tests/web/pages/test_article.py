"""What a visitor reads on the page of an article, and what its twin says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dedup.records import Attribution
from tests.web.conftest import DECLARED, Site, serving
from web.options import WebOptions
from web.pages.articles.article import split_paragraphs

Ids = Callable[[str], int]


@pytest.fixture(scope="module")
def public(filled_sqlite: Path) -> Iterator[Site]:
    """A web process that shows texts only as far as the rights of their outlets allow."""
    url = f"sqlite:///{filled_sqlite}"
    with serving(WebOptions(database_url=url, port=0, outlets=DECLARED, public=True)) as running:
        yield running


def test_an_article_tells_when_it_appeared_and_where_it_belongs(site: Site, ids: Ids) -> None:
    number = ids("w1")
    page, twin = site.get(f"/articles/{number}"), site.get(f"/articles/{number}.json").json
    assert page.status == 200
    assert '<h1 lang="en" dir="auto">N. Korean leader visits glass works</h1>' in page.text
    assert twin["last_poll_without_at"] == "2026-03-03T06:35:00Z"
    assert "appeared between" in page.text
    assert twin["state"] == "live"
    assert twin["dateline"] is None
    assert f'href="/reports/{twin["report"]}"' in page.text
    assert {each["outlet"] for each in twin["members"]} >= {"kcna", "herald"}
    assert {each["kind"] for each in twin["relations"]} <= {"copy", "identical", "edited"}
    assert all(0 <= each["share_here"] <= 1 for each in twin["relations"])


def test_a_day_is_printed_as_a_day(site: Site, ids: Ids) -> None:
    text = site.get(f"/articles/{ids('h3')}").text
    assert '<time datetime="2026-03-04">4 Mar 2026</time> (only the day is known)' in text
    assert "the outlet was not read before" in text


def test_a_removed_article_says_since_when_and_how_that_is_known(site: Site, ids: Ids) -> None:
    page = site.get(f"/articles/{ids('h2')}")
    twin = site.get(f"/articles/{ids('h2')}.json").json
    assert twin["state"] == "gone"
    assert [each["what"] for each in twin["transitions"]] == ["gone", "missing"]
    assert "3 checks since 2026-03-03" in page.text
    assert "not found in at least 3 checks over at least 14 days" in page.text


def test_a_stub_says_that_only_headline_and_lead_are_known(site: Site, ids: Ids) -> None:
    assert "Only headline and lead are known" in site.get(f"/articles/{ids('r2')}").text


def test_an_older_version_is_shown_with_a_banner(site: Site, ids: Ids) -> None:
    path = f"/articles/{ids('h4')}"
    versions = site.get(f"{path}.json").json["versions"]
    assert [each["current"] for each in versions] == [False, False, False, True]
    first = site.get(f"{path}?version={versions[0]['id']}")
    assert "This is version 1 of 4" in first.text
    assert "The ferry takes 240 passengers" in first.text
    assert "Correction:" not in first.text
    assert f"/diff/{versions[0]['id']}/{versions[3]['id']}" in first.text
    assert "This is version" not in site.get(path).text


def test_the_versions_tell_what_changed_from_one_to_the_next(site: Site, ids: Ids) -> None:
    versions = site.get(f"/articles/{ids('h4')}.json").json["versions"]
    edits = [each["edit"] for each in versions]
    assert edits[0] is None
    assert [each["boring"] for each in edits[1:]] == ["typography", "", ""]
    assert [each["silent"] for each in edits[1:]] == [True, True, False]
    assert (edits[3]["from"], edits[3]["to"]) == (versions[2]["id"], versions[3]["id"])


@pytest.mark.parametrize(
    "path", ["/articles/9999", "/articles/1?version=9999", "/articles/9999.json"]
)
def test_what_never_was_is_not_found(site: Site, path: str) -> None:
    assert site.get(path).status == 404


def test_a_version_of_another_article_is_not_shown(site: Site, ids: Ids) -> None:
    other = site.get(f"/articles/{ids('h1')}.json").json["version_id"]
    assert site.get(f"/articles/{ids('h4')}?version={other}").status == 404


def test_no_more_is_shown_than_the_rights_allow(site: Site, public: Site, ids: Ids) -> None:
    number = ids("b1")
    whole = site.get(f"/articles/{number}.json").json
    shown, page = public.get(f"/articles/{number}.json").json, public.get(f"/articles/{number}")
    assert whole["is_whole"]
    assert not shown["is_whole"]
    assert shown["text"] == ""
    assert shown["why_not_whole"] in page.text
    assert "현지지도했다고" not in page.text
    assert whole["attributions"]
    assert not any(each["words"] for each in shown["attributions"])


def test_recordings_are_offered_only_where_they_are(site: Site, ids: Ids) -> None:
    assert ".warc" not in site.get(f"/articles/{ids('e1')}").text


def test_words_that_cite_somebody_are_marked_where_they_stand() -> None:
    cite = Attribution("kcna", "verb", "text", 10, 19, "KCNA said")
    text = "First one\nKCNA said so.\n\nThe end."
    first, second, last = split_paragraphs(text, [cite, replace(cite, start=0, end=9)])
    assert [each.text for each in first] == ["First one"]
    assert [(each.text, each.cites) for each in second] == [("KCNA said", ("kcna",)), (" so.", ())]
    assert [each.text for each in last] == ["The end."]
