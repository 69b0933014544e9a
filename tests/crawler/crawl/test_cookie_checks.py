"""A site that sets a cookie and sends its visitors back is read as by a browser."""

from datetime import date

import pytest

from crawler.sources import FormListing
from storage.records import RunOutcome
from tests.crawler.conftest import Answer, Declaration, Site, World, page
from tests.crawler.redirecting import LISTED, is_accounted_for, redirect, with_cookie


@pytest.mark.parametrize(
    "cookie",
    [
        "visited=1",
        "visited=1; Path=/",
        "gate=a1b2; Path=/; HttpOnly; SameSite=Lax",
        "gate=a1b2; Max-Age=600",
        "gate=a1b2; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/news",
    ],
)
def test_a_cookie_check_is_passed_as_by_a_browser(
    cookie: str, own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = with_cookie(n, cookie)
    run = world.crawl(own)
    assert run.outcome is RunOutcome.OK
    assert run.counts["stored.new"] == 10
    assert is_accounted_for(run, 10)
    assert {article.url for article in world.articles()} == {site.url(f"/news/{n}") for n in LISTED}
    assert len(site.paths("/news")) == 11  # the cookie of the first page opens the others


@pytest.mark.threats("S11")
def test_cookies_that_no_redirect_set_are_not_sent_back(
    own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        headers = (("Content-Type", "text/html"), ("Set-Cookie", "reader=7; Path=/"))
        site.put(f"/news/{n}", page(n), headers=headers)
    assert world.crawl(own).outcome is RunOutcome.OK
    assert not any("cookie" in asked.headers for asked in site.asked)


def test_a_feed_behind_a_cookie_check_is_read(own: Declaration, site: Site, world: World) -> None:
    listing = site.answers["/feed"]
    site.answers["/feed"] = [redirect("/feed", 302, "gate=1; Path=/"), listing]
    for n in LISTED:
        site.put_article(n)
    assert world.crawl(own).counts["stored.new"] == 10
    assert [each.headers.get("cookie") for each in site.asked if each.path == "/feed"] == [
        None,
        "gate=1",
    ]


def test_cookies_of_an_outlet_with_a_form_open_its_pages_too(
    own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = with_cookie(n, "gate=1; Path=/")
    form = FormListing(site.url("/none"), item="li", form="form", until=date(2020, 1, 1))
    run = world.crawl({**own, "sources": (*own["sources"], form)})
    assert run.counts["stored.new"] == 10
    assert len(site.paths("/news")) == 11


@pytest.mark.threats("S11")
def test_a_heap_of_cookies_is_not_carried_about(own: Declaration, site: Site, world: World) -> None:
    heap = tuple(("Set-Cookie", f"c{number}={'x' * 60}; Path=/") for number in range(60))
    for n in LISTED:
        location = ("Location", f"/news/{n}/slug")
        site.answers[f"/news/{n}"] = Answer(b"", 302, (location, *heap))
        site.put(f"/news/{n}/slug", page(n))
    assert world.crawl(own).counts["stored.new"] == 10
    assert not any("cookie" in asked.headers for asked in site.asked)
