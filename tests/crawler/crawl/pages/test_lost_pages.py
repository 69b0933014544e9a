"""Each listed page that a run asks for is accounted for: none is lost in silence."""

from collections.abc import Callable

import pytest

from cli.errors import ExitCode
from cli.show.run_reports import print_run_report
from storage.health.assessment import HealthState
from storage.health.run_evidence import HealthCause
from storage.records import RunOutcome
from tests.crawler.conftest import Answer, Declaration, Site, World, feed, page
from tests.crawler.redirecting import LISTED, health, is_accounted_for, redirect, send

FRONT = "<html><head><title>The Local Press</title></head><body><article><h1>The Local Press</h1><p>{}</p></article></body></html>"
LOGIN = "<html><head><title>Members</title></head><body><article><h1>Members</h1><p>{}</p></article></body></html>"
WORDS = "The harbour office, the lantern office and the granite office report each day. " * 12


def to_itself(site: Site, other: Site) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(f"/news/{n}", 302, "visited=1")


def to_itself_without_a_cookie(site: Site, other: Site) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(f"/news/{n}", 301)


def between_two_hosts(site: Site, other: Site) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(other.url(f"/news/{n}"), 307)
        other.answers[f"/news/{n}"] = redirect(site.url(f"/news/{n}"), 307)


def a_circle_of_three(site: Site, other: Site) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(f"/a/{n}", 303)
        site.answers[f"/a/{n}"] = redirect(other.url(f"/b/{n}"), 308, "c=1; Path=/")
        other.answers[f"/b/{n}"] = redirect(site.url(f"/news/{n}"), 302)


def ever_further(site: Site, other: Site) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = lambda h: send(h, 302, {"Location": h.path + "x"}, b"")
        for hops in range(1, 9):
            site.answers[f"/news/{n}" + "x" * hops] = site.answers[f"/news/{n}"]


def to_the_front(site: Site, other: Site) -> None:
    site.put("/", FRONT.format(WORDS))
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect("/", 301)


def to_the_front_of_another_host(site: Site, other: Site) -> None:
    other.put("/", FRONT.format(WORDS))
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(other.url("/"), 302)


def to_a_section(site: Site, other: Site) -> None:
    site.put("/politics/", FRONT.format(WORDS))
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect("/politics/", 302)


def to_a_login(site: Site, other: Site) -> None:
    site.put("/login", LOGIN.format(WORDS))
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(f"/login?next=/news/{n}", 302)


def to_a_host_of_others(site: Site, other: Site) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(f"http://127.0.0.2:{site.port}/news/{n}", 302)


TROUBLES = [
    to_itself,
    to_itself_without_a_cookie,
    between_two_hosts,
    a_circle_of_three,
    ever_further,
    to_the_front,
    to_the_front_of_another_host,
    to_a_section,
    to_a_login,
    to_a_host_of_others,
]


@pytest.mark.threats("S2")
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
def test_pages_that_lead_elsewhere_are_told_and_never_stored(
    trouble: Callable[[Site, Site], None],
    own: Declaration,
    site: Site,
    other_site: Site,
    world: World,
) -> None:
    trouble(site, other_site)
    for number in (1, 2, 3):
        run = world.crawl(own)
        assert run.outcome is RunOutcome.EMPTY
        assert run.counts["page.redirected"] == 10
        assert is_accounted_for(run, 10)
        assert "10 pages redirected" in run.cause
        assert site.url("/news/10") in run.cause
        assert (health(world).state is HealthState.BROKEN) is (number == 3)
    assert health(world).cause is HealthCause.REDIRECTED
    assert "10 pages redirected" in health(world).evidence
    assert world.articles() == []


def test_a_circle_ends_after_few_hops(
    own: Declaration, site: Site, other_site: Site, world: World
) -> None:
    between_two_hosts(site, other_site)
    world.crawl(own)
    assert len(site.paths("/news")) == len(other_site.paths("/news")) == 10


@pytest.mark.threats("S1")
def test_robots_txt_holds_for_each_hop(own: Declaration, site: Site, world: World) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private/\n")
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(f"/private/news/{n}")
        site.put(f"/private/news/{n}", page(n))
    run = world.crawl(own)
    assert run.outcome is RunOutcome.REFUSED
    assert run.counts["page.refused"] == run.counts["reject.robots"] == 10
    assert is_accounted_for(run, 10)
    assert site.paths("/private") == []


