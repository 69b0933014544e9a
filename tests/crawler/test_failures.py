from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.crawl.failures import Failure, after, is_disabled, of_error, of_status
from crawler.crawl.polls import Polls
from crawler.sources import Feed
from storage import open_database
from storage.records import RunOutcome, SourceState
from tests.crawler.conftest import Answer, Declare, Site, World

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATE = SourceState(outlet="kcna", source="https://kcna.test/feed")


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (410, Failure.HARD),
        (451, Failure.HARD),
        (404, Failure.SOFT),
        (403, Failure.SOFT),
        (400, Failure.SOFT),
        (429, Failure.TEMPORARY),
        (408, Failure.TEMPORARY),
        (500, Failure.TEMPORARY),
        (503, Failure.TEMPORARY),
    ],
)
def test_statuses_have_their_gravity(status: int, failure: Failure) -> None:
    assert of_status(status) is failure


@pytest.mark.parametrize(
    ("cause", "kind", "failure"),
    [
        ("refused", "robots", Failure.HARD),
        ("unreachable", "robots", Failure.TEMPORARY),
        ("unreachable", "dns", Failure.SOFT),
        ("unreachable", "", Failure.TEMPORARY),
        ("error", "", Failure.HARD),
        ("refused", "", Failure.SOFT),
    ],
)
def test_errors_have_their_gravity(cause: str, kind: str, failure: Failure) -> None:
    assert of_error(cause, kind) is failure


def failing(failure: Failure, number: int, every: timedelta = HOUR) -> SourceState:
    state, at = STATE, NOW
    for _ in range(number):
        at = max(at + every, state.next_at or at)
        state = after(state, failure, "why", at, every)
    return state


@pytest.mark.parametrize(
    ("failure", "number", "hours"),
    [
        (Failure.HARD, 1, 2),
        (Failure.HARD, 3, 8),
        (Failure.HARD, 6, 24),
        (Failure.SOFT, 1, None),
        (Failure.SOFT, 2, 2),
        (Failure.SOFT, 5, 16),
        (Failure.TEMPORARY, 2, None),
        (Failure.TEMPORARY, 3, 2),
        (Failure.TEMPORARY, 9, 6),
    ],
)
def test_each_failure_in_a_row_doubles_the_wait_by_its_gravity(
    failure: Failure, number: int, hours: int | None
) -> None:
    state, before = failing(failure, number), failing(failure, number - 1)
    assert state.failures == number
    at = max(NOW, before.next_at or NOW)
    if hours is None:
        assert state.next_at is None
    else:
        assert state.next_at is not None
        assert state.next_at - at >= hours * HOUR


def test_only_evidence_of_a_week_and_more_disables_a_source_and_never_for_ever() -> None:
    in_one_night = STATE
    for minute in range(100):
        at = NOW + timedelta(minutes=minute)
        in_one_night = after(in_one_night, Failure.HARD, "410", at, timedelta(minutes=1))
    assert in_one_night.points >= 10
    assert not is_disabled(in_one_night)
    lasting = failing(Failure.HARD, 30)
    assert is_disabled(lasting)
    assert lasting.next_at is not None
    assert lasting.failing_since is not None
    assert not is_disabled(failing(Failure.SOFT, 2))


@given(
    st.lists(st.sampled_from(list(Failure)), min_size=1, max_size=40),
    st.integers(1, 10**6),
)
def test_a_source_is_asked_again_within_a_week_or_its_own_cadence(
    failures: list[Failure], seconds: int
) -> None:
    state, at, every = STATE, NOW, timedelta(seconds=seconds)
    for failure in failures:
        state = after(state, failure, "why", at, every)
        assert state.next_at is None or at < state.next_at <= at + max(timedelta(days=7), every)
        at = state.next_at or at + every


def test_one_of_several_sources_is_put_off_and_never_all() -> None:
    polls = Polls("kcna")
    polls.number = 2
    polls.before["a"] = failing(Failure.HARD, 2)
    assert polls.put_off(NOW) == {"a"}
    assert polls.put_off(NOW + timedelta(days=2)) == set()
    polls.before["b"] = failing(Failure.HARD, 2)
    assert polls.put_off(NOW) == set()


def test_a_source_that_is_gone_waits_while_the_other_is_read(
    site: Site, declare: Declare, world: World
) -> None:
    outlet = declare(sources=(Feed(site.url("/feed")), Feed(site.url("/old"))))
    site.put_feed([1])
    site.put_article(1)
    site.answers["/old"] = Answer(status=410)
    assert world.crawl(outlet).outcome is RunOutcome.DEGRADED
    with open_database(world.url) as database:
        state = database.sources.state("local", site.url("/old"))
    assert state is not None
    assert (state.failure, state.problem, state.points) == ("hard", "HTTP status 410", 1.0)
    assert state.next_at is not None
    run = world.crawl(outlet, slot_at=NOW)
    assert run.counts["source.put_off"] == 1
    assert site.paths("/old") == ["/old"]
    assert run.outcome is RunOutcome.QUIET
    world.crawl(outlet)
    assert len(site.paths("/old")) == 2
    site.put_feed([1], "/old")
    world.crawl(outlet)
    with open_database(world.url) as database:
        state = database.sources.state("local", site.url("/old"))
    assert state is not None
    assert (state.failures, state.points, state.next_at) == (0, 0.0, None)


def test_a_host_is_asked_by_one_process_at_a_time(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    done = Event()

    def ask_again_and_again() -> None:
        with open_database(world.url) as database:
            database.hosts.reserve_turn(
                site.host, 3.0
            )  # so that all turns of the next seconds are taken
            while not done.wait(database.hosts.reserve_turn(site.host, 1.0)[0] - 2.0):
                pass

    with ThreadPoolExecutor(1) as other:
        asking = other.submit(ask_again_and_again)
        try:
            run = world.crawl(declare())
        finally:
            done.set()
    asking.result()
    assert run.counts["waited"] >= 1
    assert run.outcome is RunOutcome.OK


def test_a_host_that_asked_one_process_to_come_back_later_is_asked_by_no_other(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put("/news/1", "", status=429, headers=(("Retry-After", "7200"),))
    assert world.crawl(declare()).outcome is RunOutcome.REFUSED
    asked = len(site.asked)
    run = world.crawl(declare(name="sister"))
    assert run.outcome is RunOutcome.REFUSED
    assert "asked to be left alone" in run.cause
    assert len(site.asked) == asked
