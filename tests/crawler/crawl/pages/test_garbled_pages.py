"""A page whose text looks broken is asked for once more, and never told as an edit."""

import pytest

from tests.crawler.conftest import Answer, Declare, Site, World, page

pytestmark = pytest.mark.threats("R6", "R5")

GARBLED = Answer(page(1, "\ufffd\ufffd lamp \ufffd\ufffd\ufffd").encode())


def test_a_garbled_page_is_asked_for_again_in_the_run(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.answers["/news/1"] = [GARBLED, Answer(page(1).encode())]
    run = world.crawl(declare())
    (row,) = world.articles()
    assert "\ufffd" not in row.text
    assert (run.counts["page.refetched"], site.paths("/news")) == (1, ["/news/1"] * 2)


def test_a_page_that_stays_garbled_is_counted_and_asked_for_at_a_later_run(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.answers["/news/1"] = GARBLED
    run = world.crawl(declare())
    assert (run.counts["page.truncated"], len(site.paths("/news"))) == (1, 2)
    site.put_article(1)
    world.crawl(declare(), recheck=True)
    (row,) = world.articles()
    assert "\ufffd" not in row.text
