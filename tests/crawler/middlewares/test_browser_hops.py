"""In the browser, each request and each hop passes the outlet's hosts, the guard and robots.txt."""

import pytest

from crawler.middlewares.browser import BROWSER_EXECUTABLES, NoBrowserError, find_executable
from crawler.sources import Listing
from storage.records import Run
from tests.crawler.conftest import Answer, Declare, Site, World, page

pytestmark = [pytest.mark.browser, pytest.mark.threats("S1", "S2")]

LIST = '<ul><li><a href="/news/1">Report 1 from North Korea</a></li></ul>'
ROBOTS = "User-agent: *\nDisallow: /private\n"


@pytest.fixture(scope="module", autouse=True)
def chromium() -> str:
    try:
        return find_executable("")
    except NoBrowserError:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSER_EXECUTABLES)}")


@pytest.fixture
def guarded(site: Site, other_site: Site) -> Site:
    site.put("/robots.txt", ROBOTS)
    site.put("/list", LIST)
    other_site.put("/secret", page(2))
    other_site.put("/robots.txt", ROBOTS)
    for number in range(9):
        site.put(f"/private/{number}", page(2))
    return site


def redirect(url: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=(("Location", url),))


def crawl(world: World, declare: Declare, site: Site, **fields: object) -> Run:
    source = Listing(site.url("/list"), item="li")
    settings = {"RETRY_ENABLED": False, "DOWNLOAD_TIMEOUT": 30}
    return world.crawl(declare(sources=(source,), browser=True, **fields), settings=settings)


@pytest.mark.parametrize("hops", [1, 3])
@pytest.mark.parametrize("status", [302, 308])
def test_a_hop_that_robots_txt_forbids_is_not_sent(
    guarded: Site, declare: Declare, world: World, hops: int, status: int
) -> None:
    for hop in range(1, hops):
        guarded.answers[f"/hop/{hop}"] = redirect(f"/hop/{hop + 1}", status)
    guarded.answers["/news/1"] = redirect("/hop/1" if hops > 1 else "/private/1", status)
    guarded.answers[f"/hop/{hops - 1 or 1}"] = redirect("/private/1", status)
    run = crawl(world, declare, guarded)
    assert guarded.paths("/private") == []
    assert run.counts["reject.robots"] == 1
    assert "robots.txt forbids it" in run.cause
    assert world.articles() == []


def test_a_hop_to_another_own_origin_asks_the_robots_txt_of_that_origin(
    guarded: Site, other_site: Site, declare: Declare, world: World
) -> None:
    other_site.put("/robots.txt", "User-agent: *\nDisallow: /secret\n")
    guarded.answers["/news/1"] = redirect(other_site.url("/secret"))
    run = crawl(world, declare, guarded, hosts=(guarded.host, other_site.host))
    assert [asked.path for asked in other_site.asked] == ["/robots.txt"]
    assert run.counts["reject.robots"] == 1


PARTS = {
    "script": '<script src="/go"></script>',
    "style": '<link rel="stylesheet" href="/go">',
    "frame": '<iframe src="/go"></iframe>',
    "fetch": '<script>fetch("/go").catch(() => 0)</script>',
    "beacon": '<script>navigator.sendBeacon("/go")</script>',
    "request": '<script>let r = new XMLHttpRequest(); r.open("GET", "/go"); r.send()</script>',
    "window": '<script>window.open && window.open("/go"); try { open("/go") } catch {}</script>',
    "worker": "<script>try { new Worker(\"data:text/javascript,fetch('/go')\") } catch {}</script>",
    "blob worker": (
        '<script>try { new Worker(URL.createObjectURL(new Blob(["fetch(\'" + location.origin'
        ' + "/go\')"]))) } catch {}</script>'
    ),
    "worker of a frame": (
        "<iframe srcdoc=\"<script>try { new Worker(URL.createObjectURL(new Blob([`fetch('"
        "${parent.location.origin}/go')`]))) } catch {}</script>\"></iframe>"
    ),
    "click": '<a id=a href="/go" target="_blank">x</a><script>a.click()</script>',
    "prefetch": '<link rel="prefetch" href="/go">',
    "preload": '<link rel="preload" as="script" href="/go">',
    "object": '<object data="/go"></object>',
    "event source": '<script>new EventSource("/go")</script>',
    "module": '<script type="module">import("/go").catch(() => 0)</script>',
}


@pytest.mark.parametrize("part", PARTS)
def test_no_part_of_a_page_reaches_what_is_forbidden(
    guarded: Site, other_site: Site, declare: Declare, world: World, part: str
) -> None:
    guarded.put("/news/1", page(1).replace("</body>", PARTS[part] + "</body>"))
    to_other = PARTS[part].replace("/go", "/away")
    guarded.put("/list", LIST + PARTS[part] + to_other)
    guarded.answers["/go"] = redirect("/private/1")
    guarded.answers["/away"] = redirect(other_site.url("/secret"))
    crawl(world, declare, guarded)
    assert guarded.paths("/private") == []
    assert other_site.asked == []
    assert [row.url for row in world.articles()] == [guarded.url("/news/1")]


@pytest.mark.parametrize(
    "way",
    [
        '<script>location.href = "/private/1"</script>',
        '<meta http-equiv="refresh" content="0; url=/private/1">',
        '<form id=f action="/private/1"></form><script>f.submit()</script>',
        '<script>location.replace("/hop")</script>',
    ],
)
def test_a_page_cannot_lead_the_browser_to_what_is_forbidden(
    guarded: Site, declare: Declare, world: World, way: str
) -> None:
    guarded.answers["/hop"] = redirect("/private/1")
    guarded.put("/news/1", page(1).replace("</body>", way + "</body>"))
    crawl(world, declare, guarded)
    assert guarded.paths("/private") == []


def test_a_page_whose_parts_are_allowed_is_read(
    guarded: Site, declare: Declare, world: World
) -> None:
    guarded.answers["/news/1"] = redirect("/news/01")
    script = (
        '<script>fetch("/go").then(a => a.text()).then(t => document.body.innerHTML = t)</script>'
    )
    guarded.put("/news/01", f"<html><body>{script}</body></html>")
    guarded.answers["/go"] = redirect("/api/1")
    guarded.put("/api/1", page(1))
    run = crawl(world, declare, guarded)
    assert len(world.articles()) == 1, run.cause
