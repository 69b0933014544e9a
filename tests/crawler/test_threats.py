"""What must not happen (names begin with the threat): a hostile site, the real crawl, its traces."""

import gzip
import itertools
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawler.sources import Feed, FormListing, Listing, Sitemap
from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Answer, Declare, Site, World, feed, page

REDIRECTS = (301, 302, 303, 307, 308)


def redirect(url: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=(("Location", url),))


@pytest.fixture
def inside(other_site: Site) -> Site:
    """A service that the crawler can reach and must never ask."""
    for path in ("/secret", "/news/1", "/robots.txt", "/feed"):
        other_site.put(path, page(666))
    return other_site


@pytest.mark.parametrize("status", REDIRECTS)
def test_s2_a_source_that_redirects_off_site_is_not_followed(
    site: Site, inside: Site, declare: Declare, world: World, status: int
) -> None:
    site.answers["/feed"] = redirect(inside.url("/feed"), status)
    run = world.crawl(declare(), settings={"NKWIRE_PORTS": [inside.port]})
    assert inside.asked == []
    assert run.outcome is not RunOutcome.OK
    assert run.counts["reject.offsite"] == 1


def test_s2_a_retry_before_the_redirect_opens_no_hole(
    site: Site, inside: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.answers["/news/1"] = [Answer(status=500), redirect(inside.url("/secret"))]
    run = world.crawl(declare(), settings={"NKWIRE_PORTS": [inside.port]})
    assert inside.asked == []
    assert run.counts["reject.offsite"] == 1
    assert world.articles() == []


@pytest.mark.parametrize("carrier", ["feed", "sitemap", "listing", "index", "form", "robots"])
def test_s1_no_carrier_leads_to_an_address_that_is_not_public(
    site: Site, inside: Site, declare: Declare, world: World, carrier: str
) -> None:
    target = inside.url("/news/1")
    site.put("/s", f'<li><a href="{target}">A secret</a></li><form action="{target}"></form>')
    source: Any = Listing(site.url("/s"), item="li")
    if carrier == "feed":
        site.put("/s", f"<rss><channel><item><link>{target}</link></item></channel></rss>")
        source = Feed(site.url("/s"))
    elif carrier == "sitemap":
        site.put("/s", f"<urlset><url><loc>{target}</loc></url></urlset>")
        source = Sitemap(site.url("/s"))
    elif carrier == "index":
        site.put("/s", f"<sitemapindex><sitemap><loc>{target}</loc></sitemap></sitemapindex>")
        source = Sitemap(site.url("/s"))
    elif carrier == "form":
        source = FormListing(site.url("/s"), item="li", form="form", pages=3)
    elif carrier == "robots":
        site.answers["/robots.txt"] = redirect(inside.url("/robots.txt"))
    # Its own port is not the outlet's, so that the port guard has a say too.
    run = world.crawl(declare(sources=(source,)))
    assert inside.asked == []
    assert run.outcome is not RunOutcome.OK


def test_s1_a_name_that_resolves_to_loopback_is_refused(
    site: Site, declare: Declare, world: World
) -> None:
    host = f"localhost.localdomain:{site.port}"
    site.put_feed([1])
    outlet = declare(hosts=(host,), sources=(Feed(f"http://{host}/feed"),))
    run = world.crawl(outlet, settings={"NKWIRE_ALLOW_ADDRESSES": []})
    assert site.asked == []
    assert run.outcome is RunOutcome.UNREACHABLE


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0177.0.0.1", "127.1"])
def test_s1_even_an_outlet_on_loopback_needs_the_operators_word(
    site: Site, declare: Declare, world: World, host: str
) -> None:
    hosts = (f"{host}:{site.port}",)
    url = f"http://{host}:{site.port}/feed"
    declaration = declare(sources=(Feed(url),)) | {
        "hosts": hosts if "." in host else (f"x.{host}",)
    }
    world.crawl(declaration, settings={"NKWIRE_ALLOW_ADDRESSES": []})
    assert site.asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "data:text/html,<h1>x</h1>", "ftp://127.0.0.1/x", "s3://b/k"]
)
@pytest.mark.parametrize("carrier", ["feed", "listing", "redirect", "source"])
def test_s3_other_schemes_are_not_fetched(
    site: Site, declare: Declare, world: World, url: str, carrier: str
) -> None:
    source: Any = Feed(site.url("/feed"))
    site.put_feed([])
    if carrier == "feed":
        item = f"<item><link><![CDATA[{url}]]></link></item>"
        site.put("/feed", f"<rss><channel>{item}</channel></rss>")
    elif carrier == "listing":
        source = Listing(site.url("/list"), item="li")
        site.put("/list", f"<li><a href='{url}'>A file</a></li>")
    elif carrier == "redirect":
        site.answers["/feed"] = redirect(url)
    else:
        source = Feed(url)
    run = world.crawl(declare(sources=(source,), article=r"."))
    assert "page.fetched" not in run.counts
    assert world.articles() == []
    assert run.outcome is not RunOutcome.OK


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate"])
def test_s4_a_bomb_is_refused_and_the_others_are_read(
    site: Site, declare: Declare, world: World, coding: str
) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    headers = (("Content-Type", "text/html"), ("Content-Encoding", coding))
    site.put("/news/2", packed(b"\x00" * 40_000_000, coding), headers=headers)
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.DEGRADED
    assert run.counts["page.error"] == 1
    assert run.counts["stored.new"] == 1
    assert "10485760" in run.cause or "page.error 1" in run.cause


