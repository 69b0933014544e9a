"""What a hostile site must not reach (names begin with the threat): the real crawl, its traces."""

import gzip
import os
import ssl
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from crawler.middlewares.browser import NoBrowserError, find_executable
from crawler.sources import Feed, FormListing, Listing, Sitemap
from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Answer, Declare, Site, World, feed, page, serve

REDIRECTS = (301, 302, 303, 307, 308)


def redirect(url: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=(("Location", url),))


@pytest.fixture
def inside(other_site: Site) -> Site:
    """A service that the crawler can reach and must never ask."""
    for path in ("/secret", "/news/1", "/robots.txt", "/feed"):
        other_site.put(path, page(666))
    return other_site


@pytest.mark.threats("S2")
@pytest.mark.parametrize("status", REDIRECTS)
def test_s2_a_source_that_redirects_off_site_is_not_followed(
    site: Site, inside: Site, declare: Declare, world: World, status: int
) -> None:
    site.answers["/feed"] = redirect(inside.url("/feed"), status)
    run = world.crawl(declare(), settings={"NKWIRE_PORTS": [inside.port]})
    assert inside.asked == []
    assert run.outcome is not RunOutcome.OK
    assert run.counts["reject.offsite"] == 1


@pytest.mark.threats("S2")
def test_s2_a_retry_before_the_redirect_opens_no_hole(
    site: Site, inside: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.answers["/news/1"] = [Answer(status=500), redirect(inside.url("/secret"))]
    run = world.crawl(declare(), settings={"NKWIRE_PORTS": [inside.port]})
    assert inside.asked == []
    assert run.counts["reject.offsite"] == 1
    assert world.articles() == []


@pytest.mark.threats("S1")
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


@pytest.mark.threats("S1")
def test_s1_a_name_that_resolves_to_loopback_is_refused(
    site: Site, declare: Declare, world: World
) -> None:
    host = f"localhost.localdomain:{site.port}"
    site.put_feed([1])
    outlet = declare(hosts=(host,), sources=(Feed(f"http://{host}/feed"),))
    run = world.crawl(outlet, settings={"NKWIRE_ALLOW_ADDRESSES": []})
    assert site.asked == []
    assert run.outcome is RunOutcome.UNREACHABLE


@pytest.mark.threats("S1")
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


@pytest.mark.threats("S3")
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


@pytest.mark.threats("S4")
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
        return zlib.compress(body, 1)
    if coding == "br":
        return bytes(pytest.importorskip("brotli").compress(body, quality=1))
    try:
        from backports import zstd
    except ImportError:
        pytest.skip("no zstd in this Python")
    return bytes(zstd.compress(body))


@pytest.mark.threats("S4")
def test_s4_a_huge_page_is_refused(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put("/news/2", b"<html>" + b"x" * 12_000_000)
    run = world.crawl(declare())
    assert run.counts["page.error"] == 1
    assert run.counts["stored.new"] == 1


@pytest.mark.threats("S5")
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


@pytest.mark.threats("S8")
def test_s8_a_run_fetches_no_more_than_its_budget(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed(range(1, 40))
    for number in range(1, 40):
        site.put_article(number)
    run = world.crawl(declare(), settings={"NKWIRE_PAGE_BUDGET": 5})
    assert len(site.paths("/news")) == 5
    assert run.counts["listed.over"] == 34


@pytest.mark.threats("S8")
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


@pytest.mark.threats("S7")
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


def certificate(folder: Path, name: str, *, expired: bool) -> tuple[Path, Path]:
    """A certificate and its key that only their maker vouches for."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=-1 if expired else 1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=9))
        .not_valid_after(end)
        .sign(private, hashes.SHA256())
    )
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, key


@pytest.fixture(params=["self-signed", "wrong host", "expired"])
def bad_tls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A TLS site whose certificate nobody should trust."""
    name = "other.example" if request.param == "wrong host" else "127.0.0.1"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path, name, expired=request.param == "expired"))
    site, server = serve(context)
    site.put_feed([1])
    yield site
    server.shutdown()
    server.server_close()


@pytest.mark.threats("S10")
def test_s10_certificates_are_verified(bad_tls: Site, declare: Declare, world: World) -> None:
    outlet = declare(hosts=(bad_tls.host,), sources=(Feed(f"https://{bad_tls.host}/feed"),))
    run = world.crawl(outlet, settings={"RETRY_TIMES": 0})
    assert run.outcome is RunOutcome.UNREACHABLE
    assert bad_tls.asked == []
    lax = {"RETRY_TIMES": 0, "DOWNLOAD_VERIFY_CERTIFICATES": False}
    assert world.crawl(outlet, settings=lax).counts["source.ok"] == 1


@pytest.mark.browser
@pytest.mark.threats("S10")
@pytest.mark.parametrize("bad_tls", ["self-signed"], indirect=True)
def test_s10_certificates_are_verified_for_a_browser(
    bad_tls: Site, declare: Declare, world: World
) -> None:
    try:
        find_executable("")
    except NoBrowserError:
        pytest.skip("no browser on PATH")
    bad_tls.put("/list", '<ul><li><a href="/news/1">Report 1 from North Korea</a></li></ul>')
    bad_tls.put_article(1)
    source = Listing(f"https://{bad_tls.host}/list", item="li")
    outlet = declare(hosts=(bad_tls.host,), sources=(source,), browser=True)
    run = world.crawl(outlet, settings={"RETRY_TIMES": 0, "ROBOTSTXT_OBEY": False})
    assert run.outcome is RunOutcome.UNREACHABLE
    assert bad_tls.asked == []
    assert "certificate" in run.cause
    lax = {"RETRY_TIMES": 0, "DOWNLOAD_VERIFY_CERTIFICATES": False}
    assert world.crawl(outlet, settings=lax).counts["page.article"] == 1


@pytest.mark.threats("S11")
def test_s11_nothing_private_is_told(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    cookie = (("Set-Cookie", "track=1; Path=/"), ("Content-Type", "text/html"))
    site.put("/feed", feed([1]), headers=cookie)
    site.put_article(1)
    world.crawl(declare())
    for asked in site.asked:
        assert not {"cookie", "referer", "authorization"} & asked.headers.keys()
        assert asked.headers["user-agent"].startswith("nkwire/")
        assert "operator's contact not set" in asked.headers["user-agent"]


def test_the_user_agent_names_the_contact_that_the_operator_set() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "from crawler.settings import USER_AGENT; print(USER_AGENT)"],
        env=os.environ | {"NKWIRE_CONTACT": "https://archive.example/contact"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.endswith("(news archive for research; +https://archive.example/contact)\n")


@pytest.mark.threats("S12")
def test_s12_a_crawl_opens_no_door(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    site.put_article(1)
    assert (
        world.pool.submit(child.sockets_during_crawl, declare(), world.options()).result(120) == []
    )


@pytest.mark.threats("S14")
def test_s14_a_title_cannot_forge_a_log_line(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    forged = "x\n2026-01-01 [scrapy] ERROR: forged\x1b[31m"
    site.put("/feed", f"<rss><channel><item><link>/news/1?a={forged}</link></item></channel></rss>")
    log = world.home / "log"
    world.crawl(declare(), settings={"LOG_FILE": str(log), "LOG_INSTALL_ROOT_HANDLER": True})
    lines = log.read_text().splitlines()
    assert "\x1b" not in log.read_text()
    assert not any(line.startswith("2026-01-01 [scrapy] ERROR: forged") for line in lines)
