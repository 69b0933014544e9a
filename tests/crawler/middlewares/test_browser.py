import pytest

from crawler.middlewares.browser import BROWSER_EXECUTABLES, NoBrowserError, find_executable
from crawler.sources import Listing
from storage.records import RunOutcome
from tests.crawler.conftest import Declare, Site, World, page

pytestmark = pytest.mark.browser

RENDERED = """<html><head><title>Loading</title></head><body><div id="app"></div><script>
fetch("/api{path}").then(answer => answer.text()).then(html => {{
  document.getElementById("app").innerHTML = html;
}});
</script></body></html>"""


@pytest.fixture(scope="module", autouse=True)
def chromium() -> str:
    try:
        return find_executable("")
    except NoBrowserError:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSER_EXECUTABLES)}")


@pytest.fixture
def rendered_site(site: Site) -> Site:
    """A site whose pages are empty until their scripts have run."""
    site.put("/list", RENDERED.format(path="/list"))
    site.put("/news/1", RENDERED.format(path="/news/1"))
    site.put("/api/list", '<ul><li><a href="/news/1">Report 1 from North Korea</a></li></ul>')
    site.put("/api/news/1", page(1))
    return site


def test_pages_that_scripts_make_are_read(
    rendered_site: Site, declare: Declare, world: World
) -> None:
    source = Listing(rendered_site.url("/list"), item="li")
    run = world.crawl(declare(sources=(source,), browser=True))
    assert run.outcome is RunOutcome.OK
    (row,) = world.articles()
    assert row.title == "Report 1 from North Korea"
    assert "granite harbour" in row.text
    assert len(world.warcs()) == 1


def test_without_a_browser_the_same_pages_are_empty(
    rendered_site: Site, declare: Declare, world: World
) -> None:
    source = Listing(rendered_site.url("/list"), item="li")
    run = world.crawl(declare(sources=(source,)))
    assert run.outcome is RunOutcome.EMPTY


@pytest.mark.threats("S1")
def test_s1_a_page_in_the_browser_reaches_no_other_host(
    rendered_site: Site, other_site: Site, declare: Declare, world: World
) -> None:
    other_site.put("/secret", "secret")
    secret, named = other_site.url("/secret"), f"http://localhost:{other_site.port}/secret"
    attack = (
        f'<img src="{secret}"><iframe src="{secret}"></iframe><script src="{named}"></script>'
        f'<script>fetch("{secret}"); navigator.sendBeacon("{named}"); new WebSocket('
        f'"ws://localhost:{other_site.port}/secret");</script>'
    )
    rendered_site.put("/api/news/1", page(1))
    rendered_site.put("/news/1", page(1) + attack)
    source = Listing(rendered_site.url("/list"), item="li")
    world.crawl(declare(sources=(source,), browser=True))
    assert other_site.asked == []
    assert len(world.articles()) == 1


@pytest.mark.threats("S2")
def test_s2_a_redirect_in_the_browser_reaches_no_other_host(
    rendered_site: Site, other_site: Site, declare: Declare, world: World
) -> None:
    other_site.put("/news/1", page(1))
    target = f"http://localhost:{other_site.port}/news/1"
    rendered_site.put("/news/1", "", status=302, headers=(("Location", target),))
    source = Listing(rendered_site.url("/list"), item="li")
    run = world.crawl(declare(sources=(source,), browser=True))
    assert other_site.asked == []
    assert world.articles() == []
    assert run.outcome is not RunOutcome.OK


@pytest.mark.parametrize(
    ("target", "words"), [("/", "redirects to"), ("/news/1", "redirects in a circle")]
)
def test_a_page_that_leads_elsewhere_in_the_browser_is_told_and_not_stored(
    target: str, words: str, rendered_site: Site, declare: Declare, world: World
) -> None:
    rendered_site.put("/", page(1))
    rendered_site.put("/news/1", "", status=302, headers=(("Location", target),))
    source = Listing(rendered_site.url("/list"), item="li")
    run = world.crawl(declare(sources=(source,), browser=True), settings={"RETRY_ENABLED": False})
    assert run.outcome is RunOutcome.EMPTY
    assert (run.counts["page.asked"], run.counts["page.redirected"]) == (1, 1)
    assert words in run.cause
    assert world.articles() == []


def test_a_page_in_the_browser_that_forbids_archiving_is_not_recorded(
    rendered_site: Site, declare: Declare, world: World
) -> None:
    headers = (("Content-Type", "text/html"), ("X-Robots-Tag", "noarchive"))
    rendered_site.put("/news/1", RENDERED.format(path="/news/1"), headers=headers)
    source = Listing(rendered_site.url("/list"), item="li")
    run = world.crawl(declare(sources=(source,), browser=True))
    assert run.counts["not_recorded"] == 1
    (row,) = world.articles()
    assert row.rights == "lead: X-Robots-Tag: noarchive"


def test_a_missing_browser_fails_the_run_with_what_to_do(
    site: Site, declare: Declare, world: World
) -> None:
    run = world.crawl(declare(browser=True), settings={"NKWIRE_CHROMIUM": "/nowhere/chromium"})
    assert run.outcome is RunOutcome.FAILED
    assert "NKWIRE_CHROMIUM" in run.cause