def packed(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(body, 1)
    if coding == "deflate":
        import zlib

        return zlib.compress(body, 1)
    if coding == "br":
        return bytes(pytest.importorskip("brotli").compress(body, quality=1))
    try:
        from backports import zstd
    except ImportError:
        pytest.skip("no zstd in this Python")
    return bytes(zstd.compress(body))


def test_s4_a_huge_page_is_refused(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put("/news/2", b"<html>" + b"x" * 12_000_000)
    run = world.crawl(declare())
    assert run.counts["page.error"] == 1
    assert run.counts["stored.new"] == 1


def test_s5_an_endless_body_is_cut_off(site: Site, declare: Declare, world: World) -> None:
    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(600):
            handler.wfile.write(b"<p>more</p>")
            time.sleep(0.05)

    site.put_feed([1, 2])
    site.put_article(1)
    site.answers["/news/2"] = drip
    settings = {"DOWNLOAD_TIMEOUT": 0.5, "RETRY_TIMES": 0}
    run = world.crawl(declare(), settings=settings)
    assert run.counts["page.unreachable"] == 1
    assert run.counts["stored.new"] == 1


def test_s8_a_run_fetches_no_more_than_its_budget(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed(range(1, 40))
    for number in range(1, 40):
        site.put_article(number)
    run = world.crawl(declare(), settings={"NKWIRE_PAGE_BUDGET": 5})
    assert len(site.paths("/news")) == 5
    assert run.counts["listed.over"] == 34


def test_s8_a_listing_that_never_ends_is_left(site: Site, declare: Declare, world: World) -> None:
    def endless(handler: Any) -> None:
        number = int(handler.path.rpartition("/")[2])
        body = f'<li><a href="/x">none</a></li><a class=n href="/list/{number + 1}">next</a>'
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    for number in range(30):
        site.answers[f"/list/{number}"] = endless
    source = Listing(site.url("/list/1"), item="li", next=".n@href", pages=4)
    world.crawl(declare(sources=(source,), article="/"))
    assert list(site.paths("/list")) == [f"/list/{n}" for n in range(1, 5)]


def test_s7_an_endless_index_of_sitemaps_is_left(
    site: Site, declare: Declare, world: World
) -> None:
    for number in range(12):
        site.put(
            f"/map{number}",
            f"<sitemapindex><sitemap><loc>/map{number + 1}</loc></sitemap></sitemapindex>",
        )
    world.crawl(declare(sources=(Sitemap(site.url("/map0")),)))
    assert site.paths("/map") == ["/map0", "/map1", "/map2", "/map3"]


@pytest.fixture(params=["self-signed", "wrong host", "expired"])
def bad_tls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A TLS site whose certificate nobody should trust."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    name = "other.example" if request.param == "wrong host" else "127.0.0.1"
    dates = ["-not_before", "20200101000000Z", "-not_after", "20200201000000Z"]
    made = subprocess.run(
        [
            *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"],
            *["-keyout", str(key), "-out", str(cert)],
            *(dates if request.param == "expired" else ["-days", "2"]),
        ],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("this openssl cannot make such a certificate")
    from tests.crawler.conftest import _Handler

    asked: list[str] = []
    site = Site(0)
    site.put("/feed", feed([1]))
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    assert asked == [request_.path for request_ in site.asked]


def test_s10_certificates_are_verified(bad_tls: str, declare: Declare, world: World) -> None:
    outlet = declare(hosts=(bad_tls,), sources=(Feed(f"https://{bad_tls}/feed"),))
    run = world.crawl(outlet, settings={"RETRY_TIMES": 0})
    assert run.outcome is RunOutcome.UNREACHABLE
    assert world.articles() == []


def test_s11_nothing_private_is_told(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    cookie = (("Set-Cookie", "track=1; Path=/"), ("Content-Type", "text/html"))
    site.put("/feed", feed([1]), headers=cookie)
    site.put_article(1)
    world.crawl(declare())
    for asked in site.asked:
        assert not {"cookie", "referer", "authorization"} & asked.headers.keys()
        assert asked.headers["user-agent"].startswith("nkwire/")
        assert "+http" in asked.headers["user-agent"]


def test_s12_a_crawl_opens_no_door(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    site.put_article(1)
    assert (
        world.pool.submit(child.sockets_during_crawl, declare(), world.options()).result(120) == []
    )


def test_s14_a_title_cannot_forge_a_log_line(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    forged = "x\n2026-01-01 [scrapy] ERROR: forged\x1b[31m"
    site.put("/feed", f"<rss><channel><item><link>/news/1?a={forged}</link></item></channel></rss>")
    log = world.home / "log"
    world.crawl(declare(), settings={"LOG_FILE": str(log), "LOG_INSTALL_ROOT_HANDLER": True})
    lines = log.read_text().splitlines()
    assert "\x1b" not in log.read_text()
    assert not any(line.startswith("2026-01-01 [scrapy] ERROR: forged") for line in lines)


def test_r1_a_busy_host_is_left_alone_as_long_as_it_asks(
    site: Site, declare: Declare, world: World
) -> None:
    busy = Answer(status=429, headers=(("Retry-After", "1"),))
    site.put_feed([1, 2, 3])
    site.answers["/news/3"] = [busy, Answer(page(3).encode())]
    site.put_article(1)
    site.put_article(2)
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.OK
    assert run.counts["stored.new"] == 3
    times = [asked.at for asked in site.asked if asked.path.startswith("/news")]
    assert times[1] - times[0] >= 1.0


def test_r1_a_host_that_stays_busy_ends_the_run(site: Site, declare: Declare, world: World) -> None:
    site.put_feed(range(1, 9))
    for number in range(1, 9):
        site.put(f"/news/{number}", "", status=503)
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.REFUSED
    assert len(site.paths("/news")) == 9


def test_r1_a_host_that_asks_for_hours_is_believed_at_once(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2, 3])
    for number in (1, 2, 3):
        site.put(f"/news/{number}", "", status=429, headers=(("Retry-After", "7200"),))
    run = world.crawl(declare())
    assert len(site.paths("/news")) == 1
    assert run.outcome is RunOutcome.REFUSED
    assert "come back after" in run.cause
    assert run.counts["retry_at"] > time.time() + 7000


@pytest.mark.parametrize(
    ("robots", "fetched", "outcome"),
    [
        (Answer(b"User-agent: *\nDisallow:\n"), True, RunOutcome.OK),
        (Answer(b"User-agent: *\nDisallow: /\n"), False, RunOutcome.REFUSED),
        (Answer(b"User-agent: nkwire\nDisallow: /feed\n"), False, RunOutcome.REFUSED),
        (Answer(b"User-agent: other\nDisallow: /\n"), True, RunOutcome.OK),
        (Answer(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n"), False, RunOutcome.REFUSED),
        (Answer(b"<html>no robots here</html>"), True, RunOutcome.OK),
        (Answer(b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /\n"), True, RunOutcome.OK),
        (Answer(status=404), True, RunOutcome.OK),
        (Answer(status=401), True, RunOutcome.OK),
        (Answer(status=403), True, RunOutcome.OK),
        (Answer(status=429), False, RunOutcome.REFUSED),
        (Answer(status=500), False, RunOutcome.UNREACHABLE),
        (Answer(b"User-agent: *\nAllow: /", status=503), False, RunOutcome.UNREACHABLE),
        (lambda handler: handler.connection.close(), False, RunOutcome.UNREACHABLE),
        (lambda handler: time.sleep(3), False, RunOutcome.UNREACHABLE),
    ],
    ids=[
        *["allows", "forbids", "forbids us", "forbids others", "byte order mark", "html"],
        *["rules behind the limit", "404", "401", "403", "429", "500", "503", "reset", "hangs"],
    ],
)
def test_r2_no_robots_txt_is_a_no(
    site: Site, declare: Declare, world: World, robots: Any, fetched: bool, outcome: RunOutcome
) -> None:
    site.put_feed([1])
    site.put_article(1)
    site.answers["/robots.txt"] = robots
    run = world.crawl(declare(), settings={"DOWNLOAD_TIMEOUT": 1, "RETRY_TIMES": 0})
    assert bool(site.paths()) is fetched
    assert run.outcome is outcome


def test_r2_yesterdays_robots_txt_is_followed_while_it_cannot_be_had(
    site: Site, declare: Declare, world: World
) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /news/2\n")
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    world.crawl(declare())
    site.put("/robots.txt", "", status=503)
    run = world.crawl(declare())
    assert run.counts["robots.copy_used"] == 1
    assert run.counts["source.ok"] == 1
    assert "/news/2" not in site.paths()


def test_r2_a_changed_robots_txt_is_an_event(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([])
    world.crawl(declare())
    site.put("/robots.txt", "User-agent: *\nDisallow: /news/2\n")
    assert world.crawl(declare()).counts["robots.changed"] == 1


def test_r3_crawl_delay_is_kept(site: Site, declare: Declare, world: World) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 1\n")
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    world.crawl(declare())
    times = [asked.at for asked in site.asked]
    assert len(times) == 4
    # The site sees a request a moment after it was sent.
    assert all(later - earlier >= 0.7 for earlier, later in itertools.pairwise(times))


def test_r4_captcha_pages_are_not_articles(site: Site, declare: Declare, world: World) -> None:
    wall = (
        "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
        '<div class="cf-turnstile"></div><p>Verify you are human by completing the action below.'
        "</p><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page'></script></body>"
        "</html>"
    )
    site.put_feed([1])
    site.put("/news/1", wall)
    run = world.crawl(declare())
    assert world.articles() == []
    assert run.outcome in (RunOutcome.REFUSED, RunOutcome.EMPTY)
    assert "/news/1" in run.cause


@pytest.mark.parametrize("where", [0.3, 0.6, 0.9, 0.99])
def test_r5_half_a_page_is_asked_for_again_and_flagged(
    site: Site, declare: Declare, world: World, where: float
) -> None:
    from storage import open_database

    site.put_feed([1])
    body = page(1).encode()
    site.put("/news/1", body[: int(len(body) * where)], length=False)
    run = world.crawl(declare())
    assert len(site.paths("/news")) == 2
    assert run.counts["page.truncated"] == 1
    assert run.outcome is not RunOutcome.OK
    database = open_database(world.url)
    captures = [each for row in database.articles() for each in database.captures(row.id)]
    database.close()
    assert all(each.truncated for each in captures)


def test_r5_a_page_that_comes_whole_the_second_time_is_not_flagged(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    whole = Answer(page(1).encode(), length=False)
    site.answers["/news/1"] = [Answer(page(1).encode()[:400], length=False), whole]
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.OK
    assert run.counts["page.refetched"] == 1


def test_r5_a_page_shorter_than_it_says_is_asked_for_again(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    body = page(1).encode()
    site.answers["/news/1"] = [Answer(body, cut=300), Answer(body)]
    assert world.crawl(declare()).counts["stored.new"] == 1


def test_r6_a_charset_that_lies_is_seen_through(site: Site, declare: Declare, world: World) -> None:
    words = "평양의 등대 사무소는 항구를 넓히고 과수원의 문을 열었다고 밝혔다. " * 10
    body = f"<html><article><h1>등대 사무소</h1><p>{words}</p></article></html>"
    site.put_feed([1])
    site.put(
        "/news/1", body.encode("cp949"), headers=(("Content-Type", "text/html; charset=utf-8"),)
    )
    world.crawl(declare(languages=("ko",)))
    (row,) = world.articles()
    assert row.title == "등대 사무소"


def test_r7_nul_bytes_and_surrogates_cost_nothing(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2])
    site.put("/news/1", page(1, "lantern \x00 orchard &#xD800; &#0; \ufffe").encode())
    site.put_article(2)
    run = world.crawl(declare())
    assert run.counts["stored.new"] == 2
    assert all("\x00" not in row.text for row in world.articles())


@pytest.mark.parametrize(
    "date",
    ["9999-12-31", "0001-01-01", "1970-01-01T00:00:00Z", "tomorrow", "Juche 115", "32.13.2026"],
)
def test_r8_absurd_dates_stop_nothing(
    site: Site, declare: Declare, world: World, date: str
) -> None:
    from crawler.extract.rules import Rules

    site.put("/list", f'<li><a href="/news/1">Report 1</a><b>{date}</b></li>')
    site.put("/news/1", page(1).replace("<h1>", f"<time>{date}</time><h1>"))
    rules = (Rules(title="h1", body="article p", date="time"),)
    source = Listing(site.url("/list"), item="li", date="b")
    run = world.crawl(declare(sources=(source,), rules=rules))
    assert run.counts["stored.new"] == 1
    (row,) = world.articles()
    assert row.published_at is None or 1945 <= row.published_at.year <= 2027


def test_r13_an_empty_feed_is_not_a_success(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([])
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.EMPTY


def test_r13_a_redesign_is_not_a_success(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1, 2])
    for number in (1, 2):
        site.put(f"/news/{number}", "<html><body><div id=app></div></body></html>")
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.EMPTY
    assert "/news/2" in run.cause


def test_r13_a_host_that_is_down_is_unreachable(site: Site, declare: Declare, world: World) -> None:
    dead = "127.0.0.1:9"
    outlet = declare(hosts=(dead,), sources=(Feed(f"http://{dead}/feed"),))
    run = world.crawl(outlet, settings={"RETRY_TIMES": 0})
    assert run.outcome is RunOutcome.UNREACHABLE


def test_r13_an_exception_while_reading_fails_the_run(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    run = world.pool.submit(child.crawl_that_raises, declare(), world.options()).result(120)
    assert run.outcome is RunOutcome.FAILED
    assert "RuntimeError: planned" in run.cause
    assert run.counts["exceptions"] == 1
    assert run.counts["stored.new"] == 1


def test_r20_a_parked_domain_elsewhere_is_not_read(
    site: Site, inside: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.answers["/news/1"] = redirect(inside.url("/news/1"), 301)
    run = world.crawl(declare(), settings={"NKWIRE_PORTS": [inside.port]})
    assert world.articles() == []
    assert run.outcome is not RunOutcome.OK
