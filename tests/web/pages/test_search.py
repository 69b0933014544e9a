from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from storage.search.snippet import Snippet
from tests.web.conftest import DECLARED, Site, serving
from web.options import WebOptions
from web.pages import search
from web.pages.search import Piece, cut_passage


def test_hits_show_the_passage_with_marks_and_fold_copies(site: Site) -> None:
    page, twin = site.get("/search?q=melting+hall").text, site.get("/search.json?q=melting+hall")
    assert "<mark>melting</mark>" in page
    assert (twin.json["hits"], twin.json["stories"], len(twin.json["rows"])) == (3, 1, 1)
    assert len(site.get("/search.json?q=melting+hall&copies=1").json["rows"]) == 3
    assert {each["value"] for each in twin.json["outlets"]} == {"kcna", "wire", "herald"}
    assert "3 articles with “<bdi>melting hall</bdi>”" in page


def test_filters_narrow_the_hits(site: Site) -> None:
    def outlets(query: str) -> set[str]:
        rows = site.get(f"/search.json?copies=1&{query}").json["rows"]
        return {row["article"]["outlet"] for row in rows}

    assert outlets("q=glass&language=en&since=2026-03-03&until=2026-03-03") == {
        "kcna",
        "wire",
        "herald",
        "radio",
    }
    assert outlets("q=glass&outlet=radio") == {"radio"}
    assert outlets("q=glass&until=2026-03-02") == set()


def test_a_search_leads_to_its_feed_export_and_timeline(site: Site) -> None:
    page = site.get("/search?q=glass&language=en").text
    for address in (
        "/feed/search.atom?q=glass&amp;language=en",
        "/export?q=glass&amp;language=en",
        "/timeline?q=glass",
    ):
        assert f'href="{address}"' in page
    assert site.get("/feed/search.atom?q=glass&language=en").status == 200


@pytest.mark.parametrize("name", ["https://radio.example/news/r1", "r1"])
def test_an_address_or_a_key_leads_to_its_article(
    site: Site, ids: Callable[[str], int], name: str
) -> None:
    answer = site.get(f"/search?q={name}")
    assert answer.status == 302
    assert answer.headers["location"] == f"/articles/{ids('r1')}"


def test_an_address_that_is_not_stored_is_not_searched_for_as_words(site: Site) -> None:
    answer = site.get("/search?q=https://radio.example/news/glass")
    assert answer.status == 200
    assert "No article has this address" in answer.text


def test_a_search_without_words_explains_itself_and_its_examples_work(site: Site) -> None:
    page = site.get("/search").text
    assert "(nuclear OR missile) test" in page
    assert site.get("/search?q=(nuclear+OR+missile)+test").status == 200


def test_a_search_that_cannot_be_read_is_told_in_one_sentence_and_kept(site: Site) -> None:
    answer = site.get("/search?q=(glass+%22works")
    assert answer.status == 400
    assert 'value="(glass &#34;works"' in answer.text
    assert "How to write a search" in answer.text
    assert site.get("/search.json?q=(glass").json["status"] == 400


def test_a_search_that_takes_too_long_says_what_to_do(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SECONDS", 0.0)
    answer = site.get("/search?q=glass+OR+kim")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "10"
    assert "ask for less common words" in answer.text


def test_pages_of_hits_have_each_hit_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "ROWS", 2)
    found: list[int] = []
    address = "/search.json?q=glass&copies=1"
    while address:
        twin = site.get(address).json
        found += [row["article"]["id"] for row in twin["rows"]]
        address = (twin["next"] or "").removeprefix(site.url)
    assert len(found) == len(set(found)) == twin["hits"] == 4
    previous = twin["previous"].removeprefix(site.url)
    assert [row["article"]["id"] for row in site.get(previous).json["rows"]] == found[:2]


def test_a_passage_is_hidden_where_rights_do_not_allow_it(filled_sqlite: Path) -> None:
    options = WebOptions(
        database_url=f"sqlite:///{filled_sqlite}", port=0, public=True, outlets=DECLARED
    )
    words = "\uc6a9\ud574\uc7a5"  # in texts of outlets with the rights "none" and "excerpt"
    with serving(options) as public:
        twin = public.get(f"/search.json?copies=1&q={quote(words)}").json
        feed = public.get(f"/feed/search.atom?q={quote(words)}").text
    assert twin["hits"] == 2
    assert all(row["passage"] == [] for row in twin["rows"])
    assert words not in feed.split("<entry>", 1)[1]


def test_a_passage_is_cut_at_its_hits() -> None:
    assert cut_passage(Snippet("a glass hall", ((2, 7),))) == (
        Piece(text="a ", is_hit=False),
        Piece(text="glass", is_hit=True),
        Piece(text=" hall", is_hit=False),
    )
