"""Each rule that the outlets of `spiders/` keep: what breaks it is named."""

from datetime import date, timedelta
from typing import Any

import pytest

from crawler.extract.page.rules import Rules
from crawler.faults import faults
from crawler.outlet import Outlet
from crawler.sources import Feed, Listing

OLD = date(2020, 1, 1)
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
    "sources": (Feed("https://www.newcomer.example/rss", verified="U 2026-03"),),
    "article": r"/news/\d+",
    "rules": (Rules(title="h1", body="article p"),),
}


def newcomer(**changed: object) -> type[Outlet]:
    return type("Newcomer", (Outlet,), {**BODY, **changed})


def feed(url: str = "https://newcomer.example/rss", **options: Any) -> tuple[Feed]:
    return (Feed(url, **{"verified": "V 2026-03", **options}),)


def listing(**options: Any) -> tuple[Listing]:
    return (Listing("https://newcomer.example/", verified="V", **{"item": "li", **options}),)


def test_a_newcomer_without_a_fault_passes() -> None:
    assert faults(newcomer()) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"name": "other"}, "name: must be the name of the file, spiders.newcomer"),
        ({"name": "new"}, "name: must be the name of the class too"),
        ({"__doc__": "The Newcomer"}, "__doc__: "),
        ({"__doc__": "The\nNewcomer."}, "__doc__: "),
        ({"every": timedelta(minutes=1)}, "every: must be from 0:10:00 to 1 day, 0:00:00"),
        ({"every": timedelta(days=2)}, "every: "),
        ({"delay": 0.5}, "delay: must be at least 3 seconds, got 0.5"),
        ({"sources": feed("https://elsewhere.example/rss")}, "sources: https://elsewhere.example"),
        ({"sources": feed("https://ournewcomer.example/rss")}, "sources: https://ournewcomer"),
        ({"sources": feed(verified="")}, "sources: https://newcomer.example/rss does not say"),
        ({"sources": feed(verified="Verily")}, "sources: https://newcomer.example/rss does not"),
        ({"sources": feed(until=OLD)}, "sources: one must still answer"),
        ({"sources": listing(date="time[[")}, "sources: date: not a CSS selector: 'time[['"),
        ({"rules": (Rules(title=("h1", "h1[[")),)}, "rules: title: not a CSS selector: 'h1[['"),
        ({"rules": (Rules(end=("(",)),)}, "rules: '(' is not a regular expression"),
        ({"rules": (Rules(body="p", until=OLD), Rules(body="p"))}, "rules: today's layouts come"),
        ({"rules": (Rules(body="p"), Rules(body="main"))}, "rules: only the last of today's"),
        ({"prepare": classmethod(lambda _, page: page.with_html("<p>"))}, "prepare: must return"),
    ],
)
def test_a_fault_is_named_with_its_declaration(changed: dict[str, object], fault: str) -> None:
    assert any(each.startswith(f"Newcomer.{fault}") for each in faults(newcomer(**changed)))


def test_all_faults_are_named_at_once() -> None:
    found = faults(newcomer(delay=1.0, sources=feed(verified="")))
    assert [each.partition(":")[0] for each in found] == ["Newcomer.delay", "Newcomer.sources"]


def test_a_value_that_became_wrong_after_the_class_was_made_is_named() -> None:
    outlet = newcomer()
    outlet.hosts = ()
    assert faults(outlet) == ["Newcomer.hosts: must not be empty, got ()"]
