"""`nkwire outlets check` against a loopback site: what it asks for, and what it says."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from cli.app import run
from crawler.authoring.check import OutletCheck, check_to_dict, format_check
from crawler.sources import Feed, Listing
from tests.crawler import child

if TYPE_CHECKING:
    from tests.crawler.conftest import Declaration, Site, World

Checked = Callable[..., OutletCheck]


@pytest.fixture
def checked(world: "World") -> Checked:
    """Check a declared outlet in a process of its own."""

    def run(declaration: "Declaration") -> OutletCheck:
        settings = {"NKWIRE_ALLOW_ADDRESSES": ["127.0.0.0/8"]}
        asked = world.pool.submit(child.run_check, declaration, world.home, settings)
        return asked.result(120)

    return run


def test_a_check_asks_for_robots_each_source_once_and_one_article(
    site: "Site", declare: Any, checked: Checked
) -> None:
    site.put_feed(range(5))
    site.put("/list", '<a href="/news/3">Report 3</a>')
    for number in range(5):
        site.put_article(number)
    listing = Listing(site.url("/list"), item="a", verified="U 2026-08, said so")
    found = checked(declare(sources=(Feed(site.url("/feed")), listing)))
    assert sorted(asked.path for asked in site.asked) == [
        "/feed",
        "/list",
        "/news/4",
        "/robots.txt",
    ]
    assert found.passed
    assert [(each.kind, each.links, each.dated) for each in found.sources] == [
        ("Feed", 5, 5),
        ("Listing", 1, 0),
    ]
    assert found.page
    assert found.page.page_class == "article"
    assert found.page.evidence["title"] == "rules h1"
    assert found.page.sizes["text"] > 500
    assert found.page.on_topic
    report = "\n".join(format_check(found))
    assert "U 2026-08, said so" in report
    assert "| text | " in report
    assert "- declaration: Local.delay: must be at least 3 seconds" in report
    assert "allows" in found.robots[site.host]
    json.dumps(check_to_dict(found), default=str)


def test_what_robots_forbids_is_not_asked_for_and_said(
    site: "Site", declare: Any, checked: Checked
) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /feed\nCrawl-delay: 0.01\n")
    site.put_feed([1])
    found = checked(declare())
    assert site.paths() == []
    assert not found.passed
    assert found.sources[0].cause == "refused"
    assert "forbids" in found.robots[site.host]
    assert "no article was asked for" in "\n".join(format_check(found))


@pytest.mark.parametrize(
    ("path", "answer", "cause", "words"),
    [
        ("/feed", {"body": "gone", "status": 404}, "gone", "HTTP status 404"),
        ("/feed", {"body": "<rss><channel></channel></rss>"}, "ok", "no link"),
    ],
    ids=["missing", "empty"],
)
def test_a_source_that_lists_nothing_is_named_with_the_reason(
    path: str,
    answer: dict[str, Any],
    cause: str,
    words: str,
    site: "Site",
    declare: Any,
    checked: Checked,
) -> None:
    site.put(path, **answer)
    found = checked(declare())
    assert not found.passed
    assert found.sources[0].cause == cause
    assert words in "\n".join(format_check(found))


def test_an_article_that_is_none_any_more_is_told(
    site: "Site", declare: Any, checked: Checked
) -> None:
    site.put_feed([1])
    site.put("/news/1", "<html><title>404</title><h1>Page not found</h1></html>")
    found = checked(declare())
    assert not found.passed
    assert found.page
    assert found.page.page_class == "error"


def test_the_command_says_which_outlets_there_are(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["outlets", "check", "kcan"]) == 2
    assert "did you mean kcna" in capfd.readouterr().err
