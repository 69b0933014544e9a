"""No text that an outlet prints breaks a page: all answer, stay small, and are valid HTML."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest

from storage import open_database
from storage.reports.carriage import load_carriage
from tests.web import hostile
from tests.web.conftest import Site, serving
from tests.web.hostile import PAYLOADS
from tests.web.markup import html_errors, unsafe_markup
from web.options import WebOptions

MAX_BYTES = 1_500_000
LISTS = ("/", "/days/2026-03-02", "/reports", "/stories", "/changes?boring=1", "/outlets")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Sequence[int]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('hostile')}/nkwire.db"
    with open_database(url, seed=1) as database:
        return url, hostile.fill(database)


@pytest.fixture(scope="module")
def ids(filled: tuple[str, Sequence[int]]) -> Sequence[int]:
    return filled[1]


@pytest.fixture(scope="module")
def site(filled: tuple[str, Sequence[int]]) -> Iterator[Site]:
    with serving(WebOptions(database_url=filled[0], port=0)) as running:
        yield running


def assert_sound(site: Site, address: str, *, may_be: Sequence[int] = (200,)) -> str:
    answer = site.get(address, {"Accept": "text/html"})
    assert answer.status in (*may_be, 301, 302, 303), (
        f"{address}: {answer.status} {answer.text[:300]}"
    )
    if "location" in answer.headers:
        assert answer.headers["location"].startswith("/"), address
        return ""
    assert len(answer.body) < MAX_BYTES, f"{address} has {len(answer.body):,} bytes"
    assert html_errors(answer.body) == [], address
    assert unsafe_markup(answer.body) == [], address
    page = answer.body.decode()  # strict: it is UTF-8
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page), (
        address
    )
    return page


def test_lists_of_hostile_articles_are_sound(site: Site) -> None:
    for address in LISTS:
        assert_sound(site, address)
        assert site.get(address.replace("?", ".json?") if "?" in address else twin(address)).json


def twin(address: str) -> str:
    return "/index.json" if address == "/" else f"{address}.json"


def test_each_hostile_article_is_sound(site: Site, ids: Sequence[int]) -> None:
    assert len(ids) > len(PAYLOADS)
    for article in ids:
        assert_sound(site, f"/articles/{article}")
        assert site.get(f"/articles/{article}.json").json


def test_comparisons_of_hostile_articles_are_sound(site: Site, ids: Sequence[int]) -> None:
    for first, second in pairwise(ids):
        assert_sound(site, f"/compare/{first}/{second}")
    long_line, long_words = ids[-4], ids[-3]
    assert_sound(site, f"/compare/{long_line}/{long_words}")
    assert_sound(site, f"/diff?old={ids[0]}&new={ids[1]}")


def test_outlets_with_hostile_names_are_sound(site: Site) -> None:
    for number in range(5):
        assert_sound(site, f"/outlets/{quote(f'<b>{number}', safe='')}")


@pytest.mark.parametrize("payload", [*PAYLOADS, "\x00", "\ud800", "a" * 5_000, "/", "..", "%00"])
def test_payloads_in_addresses_come_back_as_text_only(site: Site, payload: str) -> None:
    words = quote(payload.encode("utf-8", "surrogatepass"), safe="")
    refused = (200, 400, 404, 414, 421, 431)
    for address in (f"/search?q={words}", f"/days/{words}", f"/outlets/{words}", f"/{words}"):
        assert_sound(site, address, may_be=refused)


@pytest.mark.slow
def test_a_report_with_2000_members_stays_small(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/nkwire.db"
    with open_database(url, seed=1) as database:
        hostile.fill(database, 2_000)
        largest = max(load_carriage(database, min_outlets=2), key=lambda each: len(each.articles))
        lead = database.articles.get(largest.lead.article_id)
    assert len(largest.articles) >= 2_000
    with serving(WebOptions(database_url=url, port=0)) as site:
        for address in (
            f"/reports/{largest.id}",
            f"/graph/r{largest.id}",
            f"/stories/{lead.story_id}",
            f"/articles/{lead.id}",
            *LISTS,
        ):
            page = assert_sound(site, address)
            assert len(page) < 400_000, f"{address}: {len(page):,}"