def test_two_addresses_of_one_article_are_both_asked_for_and_remembered(
    own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect("/news/77")
    site.put("/news/77", page(77))
    run = world.crawl(own)
    assert is_accounted_for(run, 10)
    assert (run.counts["stored.new"], run.counts["stored.unchanged"]) == (1, 9)
    site.asked.clear()
    assert world.crawl(own).counts.get("page.asked", 0) == 0
    assert site.paths("/news") == []


def test_every_kind_of_answer_is_counted_once(own: Declaration, site: Site, world: World) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /news/9\n")
    site.put("/", FRONT.format(WORDS))
    site.put_article(1)
    site.put_article(2)
    site.put("/news/3", "", status=404)
    site.put("/news/4", "", status=403)
    site.put("/news/5", "", status=500)
    site.put("/news/6", "<html><h1>Page not found</h1><p>It may have been moved.</p></html>")
    site.answers["/news/7"] = redirect("/")
    site.answers["/news/8"] = redirect("/news/8")
    site.put("/news/10", "", status=400)
    run = world.crawl(own, settings={"RETRY_ENABLED": False})
    assert run.outcome is RunOutcome.DEGRADED
    assert is_accounted_for(run, 10)
    assert run.counts["page.redirected"] == run.counts["page.error"] == 2
    for words in ("2 pages redirected", "1 page unreachable", "2 pages refused"):
        assert words in run.cause


def test_a_page_that_led_away_beside_good_ones_is_not_asked_for_at_each_run(
    own: Declaration, site: Site, world: World
) -> None:
    site.put("/", FRONT.format(WORDS))
    for n in LISTED:
        site.put_article(n)
    site.answers["/news/4"] = redirect("/")
    assert world.crawl(own).outcome is RunOutcome.DEGRADED
    assert len(world.articles()) == 9
    site.asked.clear()
    assert world.crawl(own).outcome is RunOutcome.QUIET
    assert site.paths("/news") == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_article_address_is_followed(
    status: int, own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        site.answers[f"/news/{n}"] = redirect(f"/news/{n}/a-slug?from=feed", status)
        site.put(f"/news/{n}/a-slug", page(n))
    run = world.crawl(own)
    assert (run.outcome, run.counts["stored.new"]) == (RunOutcome.OK, 10)


def test_a_feed_that_leads_in_a_circle_is_an_error_that_is_told(
    own: Declaration, site: Site, world: World
) -> None:
    site.answers["/feed"] = redirect("/feed")
    run = world.crawl(own)
    assert run.outcome is RunOutcome.EMPTY
    assert run.counts["source.error"] == 1
    assert "redirects in a circle" in run.cause


def test_a_robots_txt_that_leads_in_a_circle_allows_nothing(
    own: Declaration, site: Site, world: World
) -> None:
    site.answers["/robots.txt"] = redirect("/robots.txt")
    run = world.crawl(own)
    assert run.outcome is RunOutcome.UNREACHABLE
    assert site.paths() == []


def test_pages_that_are_no_articles_are_told_by_their_reasons(
    own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        site.put(f"/news/{n}", feed([n]) if n < 8 else "<html><h1>Page not found</h1></html>")
    run = world.crawl(own)
    assert run.outcome is RunOutcome.EMPTY
    assert is_accounted_for(run, 10)
    assert "7 pages that are lists (a feed or a sitemap, such as" in run.cause
    assert "3 pages without an article (" in run.cause
    assert world.articles() == []


def test_the_words_and_the_exit_code_say_that_no_page_could_be_read(
    own: Declaration, site: Site, other_site: Site, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    to_itself(site, other_site)
    assert print_run_report([world.crawl(own)], as_json=False) == ExitCode.PARTIAL
    told = " ".join(capsys.readouterr().out.split())
    assert "empty" in told
    assert "quiet" not in told


def test_pages_that_are_dropped_without_a_word_are_missed_and_named(
    own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        site.put_article(n)
    loses = {"SPIDER_MIDDLEWARES": {"tests.crawler.losing.LosesOddPages": 1}}
    run = world.crawl(own, settings=loses)
    assert run.outcome is RunOutcome.DEGRADED
    assert (run.counts["stored.new"], run.counts["page.lost"]) == (5, 5)
    assert is_accounted_for(run, 10)
    assert f"5 pages never answered (such as {site.url('/news/9')})" in run.cause


def test_an_outlet_whose_pages_are_all_dropped_is_broken_after_three_runs(
    own: Declaration, site: Site, world: World
) -> None:
    site.put_feed([1, 3, 5])
    loses = {"SPIDER_MIDDLEWARES": {"tests.crawler.losing.LosesOddPages": 1}}
    for number in (1, 2, 3):
        run = world.crawl(own, settings=loses)
        assert (run.outcome, run.counts["page.lost"]) == (RunOutcome.EMPTY, 3)
        assert (health(world).state is HealthState.BROKEN) is (number == 3)
    assert health(world).cause is HealthCause.UNREACHABLE


@pytest.mark.parametrize(
    "location",
    ["", "javascript:history.back()", "mailto:desk@local.test", "http://[::1", "//", "\\x"],
)
def test_a_redirect_to_no_address_is_accounted_for(
    location: str, own: Declaration, site: Site, world: World
) -> None:
    for n in LISTED:
        headers = (("Location", location),) if location else ()
        site.answers[f"/news/{n}"] = Answer(b"", 302, headers)
    run = world.crawl(own, settings={"RETRY_ENABLED": False})
    assert run.outcome not in (RunOutcome.OK, RunOutcome.QUIET)
    assert is_accounted_for(run, 10)


def test_a_feed_whose_pages_do_not_exist_is_not_quiet(
    own: Declaration, site: Site, world: World
) -> None:
    for number in (1, 2, 3):
        site.put_feed(range(10 * number, 10 * number + 3))
        run = world.crawl(own)
        assert run.outcome is RunOutcome.EMPTY
        assert "3 pages gone (HTTP status 404, such as" in run.cause
        assert (health(world).state is HealthState.BROKEN) is (number == 3)
    assert health(world).cause is HealthCause.GONE
