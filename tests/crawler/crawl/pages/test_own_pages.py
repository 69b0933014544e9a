"""Pages that are not the outlet's own are told and never stored, nor taken for an edit."""

import json

import pytest

from crawler.extract.page.rules import Rules
from storage.records import RunOutcome
from tests.crawler.conftest import Declare, Site, World, page

FRAME = (
    '<html><head><title>{title} | Coastal Courier</title><link href="/css/site.css" rel=stylesheet>'
    '<meta property="og:site_name" content="Coastal Courier"><script src="/js/site.js"></script></head>'
    '<body><nav id="menu"><a href="/world">World</a><a href="/harbours">Harbours</a>'
    '<a href="/about">About</a></nav><main class="story"><h1 class="story-title">{title}</h1>{body}</main>'
    '<footer id="foot"><a href="/contact">Contact</a></footer></body></html>'
)  # fmt: skip
SPAM = (
    "<html><head><title>Best slots and free spins</title></head><body><article>"
    "<h1>Best slots and free spins</h1>" + "<p>Play the best slots now, win a bonus and take "
    "your free spins home before midnight, says the king of all slot machines.</p>" * 6
    + "</article></body></html>"
)  # fmt: skip
PARKED = (
    "<html><head><title>courier.example</title></head><body><div><h1>courier.example</h1>"
    + "<p>Related searches on the topics of this name are shown below by a third party.</p>" * 5
    + "</div></body></html>"
)
SPAM_ID = (
    "<html><head><title>Situs terbaik</title></head><body><article><h1>Situs terbaik</h1>"
    + "<p>Ini adalah situs yang terbaik untuk bermain dengan bonus dari kami, dan tidak ada yang "
    "lebih baik pada tahun ini di dalam negeri dengan hadiah yang besar.</p>"
    * 6
    + "</article></body></html>"
)
SOON = "<html><title>We'll be back soon!</title><h1>We'll be back soon!</h1><p>Sorry!</p></html>"
OTHERS = {"spam": SPAM, "parked": PARKED, "foreign": SPAM_ID, "soon": SOON}


def story(number: int) -> str:
    body = page(number).partition("</h1>")[2].partition("</article>")[0]
    return FRAME.format(title=f"Report {number} from North Korea", body=body)


def put_stories(site: Site, numbers: range) -> None:
    for number in numbers:
        site.put(f"/news/{number}", story(number))


@pytest.mark.threats("R20")
@pytest.mark.parametrize("name", list(OTHERS))
@pytest.mark.parametrize("with_rules", [True, False], ids=["rules", "no rules"])
def test_a_foreign_page_is_told_and_not_stored(
    name: str, with_rules: bool, site: Site, declare: Declare, world: World
) -> None:
    rules = (Rules(title="h1", body="p"),) if with_rules else ()
    declaration = declare(rules=rules)
    put_stories(site, range(1, 6))
    site.put_feed(range(1, 6))
    assert world.crawl(declaration).counts["stored.new"] == 5
    site.put("/news/6", OTHERS[name])
    put_stories(site, range(7, 8))
    site.put_feed(range(1, 8))
    run = world.crawl(declaration)
    assert run.counts["page.error"] == 1
    assert run.counts["stored.new"] == 1
    assert run.outcome is RunOutcome.DEGRADED
    assert len(world.articles()) == 6


def test_pages_without_any_frame_are_told_by_their_headline(
    site: Site, declare: Declare, world: World
) -> None:
    for number in range(2, 7):
        site.put_article(number)
    site.put("/news/1", SPAM)
    site.put_feed(range(1, 7))
    run = world.crawl(declare())
    assert run.counts["stored.new"] == 5
    assert run.counts["page.error"] == 1


@pytest.mark.threats("R20")
def test_a_known_article_is_not_edited_when_its_domain_is_parked(
    site: Site, declare: Declare, world: World
) -> None:
    declaration = declare(rules=(Rules(title="h1", body="p"),))
    put_stories(site, range(1, 6))
    site.put_feed(range(1, 6))
    world.crawl(declaration)
    for number in range(1, 6):
        site.put(f"/news/{number}", PARKED)
    run = world.crawl(declaration, recheck=True)
    assert "stored.edited" not in run.counts
    assert run.counts["page.error"] == 5
    assert run.outcome is RunOutcome.EMPTY


def test_a_redesign_is_no_foreign_page(site: Site, declare: Declare, world: World) -> None:
    declaration = declare(rules=(Rules(title="h1.story-title", body="main.story p"),))
    put_stories(site, range(1, 6))
    site.put_feed(range(1, 6))
    world.crawl(declaration)
    for number in range(6, 12):
        site.put_article(number)
    site.put_feed(range(1, 12))
    assert world.crawl(declaration).counts["stored.new"] == 6


def test_an_outlet_that_lists_other_headlines_than_it_prints_is_read(
    site: Site, declare: Declare, world: World
) -> None:
    for number in range(1, 7):
        site.put_article(number)
    feed_items = "".join(
        f"<item><title>Please open this link number {n}</title><link>/news/{n}</link></item>"
        for n in range(1, 7)
    )
    site.put("/feed", f'<rss version="2.0"><channel>{feed_items}</channel></rss>')
    assert world.crawl(declare()).counts["stored.new"] == 6


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "image/png"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 8, "application/pdf"),
        (json.dumps({"headline": "Report 2 from North Korea"}).encode(), "application/json"),
        (bytes(range(256)) * 8, "text/html"),
    ],
    ids=["png", "pdf", "json", "bytes"],
)
def test_a_file_in_an_articles_place_is_counted_and_told(
    body: bytes, content_type: str, site: Site, declare: Declare, world: World
) -> None:
    site.put_article(1)
    site.put("/news/2", body, headers=(("Content-Type", content_type),))
    site.put_feed([1, 2])
    run = world.crawl(declare())
    assert (run.counts["stored.new"], run.counts["page.error"]) == (1, 1)
    assert run.outcome is RunOutcome.DEGRADED
    assert [row.title for row in world.articles()] == ["Report 1 from North Korea"]
