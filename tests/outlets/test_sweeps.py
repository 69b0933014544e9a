"""The sweeps over all outlets find what is wrong with a new one: each fault, built and swept."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from crawler import registry
from crawler.declaration import DeclarationError
from crawler.extract.page.rules import Rules
from crawler.outlet import OutletSpider
from crawler.sources import Feed
from tests.outlets import test_declarations as sweep
from tests.outlets import test_outlets as samples

BODY = {
    "__doc__": "The Newcomer.",
    "__module__": "spiders.newcomer",
    "name": "newcomer",
    "every": timedelta(hours=1),
    "languages": ("en",),
    "country": "KR",
    "timezone": "Asia/Seoul",
    "hosts": ("newcomer.example",),
    "rights": "full",
    "sources": (Feed("https://newcomer.example/rss", verified="U 2026-03"),),
    "article": r"/news/\d+",
    "rules": (Rules(title="h1", body="article p"),),
}


def newcomer(**changed: object) -> type[OutletSpider]:
    return type("Newcomer", (OutletSpider,), {**BODY, **changed})


def test_a_newcomer_without_a_fault_passes() -> None:
    outlet = newcomer()
    sweep.test_name_file_and_class_are_one(outlet)
    sweep.test_an_outlet_says_in_one_line_who_it_is(outlet)
    sweep.test_an_outlet_has_a_schedule_that_is_polite(outlet)
    sweep.test_sources_lie_on_the_outlets_own_domain(outlet)
    sweep.test_each_source_says_how_surely_it_is_known(outlet)
    sweep.test_selectors_and_patterns_are_well_formed(outlet)


@pytest.mark.parametrize("missing", ["every", "sources", "hosts", "timezone", "article", "rights"])
def test_what_is_not_declared_fails_where_the_class_is_made(missing: str) -> None:
    body = {name: value for name, value in BODY.items() if name != missing}
    with pytest.raises(DeclarationError, match=f"Newcomer.{missing}"):
        type("Newcomer", (OutletSpider,), body)


def test_a_schedule_that_hurries_fails() -> None:
    for hasty in ({"every": timedelta(minutes=1)}, {"delay": 0.5}):
        with pytest.raises(AssertionError):
            sweep.test_an_outlet_has_a_schedule_that_is_polite(newcomer(**hasty))


def test_a_source_off_its_hosts_fails() -> None:
    stray = (Feed("https://elsewhere.example/rss", verified="U 2026-03"),)
    with pytest.raises(AssertionError):
        sweep.test_sources_lie_on_the_outlets_own_domain(newcomer(sources=stray))


def test_a_source_that_nobody_vouches_for_fails() -> None:
    unsaid = (Feed("https://newcomer.example/rss"),)
    with pytest.raises(AssertionError):
        sweep.test_each_source_says_how_surely_it_is_known(newcomer(sources=unsaid))


def test_a_selector_that_is_no_css_fails() -> None:
    with pytest.raises(ValueError, match="not a CSS selector"):
        sweep.test_selectors_and_patterns_are_well_formed(newcomer(rules=(Rules(title="h1[["),)))


def test_an_old_layout_above_todays_fails() -> None:
    dated = (Rules(body="p", until=date(2020, 1, 1)), Rules(body="p"))
    with pytest.raises(AssertionError):
        sweep.test_todays_layout_comes_first_and_old_ones_have_a_date(newcomer(rules=dated))


def test_an_outlet_without_a_page_fails() -> None:
    with pytest.raises(AssertionError):
        samples.test_an_outlet_has_a_sample_article("newcomer")


@pytest.fixture
def lone_spider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of spiders with one file, in the place of ours."""
    folder = tmp_path / "lonely"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "SPIDER_MODULES", ["lonely"])
    registry.outlets.cache_clear()
    yield folder
    registry.outlets.cache_clear()
    for name in [name for name in sys.modules if name.startswith("lonely")]:
        del sys.modules[name]


def test_a_new_file_is_found_by_itself_and_so_swept(lone_spider: Path) -> None:
    (lone_spider / "newcomer.py").write_text(
        dedent('''
            from datetime import timedelta
            from crawler.outlet import OutletSpider
            from crawler.sources import Feed

            class Newcomer(OutletSpider):
                """The Newcomer."""

                name = "newcomer"
                every = timedelta(hours=1)
                languages = ("en",)
                country, timezone = "KR", "Asia/Seoul"
                hosts = ("newcomer.example",)
                rights = "full"
                sources = (Feed("https://newcomer.example/rss"),)
                article = "/news/"
        ''')
    )
    assert list(registry.outlets()) == ["newcomer"]
