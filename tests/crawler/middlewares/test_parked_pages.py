"""Domains that were sold, parked or taken: nothing of them is stored, and the outlet is called broken."""

import pytest

from crawler.sources import Feed
from storage import open_database
from storage.health.assessment import HealthState
from storage.records import RunOutcome
from tests.crawler.conftest import Declare, Site, World
from tests.crawler.crawl.pages.test_own_pages import OTHERS, put_stories
from tests.crawler.redirecting import redirect

FOR_SALE = (
    "<html><head><title>This domain is for sale</title></head><body><h1>courier.example</h1>"
    "<p>Buy this domain today. The price is only shown to serious buyers of domain names.</p>"
    "<p>Escrow, transfer and advice are part of every purchase with our brokers.</p></body></html>"
)
PAGES = {**OTHERS, "for sale": FOR_SALE}


@pytest.mark.threats("R20")
@pytest.mark.parametrize("name", PAGES)
def test_a_site_that_was_taken_over_is_not_stored_and_breaks_the_outlet(
    name: str, site: Site, declare: Declare, world: World
) -> None:
    assert len(PAGES) >= 5
    declaration = declare()
    put_stories(site, range(1, 6))
    site.put_feed(range(1, 6))
    assert world.crawl(declaration).counts["stored.new"] == 5
    for run_number in range(3):
        site.put_feed(range(10 * run_number + 10, 10 * run_number + 14))
        for number in range(10 * run_number + 10, 10 * run_number + 14):
            site.put(f"/news/{number}", PAGES[name])
        run = world.crawl(declaration)
        assert run.outcome is not RunOutcome.OK
        assert run.cause
    assert len(world.articles()) == 5
    with open_database(world.url) as database:
        assert database.health.current()["local"].state is HealthState.BROKEN
        assert len(database.health.current()) == 1


@pytest.mark.threats("R20")
def test_a_domain_that_leads_to_its_broker_is_not_followed(
    site: Site, other_site: Site, declare: Declare, world: World
) -> None:
    other_site.put("/", FOR_SALE)
    site.answers["/feed"] = redirect(other_site.url("/"), 301)
    declaration = declare(sources=(Feed(site.url("/feed")),))
    run = world.crawl(declaration, settings={"NKWIRE_PORTS": [other_site.port]})
    assert run.outcome is not RunOutcome.OK
    assert other_site.asked == []
