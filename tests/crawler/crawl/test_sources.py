from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from crawler.sources import Feed, FormListing, JsonListing, Listing, Sitemap
from storage.records import RunOutcome
from tests.crawler.conftest import Answer, Declare, Site, World


def test_what_the_listing_knew_reaches_the_article(
    site: Site, declare: Declare, world: World
) -> None:
    rows = '<li><a href="/news/1">Report 1 from North Korea</a> <b>[2026.7.19.]</b></li>'
    site.put("/list", f"<ul>{rows}</ul>")
    site.put_article(1)
    outlet = declare(sources=(Listing(site.url("/list"), item="li", date="b"),))
    world.crawl(outlet)
    (row,) = world.articles()
    assert row.published_at == datetime(2026, 7, 19, tzinfo=UTC)
    assert row.published_precision == "day"


def test_sources_are_polled_conditionally_where_their_validators_are_trusted(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put_article(1)
    full = site.answers["/feed"]
    tagged = Answer(full.body, headers=(*full.headers, ("ETag", '"one"')))
    site.answers["/feed"] = [tagged, Answer(status=304)]
    outlet = declare(sources=(Feed(site.url("/feed"), trust_validators=True),))
    world.crawl(outlet)
    run = world.crawl(outlet)
    asked = [request for request in site.asked if request.path == "/feed"]
    assert [request.headers.get("if-none-match") for request in asked] == [None, '"one"']
    assert run.outcome is RunOutcome.QUIET
    assert run.counts["source.unchanged"] == 1


def test_a_form_listing_is_paged_with_its_token_and_cookies(
    site: Site, declare: Declare, world: World
) -> None:
    def listing(handler: Any) -> None:
        posted = handler.command == "POST"
        asked = site.asked[-1]
        fields = dict(pair.split("=") for pair in asked.body.decode().split("&")) if posted else {}
        allowed = fields.get("_csrf") == "t0" and "session=s0" in asked.headers.get("cookie", "")
        number = int(fields.get("page_num", 1))
        body = (
            f'<form id="f" method="post" action="/list"><input name="page_num" value="1">'
            f'<input type="hidden" name="_csrf" value="t0"></form><script>var total=3; var '
            f'page_cnt=3;</script><h5><a href="/news/{number}">Report {number}</a></h5>'
        ).encode()
        handler.send_response(403 if posted and not allowed else 200)
        handler.send_header("Set-Cookie", "session=s0; Path=/")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    site.answers["/list"] = listing
    for number in (1, 2, 3):
        site.put_article(number)
    source = FormListing(
        site.url("/list"),
        item="h5",
        form="#f",
        pages=5,
        total=r"total=(\d+)",
        page_count=r"page_cnt=(\d+)",
    )
    run = world.crawl(declare(sources=(source,)))
    assert run.outcome is RunOutcome.OK
    assert run.counts["stored.new"] == 3
    assert "incomplete" not in run.counts


def test_a_stale_form_token_is_renewed_once(site: Site, declare: Declare, world: World) -> None:
    tokens = iter(["old", "new"])

    def listing(handler: Any) -> None:
        posted = handler.command == "POST"
        stale = posted and b"_csrf=old" in site.asked[-1].body
        number = 2 if posted else 1
        token = "" if posted else next(tokens)
        body = (
            f'<form id="f" method="post"><input name="_csrf" value="{token}"></form>'
            f'<h5><a href="/news/{number}">Report {number}</a></h5>'
        ).encode()
        handler.send_response(403 if stale else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    site.answers["/list"] = listing
    site.put_article(1)
    site.put_article(2)
    source = FormListing(site.url("/list"), item="h5", form="#f", pages=2)
    run = world.crawl(declare(sources=(source,)))
    assert run.counts["source.stale_form"] == 1
    assert run.counts["stored.new"] == 2


def test_a_listing_that_lists_less_than_it_declares_is_told(
    site: Site, declare: Declare, world: World
) -> None:
    site.put("/list", '<p>Total: 5</p><li><a href="/news/1">Report 1</a></li>')
    site.put_article(1)
    source = Listing(site.url("/list"), item="li", total=r"Total: (\d+)")
    run = world.crawl(declare(sources=(source,)))
    assert run.outcome is RunOutcome.DEGRADED
    assert run.counts["incomplete"] == 1


def test_since_turns_a_listings_pages_as_far_back_as_needed(
    site: Site, declare: Declare, world: World
) -> None:
    today = datetime.now(UTC).date()
    for number in range(1, 10):
        day = today - timedelta(days=number)
        site.put(
            f"/list/{number}",
            f'<li><a href="/news/{number}">Report {number}</a><b>{day}</b></li>'
            f'<a class="next" href="/list/{number + 1}">older</a>',
        )
        site.put_article(number)
    source = Listing(site.url("/list/1"), item="li", date="b", next=".next@href")
    world.crawl(declare(sources=(source,)))
    assert site.paths("/list") == ["/list/1"]
    since = datetime.now(UTC) - timedelta(days=5)
    world.crawl(declare(sources=(source,)), since=since)
    assert {row.url for row in world.articles()} == {site.url(f"/news/{n}") for n in range(1, 6)}
    assert "/list/9" not in site.paths("/list")


def test_only_the_newest_sitemaps_of_an_index_are_read(
    site: Site, declare: Declare, world: World
) -> None:
    def sitemap(*entries: str) -> str:
        return f"<urlset>{''.join(entries)}</urlset>"

    parts = "".join(
        f"<sitemap><loc>/map{n}.xml</loc><lastmod>2026-0{n}-01</lastmod></sitemap>"
        for n in range(1, 7)
    )
    site.put("/index.xml", f"<sitemapindex>{parts}</sitemapindex>")
    fresh = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    new = f"<url><loc>/news/1</loc><lastmod>{fresh}</lastmod></url>"
    old = "<url><loc>/news/2</loc><lastmod>2019-01-01</lastmod></url>"
    for number in range(1, 7):
        site.put(f"/map{number}.xml", sitemap(new, old))
    site.put_article(1)
    source = Sitemap(site.url("/index.xml"), newest=2)
    run = world.crawl(declare(sources=(source,)))
    assert site.paths("/map") == ["/map6.xml", "/map5.xml"]
    assert site.paths("/news") == ["/news/1"]
    assert run.counts["listed.archive"] == 2


def test_a_json_listing_is_read(site: Site, declare: Declare, world: World) -> None:
    rows = [{"publishUrl": "/news/1", "title": "Report 1", "day": "2026-07-19"}]
    site.put("/list.json", orjson.dumps({"datasource": rows}))
    site.put_article(1)
    source = JsonListing(site.url("/list.json"), items="datasource", link="publishUrl", date="day")
    assert world.crawl(declare(sources=(source,))).counts["stored.new"] == 1


def test_sources_that_have_ended_are_not_polled(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    site.put_article(1)
    dead = Feed(site.url("/dead"), until=datetime(2021, 12, 31).date())
    world.crawl(declare(sources=(dead, Feed(site.url("/feed")))))
    assert "/dead" not in site.paths()
