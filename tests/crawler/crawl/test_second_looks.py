"""What a run says when few pages answer, and some of them are known articles that are asked again."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from storage import open_database
from storage.health.assessment import HealthState
from storage.health.run_evidence import HealthCause, interpret_run
from storage.records import Run, RunOutcome
from storage.tables.articles import article
from tests.crawler.conftest import Answer, Declaration, Declare, Site, World
from tests.crawler.redirecting import health

KNOWN = range(1, 7)
NEW = range(11, 14)
PAST = datetime(2000, 1, 1, tzinfo=UTC)
CAPTCHA = (
    "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
    '<form id="challenge-form"><div class="g-recaptcha"></div><p>Verify you are human.</p></form>'
    "</body></html>"
)
ERROR = "<html><head><title>Error</title></head><body><h1>Internal Server Error</h1></body></html>"
SCRIPTS = (
    "<html><head><title>Welcome</title></head><body><div id=app></div>"
    "<script>window.start({})</script></body></html>"
)
NOT_FOUND = (
    "<html><head><title>Page not found</title></head><body><h1>404 - Page not found</h1>"
    "<p>The page you are looking for does not exist or has been moved.</p></body></html>"
)
TROUBLES = {
    "captcha": Answer(CAPTCHA.encode()),
    "error 200": Answer(ERROR.encode()),
    "scripts": Answer(SCRIPTS.encode()),
    "removed": Answer(b"gone", 404),
    "soft 404": Answer(NOT_FOUND.encode()),
    "refused": Answer(b"no", 403),
    "down": Answer(b"down", 500),
    "leads away": Answer(b"", 302, (("Location", "/"),)),
}
SETTINGS = {"RETRY_ENABLED": False}
FAULTS = {
    "captcha": HealthCause.BLOCKED,
    "error 200": HealthCause.LAYOUT,
    "scripts": HealthCause.LAYOUT,
    "soft 404": HealthCause.LAYOUT,
    "refused": HealthCause.REFUSED,
    "down": HealthCause.UNREACHABLE,
    "leads away": HealthCause.REDIRECTED,
}


@pytest.fixture
def outlet(site: Site, declare: Declare, world: World) -> Declaration:
    """An outlet with six known articles, none of them due."""
    site.put("/", f"<html><body><h1>The outlet</h1><p>{'It prints. ' * 60}</p></body></html>")
    site.put_feed(KNOWN)
    for number in (*KNOWN, *NEW):
        site.put_article(number, f"Only report {number} has the word lantern{number}.")
    declared = declare()
    world.crawl(declared)
    return declared


def list_and_revisit(site: Site, world: World, new: int, due: int) -> None:
    """Lists so many new articles, and makes so many known ones due."""
    site.put_feed([*KNOWN, *NEW[:new]])
    urls = [site.url(f"/news/{number}") for number in KNOWN[:due]]
    change = update(article).where(article.c.url.in_(urls)).values(next_check_at=PAST)
    with open_database(world.url) as database:
        database.write(lambda connection: connection.execute(change))


def answer_all(site: Site, numbers: Iterable[int], answer: Answer) -> None:
    site.answers.update({f"/news/{number}": answer for number in numbers})


def failure_of(run: Run) -> HealthCause | None:
    evidence = interpret_run(run)
    return evidence.failure if evidence else None


@pytest.mark.threats("R13", "R4")
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(("new", "due"), [(0, 0), (0, 1), (0, 3), (1, 0), (1, 1), (3, 3)])
def test_a_fault_of_the_whole_site_is_told_whatever_few_pages_met_it(
    trouble: str, new: int, due: int, site: Site, world: World, outlet: Declaration
) -> None:
    list_and_revisit(site, world, new, due)
    answer_all(site, (*KNOWN, *NEW), TROUBLES[trouble])
    run = world.crawl(outlet, settings=SETTINGS)
    if trouble == "removed" and new == 3:
        assert failure_of(run) is HealthCause.GONE
    elif trouble == "removed" or not new + due:
        assert run.outcome is RunOutcome.QUIET
        assert failure_of(run) is None
    else:
        assert run.outcome not in (RunOutcome.OK, RunOutcome.QUIET, RunOutcome.DEGRADED)
        assert failure_of(run) is FAULTS[trouble]
        assert site.url("/news/") in run.cause
    assert len(world.articles()) == len(KNOWN)


@pytest.mark.threats("R13")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_one_known_article_that_is_taken_away_says_nothing_about_its_outlet(
    trouble: str, site: Site, world: World, outlet: Declaration
) -> None:
    answer_all(site, [1], TROUBLES[trouble])
    for _ in range(4):
        list_and_revisit(site, world, 0, 1)
        run = world.crawl(outlet, settings=SETTINGS)
        assert run.outcome is RunOutcome.QUIET
        assert failure_of(run) is None
        assert run.counts.get("revisit.witness", 0) <= (trouble != "removed")
    assert health(world).state.is_healthy


@pytest.mark.threats("R13")
@pytest.mark.parametrize("trouble", FAULTS)
def test_one_new_page_that_cannot_be_read_does_not_break_a_quiet_outlet(
    trouble: str, site: Site, world: World, outlet: Declaration
) -> None:
    list_and_revisit(site, world, 1, 0)
    answer_all(site, NEW, TROUBLES[trouble])
    first = world.crawl(outlet, settings=SETTINGS)
    assert first.outcome not in (RunOutcome.OK, RunOutcome.QUIET)
    assert site.url("/news/11") in first.cause
    later = [world.crawl(outlet, settings={**SETTINGS, "NKWIRE_ASK_AGAIN": [(720, 0)]})]
    later += [world.crawl(outlet, settings=SETTINGS) for _ in range(2)]
    assert {run.outcome for run in later} <= {RunOutcome.QUIET, RunOutcome.DEGRADED}
    assert health(world).state.is_healthy


@pytest.mark.threats("R13")
def test_an_article_that_did_not_answer_is_stored_as_soon_as_it_does(
    site: Site, world: World, outlet: Declaration
) -> None:
    list_and_revisit(site, world, 1, 0)
    good = site.answers["/news/11"]
    for _ in range(2):
        answer_all(site, NEW, TROUBLES["down"])
        world.crawl(outlet, settings=SETTINGS)
    site.answers["/news/11"] = good
    assert world.crawl(outlet, settings=SETTINGS).outcome is RunOutcome.OK
    assert len(world.articles()) == len(KNOWN) + 1


@pytest.mark.threats("R13")
def test_three_different_new_pages_in_a_row_break_the_outlet_though_old_ones_are_there(
    site: Site, world: World, outlet: Declaration
) -> None:
    answer_all(site, NEW, TROUBLES["scripts"])
    for number in range(3):
        list_and_revisit(site, world, number + 1, 0)
        assert failure_of(world.crawl(outlet)) is HealthCause.LAYOUT
    assert health(world).state is HealthState.BROKEN


@pytest.mark.threats("R13")
def test_an_edit_found_on_a_second_look_is_the_outcome(
    site: Site, world: World, outlet: Declaration
) -> None:
    list_and_revisit(site, world, 0, 1)
    site.put_article(1, "The number of lanterns was corrected to forty, the office said.")
    run = world.crawl(outlet)
    assert (run.outcome, run.counts["stored.edited"]) == (RunOutcome.OK, 1)
    assert "revisit.witness" not in run.counts


@pytest.mark.threats("R13")
def test_witnesses_cost_two_requests_at_most_and_record_no_deletion(
    site: Site, world: World, outlet: Declaration
) -> None:
    list_and_revisit(site, world, 0, 1)
    answer_all(site, KNOWN, TROUBLES["soft 404"])
    site.asked.clear()
    run = world.crawl(outlet)
    assert run.counts["revisit.witness"] == 2
    assert len(site.paths("/news")) == 3
    with open_database(world.url) as database:
        suspects = article.select().where(article.c.suspect_since.is_not(None))
        rows = database.read(lambda connection: connection.execute(suspects).all())
    assert [row.url for row in rows] == [site.url("/news/1")]


@pytest.mark.threats("R13")
def test_an_operator_who_wants_no_second_looks_gets_no_witnesses(
    site: Site, world: World, outlet: Declaration
) -> None:
    list_and_revisit(site, world, 1, 0)
    answer_all(site, NEW, TROUBLES["scripts"])
    run = world.crawl(outlet, settings={"NKWIRE_REVISIT_SHARE": 0.0})
    assert run.outcome is RunOutcome.EMPTY
    assert "revisit.witness" not in run.counts
