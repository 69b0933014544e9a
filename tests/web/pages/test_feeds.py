import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage import open_database
from tests.web import corpus
from tests.web.conftest import DECLARED, Site, serving
from web.options import WebOptions
from web.pages.feeds import FEEDS

ATOM = "{http://www.w3.org/2005/Atom}"
CHANGES = "/feed/changes.atom"
ADDRESSES = ["/feed/day.atom", "/feed/search.atom?q=glass", CHANGES]


def read(site: Site, address: str) -> ET.Element:
    """The feed, of which everything that RFC 4287 requires is checked."""
    answer = site.get(address)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.body)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *entries(feed)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert text(element, "id").startswith("urn:nkwire:")
        assert datetime.fromisoformat(text(element, "updated")).tzinfo
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    links = [
        (each.get("rel", "alternate"), each.get("href")) for each in feed.findall(f"{ATOM}link")
    ]
    assert ("self", f"{site.url}{address}") in links
    assert len({text(entry, "id") for entry in entries(feed)}) == len(entries(feed))
    for entry in entries(feed):
        (link,) = entry.findall(f"{ATOM}link")
        assert str(link.get("href")).startswith(f"{site.url}/")
    return feed


def entries(feed: ET.Element) -> list[ET.Element]:
    return feed.findall(f"{ATOM}entry")


def text(element: ET.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None
    return "".join(found.itertext())


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_feed_is_valid_and_not_sent_again_unchanged(site: Site, address: str) -> None:
    assert entries(read(site, address))
    etag = site.get(address).headers["etag"]
    assert site.get(address, {"If-None-Match": etag}).status == 304


def test_all_feeds_are_tested() -> None:
    assert {each.path for each in FEEDS} == {address.partition("?")[0] for address in ADDRESSES}


def test_each_text_is_an_entry_once(site: Site, ids: Callable[[str], int]) -> None:
    found = [text(entry, "id") for entry in entries(read(site, "/feed/day.atom"))]
    assert f"urn:nkwire:article:{ids('e1')}" in found
    assert f"urn:nkwire:article:{ids('h1')}" not in found  # a later copy
    copies = ("w1", "h1", "b1")
    assert set(found) == {
        f"urn:nkwire:article:{ids(key)}" for key in corpus.article_keys() if key not in copies
    }
    of_search = [text(each, "id") for each in entries(read(site, "/feed/search.atom?q=melting"))]
    assert of_search == [f"urn:nkwire:article:{ids('e1')}"]


def test_a_filtered_feed_has_an_id_of_its_own(site: Site) -> None:
    plain, filtered = read(site, "/feed/day.atom"), read(site, "/feed/day.atom?outlet=radio")
    assert text(filtered, "id") == "urn:nkwire:day:outlet=radio"
    assert text(plain, "id") == "urn:nkwire:day"
    assert {text(each, "author").strip() for each in entries(filtered)} == {"Radio"}


def test_an_edit_shows_the_words_that_changed(site: Site) -> None:
    found = {text(each, "id"): text(each, "summary") for each in entries(read(site, CHANGES))}
    assert "Removed: “12,000” … “, Ri Hi Yong” Added: “18,000”" in found["urn:nkwire:change:1"]
    assert any(name.startswith("urn:nkwire:change:gone:") for name in found)
    boring = entries(read(site, f"{CHANGES}?boring=1"))
    assert len(boring) > len(found)
    only_kcna = entries(read(site, f"{CHANGES}?outlet=kcna"))
    assert [text(each, "id") for each in only_kcna] == ["urn:nkwire:change:1"]


def test_a_feed_of_no_search_is_refused(site: Site) -> None:
    assert site.get("/feed/search.atom").status == 400


def test_a_feed_of_hostile_headlines_is_valid(filled_sqlite: Path, tmp_path: Path) -> None:
    hostile = "\x1b]0;x\x07<script>alert(1)</script> ]]> & \" '\x0b\ufffe\u202e<!-- \U0001f4a9"
    path = tmp_path / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    with open_database(f"sqlite:///{path}") as database:
        database.save(
            [
                corpus.article(
                    "herald", "x1", hostile, "Glass. " * 60, corpus.DAY + timedelta(days=9)
                )
            ]
        )
    options = WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=DECLARED)
    with serving(options) as site:
        for address in ADDRESSES:
            assert entries(read(site, address))
            assert b"<script" not in site.get(address).body
