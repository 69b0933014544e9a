"""Pages that cannot be read: told at each run, and no deletion of a known article."""

import pytest

from crawler.crawl.page_accounts import PageAccounts
from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.extract.refusals import SITE_DOWN
from crawler.registry import make_generic_outlet
from storage.counts import Count
from storage.health.assessment import HealthState
from storage.records import PageClass, RunOutcome
from tests.crawler.conftest import Declare, Site, World
from tests.crawler.redirecting import health

PARKED = "<html><title>coast.test</title><h1>coast.test</h1><p>Page not found. You can buy this name.</p></html>"
CONSENT = "<html><title>Before you continue</title><h1>Before you continue</h1><p>Please accept.</p></html>"


@pytest.mark.parametrize("body", [PARKED, CONSENT])
def test_pages_that_no_run_can_read_break_the_outlet(
    body: str, site: Site, declare: Declare, world: World
) -> None:
    for number in range(1, 6):
        site.put(f"/news/{number}", body)
    site.put_feed(range(1, 6))
    for _ in range(3):
        run = world.crawl(declare())
        assert run.counts["page.asked"] == 5
        assert run.outcome in (RunOutcome.EMPTY, RunOutcome.REFUSED)
        assert site.url("/news/5") in run.cause
    assert health(world).state is HealthState.BROKEN


def test_one_page_that_cannot_be_read_is_not_asked_for_at_once(
    site: Site, declare: Declare, world: World
) -> None:
    site.put("/news/1", PARKED)
    site.put_article(2)
    site.put_feed([1, 2])
    assert world.crawl(declare()).counts["page.asked"] == 2
    assert "page.asked" not in world.crawl(declare()).counts


@pytest.mark.parametrize(
    ("title", "is_down"),
    [
        ("We'll be back soon", True),
        ("Under maintenance", True),
        ("503 Service Unavailable", True),
        ("서비스 점검", True),
        ("Page not found", False),
        ("Oops! Page not found", False),
        ("삭제된 기사", False),
        ("404", False),
    ],
)
def test_a_site_that_is_down_says_nothing_about_the_article(title: str, is_down: bool) -> None:
    body = f"<html><title>{title}</title><h1>{title}</h1></html>".encode()
    extraction = extract_page(
        Page(body, "https://herald.test/news/1"), make_generic_outlet("herald.test")
    )
    assert extraction.page_class is PageClass.ERROR
    assert (extraction.reason == SITE_DOWN) is is_down


def test_reasons_that_differ_in_an_address_only_are_one() -> None:
    accounts = PageAccounts()
    for n in range(5):
        chain = f"redirects in a circle: https://a.test/{n} to https://a.test/{n}"
        accounts.explain(Count.PAGE_REDIRECTED, f"https://a.test/{n}", chain)
        login = f"redirects to https://a.test/login?next=/news/{n}"
        accounts.explain(Count.PAGE_LOST, f"https://a.test/{n}", login)
    assert accounts.details() == {
        "page.redirected": "redirects in a circle, such as https://a.test/0",
        "page.lost": "redirects to https://a.test/login, such as https://a.test/0",
    }
