"""What holds for every outlet, so that a new one cannot be half declared."""

import inspect
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.extract.page import css_select as selecting
from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules, Selectors
from crawler.outlet import OutletSpider
from crawler.registry import outlet_for, outlets
from crawler.sources import Listing

SPIDERS = Path(__file__).parents[2] / "spiders"
EMPTY = Page(b"<html><body><p></p></body></html>", "https://example.org/")
SELECTORS = (
    "when", "title", "body", "lead", "date", "modified", "authors", "section", "tags", "captions",
    "drop",
)  # fmt: skip
LISTING_SELECTORS = ("item", "link", "title", "date", "lead", "next")

every_outlet = pytest.mark.parametrize("outlet", outlets().values(), ids=outlets())


def plain(name: str) -> str:
    return name.replace("_", "").lower()


def evaluate(selectors: Selectors) -> None:
    for selector in selecting.selector_alternatives(selectors):
        selecting.select_nodes(EMPTY.tree, selecting.split_attribute(selector)[0])


def covers(known: str, host: str) -> bool:
    return host == known or host.endswith(f".{known.removeprefix('www.')}")


def test_every_file_of_spiders_is_an_outlet() -> None:
    files = {path.stem for path in SPIDERS.glob("*.py")} - {"__init__"}
    assert files == set(outlets())


@every_outlet
def test_name_file_and_class_are_one(outlet: type[OutletSpider]) -> None:
    assert outlet.__module__ == f"spiders.{outlet.name}"
    assert plain(outlet.__name__) == plain(outlet.name)


@every_outlet
def test_an_outlet_says_in_one_line_who_it_is(outlet: type[OutletSpider]) -> None:
    words = inspect.getdoc(outlet) or ""
    assert words.endswith(".")
    assert "\n" not in words


@every_outlet
def test_an_outlet_has_a_schedule_that_is_polite(outlet: type[OutletSpider]) -> None:
    assert timedelta(minutes=10) <= outlet.every <= timedelta(days=1)
    assert outlet.delay >= 3


@every_outlet
def test_sources_lie_on_the_outlets_own_domain(outlet: type[OutletSpider]) -> None:
    hosts = {urlsplit(source.url).hostname or "" for source in outlet.sources}
    stray = {host for host in hosts if not any(covers(known, host) for known in outlet.hosts)}
    assert not stray


@every_outlet
def test_each_source_says_how_surely_it_is_known(outlet: type[OutletSpider]) -> None:
    unsaid = [s.url for s in outlet.sources if not re.match(r"[VU](?:,? |$)", s.verified)]
    assert not unsaid


@every_outlet
def test_an_outlet_has_a_source_that_still_answers(outlet: type[OutletSpider]) -> None:
    assert any(source.until is None for source in outlet.sources)


@every_outlet
def test_an_outlet_is_found_by_its_hosts(outlet: type[OutletSpider]) -> None:
    assert {outlet_for(f"https://{host}/").name for host in outlet.hosts} == {outlet.name}


@every_outlet
def test_selectors_and_patterns_are_well_formed(outlet: type[OutletSpider]) -> None:
    for rules in outlet.rules:
        for field in SELECTORS:
            evaluate(getattr(rules, field))
        for pattern in (*rules.cut, *rules.end):
            re.compile(pattern)
    for source in outlet.sources:
        if isinstance(source, Listing):
            for field in LISTING_SELECTORS:
                evaluate(getattr(source, field))


@every_outlet
def test_todays_layout_comes_first_and_old_ones_have_a_date(outlet: type[OutletSpider]) -> None:
    dated = [rules.until is not None for rules in outlet.rules]
    assert dated == sorted(dated)


@every_outlet
def test_a_layout_that_is_left_out_is_told_from_the_others(outlet: type[OutletSpider]) -> None:
    undated: list[Rules] = [rules for rules in outlet.rules if rules.until is None]
    assert all(rules.when for rules in undated[:-1])


@every_outlet
def test_hooks_leave_a_foreign_page_as_it_is(outlet: type[OutletSpider]) -> None:
    assert outlet.prepare(EMPTY) is EMPTY
