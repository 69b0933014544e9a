"""What befalls a site, and what the outlet's health says of it after three runs."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError

from crawler.crawl.causes import Cause, FailureKind, ForbiddenRequestError, failure_kind
from crawler.sources import Listing
from storage import open_database
from storage.health.assessment import Health, HealthState
from storage.health.run_evidence import HealthCause
from storage.records import RunOutcome
from tests.crawler.conftest import Answer, Declare, Site, World

CAPTCHA = (
    "<html><head><title>Just a moment...</title></head><body><p>Verify you are human.</p>"
    "<div class='cf-turnstile'></div></body></html>"
)
LOGIN = (
    "<html><head><title>Log in</title></head><body><form><p>Please log in to continue.</p>"
    "<input type='password' name='p'></form></body></html>"
)
NOT_FOUND = (
    "<html><head><title>Page not found</title></head><body><h1>Page not found</h1>"
    "<p>It may have been moved.</p></body></html>"
)
OVERLOAD = (
    "<html><head><title>Error</title></head><body><h1>Internal Server Error</h1>"
    "<p>Something went wrong.</p></body></html>"
)


def standing(world: World) -> Health:
    with open_database(world.url) as database:
        return database.health.current()["local"]


def pages_say(words: str) -> Callable[[Site, int], None]:
    def hurt(site: Site, run: int) -> None:
        site.put_feed([10 * run + n for n in range(2)])
        for number in range(2):
            site.put(f"/news/{10 * run + number}", words)

    return hurt


def pages_answer(status: int) -> Callable[[Site, int], None]:
    def hurt(site: Site, run: int) -> None:
        site.put_feed([10 * run + n for n in range(2)])
        for number in range(2):
            site.put(f"/news/{10 * run + number}", "", status=status)

    return hurt


def feed_answers(answer: Answer) -> Callable[[Site, int], None]:
    return lambda site, _: site.answers.update({"/feed": answer})


def robots_answers(answer: Answer) -> Callable[[Site, int], None]:
    return lambda site, _: site.answers.update({"/robots.txt": answer})


FAULTS = {
    "the feed answers 403": (feed_answers(Answer(status=403)), HealthCause.REFUSED),
    "the feed answers 500": (feed_answers(Answer(status=500)), HealthCause.UNREACHABLE),
    "the feed is gone": (feed_answers(Answer(status=404)), HealthCause.GONE),
    "a captcha for the feed": (feed_answers(Answer(CAPTCHA.encode())), HealthCause.BLOCKED),
    "no feed in the answer": (feed_answers(Answer(b"{}")), HealthCause.PARSE),
    "robots.txt forbids all": (
        robots_answers(Answer(b"User-agent: *\nDisallow: /\n")),
        HealthCause.ROBOTS,
    ),
    "pages are captchas": (pages_say(CAPTCHA), HealthCause.BLOCKED),
    "pages ask for a login": (pages_say(LOGIN), HealthCause.BLOCKED),
    "pages say not found with 200": (pages_say(NOT_FOUND), HealthCause.LAYOUT),
    "pages are errors with 200": (pages_say(OVERLOAD), HealthCause.LAYOUT),
    "pages answer 403": (pages_answer(403), HealthCause.REFUSED),
}


@pytest.mark.threats("R4")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_r4_a_fault_is_recognised_after_three_runs_and_nothing_of_it_is_stored(
    fault: tuple[Callable[[Site, int], None], HealthCause],
    site: Site,
    declare: Declare,
    world: World,
) -> None:
    hurt, cause = fault
    site.put_feed([1])
    site.put_article(1)
    assert world.crawl(declare()).outcome is RunOutcome.OK
    assert standing(world).state is HealthState.OK
    for number in (1, 2, 3):
        hurt(site, number)
        assert world.crawl(declare()).outcome not in (RunOutcome.OK, RunOutcome.DEGRADED)
        assert (standing(world).state is HealthState.BROKEN) is (number == 3)
    assert standing(world).cause is cause
    assert len(world.articles()) == 1


@pytest.mark.threats("R4")
def test_r4_a_listing_without_its_links_is_a_changed_layout(
    site: Site, declare: Declare, world: World
) -> None:
    outlet = declare(sources=(Listing(site.url("/list"), item="li.story a"),))
    site.put_article(1)
    site.put("/list", "<ul><li class='story'><a href='/news/1'>Report of today</a></li></ul>")
    world.crawl(outlet)
    site.put("/list", "<div><div class='card'><a href='/news/1'>Report of today</a></div></div>")
    for _ in range(3):
        world.crawl(outlet)
    assert (standing(world).state, standing(world).cause) == (
        HealthState.BROKEN,
        HealthCause.LAYOUT,
    )


def test_a_run_for_a_part_is_no_evidence(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    site.put_article(1)
    world.crawl(declare())
    since, until = (datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2))
    for options in ({"since": since, "until": until}, {"limit": 1}, {"recheck": True}):
        assert world.crawl(declare(), **options).selective
    with open_database(world.url) as database:
        database.health.assess("local")
        [day] = database.health.days(datetime(2020, 1, 1).date())["local"]
        assert (day.runs, len(database.runs.latest("local"))) == (1, 4)
    assert standing(world).state is HealthState.OK


def test_what_the_articles_have_is_counted(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    run = world.crawl(declare())
    assert (run.counts["field.title"], run.counts["field.published_at"]) == (2, 2)
    assert "field.authors" not in run.counts


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CannotResolveHostError("x"), FailureKind.DNS),
        (DownloadTimeoutError("x"), None),
        (
            ForbiddenRequestError(Cause.REFUSED, "robots.txt forbids it", FailureKind.ROBOTS),
            FailureKind.ROBOTS,
        ),
        (None, None),
    ],
)
def test_failures_are_told_apart(error: Exception | None, kind: FailureKind | None) -> None:
    assert failure_kind(error) is kind
