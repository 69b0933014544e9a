"""What must never be silent: eight ways to get nothing, each with a verdict, an exit code and an alert."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from cli.errors import ExitCode
from cli.show.run_reports import print_run_report
from crawler.sources import Feed, Listing
from storage import open_database
from storage.health.assessment import HealthState
from storage.records import Run, RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Answer, Declaration, Site, World

CAPTCHA = (
    "<html><head><title>Just a moment...</title></head><body><p>Verify you are human.</p>"
    "<div class='cf-turnstile'></div></body></html>"
)
SCRIPTS = "<html><body><div id=app></div><script>start()</script></body></html>"
Hurt = Callable[[Site, World], None]


def new_pages(body: str) -> Hurt:
    """Two new articles whose pages say this."""

    def hurt(site: Site, world: World) -> None:
        numbers = [len(site.answers) + n for n in range(2)]
        site.put_feed(numbers)
        for number in numbers:
            site.put(f"/news/{number}", body)

    return hurt


def source(answer: Answer) -> Hurt:
    return lambda site, _: site.answers.update({"/feed": answer})


def break_database(site: Site, world: World) -> None:
    """The database takes no text any more, and a new article waits."""
    number = len(site.answers) + 1
    site.put_feed([number])
    site.put_article(number, f"Only report {number} has the word lantern{number}.")
    with closing(sqlite3.connect(world.home / "nkwire.db")) as database:
        database.execute("DROP TABLE IF EXISTS signature")


def raise_while_reading(site: Site, world: World) -> None:
    number = 10 * len(site.answers) + 2  # `crawl_that_raises` stumbles over a 2
    site.put_feed([number])
    site.put_article(number)


CASES: dict[str, tuple[Hurt, RunOutcome]] = {
    "the listing has another layout": (source(Answer(SCRIPTS.encode())), RunOutcome.EMPTY),
    "the pages have another layout": (new_pages(SCRIPTS), RunOutcome.EMPTY),
    "the rules raise": (raise_while_reading, RunOutcome.FAILED),
    "the database takes nothing": (break_database, RunOutcome.FAILED),
    "the source is gone": (source(Answer(b"", 404)), RunOutcome.EMPTY),
    "the host is down": (source(Answer(b"", 503)), RunOutcome.UNREACHABLE),
    "the pages are captchas": (new_pages(CAPTCHA), RunOutcome.REFUSED),
    "nothing is listed": (source(Answer(b"<html><ul></ul></html>")), RunOutcome.EMPTY),
}


def crawl(world: World, outlet: Declaration, case: str) -> Run:
    if case == "the rules raise":
        asked = world.pool.submit(child.crawl_that_raises, outlet, world.options())
        return asked.result(120)
    return world.crawl(outlet, settings={"RETRY_ENABLED": False})


@pytest.mark.slow
@pytest.mark.threats("R13")
@pytest.mark.parametrize("case", CASES)
def test_nothing_for_three_runs_has_a_verdict_an_exit_code_and_one_alert(
    case: str, site: Site, declare: Callable[..., Declaration], world: World
) -> None:
    hurt, outcome = CASES[case]
    listing = Listing(site.url("/feed"), item="li a")
    sources = (Feed(site.url("/feed")),) if "list" not in case else (listing,)
    outlet = declare(sources=sources)
    site.put_feed([1])
    if sources == (listing,):
        site.put("/feed", "<html><ul><li><a href='/news/1'>Report of today</a></li></ul></html>")
    site.put_article(1)
    assert world.crawl(outlet).outcome is RunOutcome.OK
    for _ in range(3):
        hurt(site, world)
        run = crawl(world, outlet, case)
        assert run.outcome is outcome
        assert run.cause
        assert print_run_report([run], as_json=True) != ExitCode.OK
    with open_database(world.url) as database:
        changes = database.health.changes("local")
    assert sum(not change.health.state.is_healthy for change in changes) == 1
    assert changes[0].health.state in (HealthState.BROKEN, HealthState.DEGRADED)
    assert sum(change.needs_alert for change in changes) == 1
