"""What is taken away is missing; what only seems so in an outage, a block or a redesign is not."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from crawler.sources import Feed
from storage import open_database
from storage.counts import Count
from storage.records import Run
from storage.tables.articles import article
from tests.crawler.conftest import Answer, Declaration, Declare, Site, World

ARTICLES = range(1, 7)
PAST = datetime(2000, 1, 1, tzinfo=UTC)
CAPTCHA = "<html><title>Just a moment...</title><body>Verify you are human</body></html>"
NULL = "<html><head><title>NULL</title></head><body>NULL</body></html>"
TO_FRONT = Answer(b"", 302, (("Location", "/"),))
TO_SECTION = Answer(b"", 301, (("Location", "/politics/"),))
TO_LOGIN = Answer(b"", 302, (("Location", "/login?next=/news/3"),))
TO_FRONT_AFTER_A_COOKIE = Answer(b"", 302, (("Location", "/"), ("Set-Cookie", "seen=1")))
Trouble = Callable[[Site], None]


def pages(answer: Answer) -> Trouble:
    """All articles answer so; the feed is as it was."""
    return lambda site: site.answers.update({f"/news/{n}": answer for n in ARTICLES})


def redesigned(site: Site) -> None:
    """New addresses for everything, the old ones are gone."""
    for n in ARTICLES:
        site.answers[f"/en/story/{n}"] = site.answers.pop(f"/news/{n}")
    feed = site.answers["/feed"]
    site.put("/feed", feed.body.replace(b"/news/", b"/en/story/"), headers=feed.headers)


def in_circles(site: Site) -> None:
    """Each article leads back to itself."""
    for n in ARTICLES:
        site.answers[f"/news/{n}"] = Answer(b"", 302, (("Location", f"/news/{n}"),))


def down(site: Site) -> None:
    pages(Answer(b"down", 503))(site)
    site.answers["/feed"] = Answer(b"down", 503)


@pytest.fixture
def watched(site: Site, declare: Declare, world: World) -> Declaration:
    """An outlet of which six articles are held, all of them due."""
    site.put_feed(ARTICLES)
    for path in ("/", "/politics/", "/login"):
        site.put(path, f"<html><body><h1>The outlet</h1><p>{'It prints. ' * 60}</p></body></html>")
    for n in ARTICLES:
        site.put_article(n, f"Only report {n} has the word lantern{n}.")
    outlet = declare(article=r"/news/\d+|/en/story/\d+")
    world.crawl(outlet)
    all_due(world)
    return outlet


def all_due(world: World) -> None:
    database = open_database(world.url)
    database.write(lambda c: c.execute(update(article).values(next_check_at=PAST)))
    database.close()


def states(world: World) -> list[tuple[str, str]]:
    database = open_database(world.url)
    try:
        return sorted((t.url.rsplit("/", 1)[1], t.state) for t in database.changes.transitions())
    finally:
        database.close()


def crawl(world: World, outlet: Declaration) -> Run:
    return world.crawl(outlet, settings={"RETRY_ENABLED": False})


@pytest.mark.parametrize(
    ("trouble", "counted"),
    [
        (down, ""),
        (pages(Answer(b"down", 503)), "revisit.unclear"),
        (pages(Answer(b"no", 403)), "revisit.unclear"),
        (pages(Answer(CAPTCHA.encode())), "revisit.unclear"),
        (pages(Answer(b"gone", 404)), "revisit.unwitnessed"),
        (pages(Answer(NULL.encode())), "revisit.unwitnessed"),
        (pages(TO_FRONT), "revisit.unwitnessed"),
        (in_circles, "revisit.unclear"),
        (redesigned, "revisit.unwitnessed"),
    ],
    ids=[
        "outage",
        "pages-out",
        "block",
        "captcha",
        "all-404",
        "broken-template",
        "all-to-the-front",
        "all-in-circles",
        "redesign",
    ],
)
def test_what_befalls_all_pages_takes_none_away(
    watched: Declaration, site: Site, world: World, trouble: Trouble, counted: str
) -> None:
    trouble(site)
    for _ in range(2):
        run = crawl(world, watched)
        all_due(world)
        assert run.counts.get("revisit.missing", 0) == 0
        assert not counted or run.counts[counted] > 0
    assert states(world) == []


@pytest.mark.parametrize(
    "answer",
    [
        *(Answer(b"gone", 404), Answer(b"gone", 410), Answer(NULL.encode()), TO_FRONT),
        *(TO_SECTION, TO_LOGIN, TO_FRONT_AFTER_A_COOKIE),
    ],
    ids=["404", "410", "null", "to-the-front", "to-a-section", "to-a-login", "with-a-cookie"],
)
def test_what_is_taken_away_among_others_is_missing_and_comes_back(
    watched: Declaration, site: Site, world: World, answer: Answer
) -> None:
    was = site.answers["/news/3"]
    site.answers["/news/3"] = answer
    for _ in range(2):  # the first time nobody may have answered before it
        crawl(world, watched)
        all_due(world)
    assert states(world) == [("3", "missing")]
    assert len(world.articles()) == len(ARTICLES)
    site.answers["/news/3"] = was
    crawl(world, watched)
    assert states(world) == [("3", "missing"), ("3", "restored")]


def test_a_deletion_amid_an_outage_is_found_when_it_is_over(
    watched: Declaration, site: Site, world: World
) -> None:
    held = dict(site.answers)
    down(site)
    crawl(world, watched)
    assert states(world) == []
    site.answers.update(held)
    site.answers["/news/5"] = Answer(b"gone", 404)
    for _ in range(2):
        all_due(world)
        crawl(world, watched)
    assert states(world) == [("5", "missing")]


def test_articles_that_two_sources_dropped_are_counted_together(
    site: Site, declare: Declare, world: World
) -> None:
    outlet = declare(sources=(Feed(site.url("/first")), Feed(site.url("/second"))))
    listings = {"/first": range(12, 0, -1), "/second": range(32, 20, -1)}
    for path, numbers in listings.items():
        site.put_feed(numbers, path)
        for number in numbers:
            site.put_article(number)
    world.crawl(outlet)
    for path, numbers in listings.items():
        site.put_feed([number for number in numbers if number not in {11, 10, 9, 31}], path)
    dropped = [world.crawl(outlet).counts.get(Count.REVISIT_DROPPED, 0) for _ in range(2)]
    assert dropped == [0, 3 + 1]
