from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.crawl.causes import Cause, FailureKind
from crawler.crawl.polls import SourcePolls
from crawler.crawl.source_backoff import (
    FailureSeverity,
    is_disabled,
    severity_of_cause,
    severity_of_status,
    state_after_failure,
)
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
        (410, FailureSeverity.HARD),
        (451, FailureSeverity.HARD),
        (404, FailureSeverity.SOFT),
        (403, FailureSeverity.SOFT),
        (400, FailureSeverity.SOFT),
        (429, FailureSeverity.TEMPORARY),
        (408, FailureSeverity.TEMPORARY),
        (500, FailureSeverity.TEMPORARY),
        (503, FailureSeverity.TEMPORARY),
    ],
)
def test_statuses_have_their_gravity(status: int, failure: FailureSeverity) -> None:
    assert severity_of_status(status) is failure


@pytest.mark.parametrize(
    ("cause", "kind", "failure"),
    [
        (Cause.REFUSED, FailureKind.ROBOTS, FailureSeverity.HARD),
        (Cause.UNREACHABLE, FailureKind.ROBOTS, FailureSeverity.TEMPORARY),
        (Cause.UNREACHABLE, FailureKind.DNS, FailureSeverity.SOFT),
        (Cause.UNREACHABLE, None, FailureSeverity.TEMPORARY),
        (Cause.ERROR, None, FailureSeverity.HARD),
        (Cause.REFUSED, None, FailureSeverity.SOFT),
    ],
)
def test_errors_have_their_gravity(
    cause: Cause, kind: FailureKind | None, failure: FailureSeverity
) -> None:
    assert severity_of_cause(cause, kind) is failure


def failing(failure: FailureSeverity, number: int, every: timedelta = HOUR) -> SourceState:
    state, at = STATE, NOW
    for _ in range(number):
        at = max(at + every, state.next_at or at)
        state = state_after_failure(state, failure, "why", at, every)
    return state


@pytest.mark.parametrize(
    ("failure", "number", "hours"),
    [
        (FailureSeverity.HARD, 1, 2),
        (FailureSeverity.HARD, 3, 8),
        (FailureSeverity.HARD, 6, 24),
        (FailureSeverity.SOFT, 1, None),
        (FailureSeverity.SOFT, 2, 2),
        (FailureSeverity.SOFT, 5, 16),
        (FailureSeverity.TEMPORARY, 2, None),
        (FailureSeverity.TEMPORARY, 3, 2),
        (FailureSeverity.TEMPORARY, 9, 6),
    ],
)
def test_each_failure_in_a_row_doubles_the_wait_by_its_gravity(
    failure: FailureSeverity, number: int, hours: int | None
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
        in_one_night = state_after_failure(
            in_one_night, FailureSeverity.HARD, "410", at, timedelta(minutes=1)
        )
    assert in_one_night.points >= 10
    assert not is_disabled(in_one_night)
    lasting = failing(FailureSeverity.HARD, 30)
    assert is_disabled(lasting)
    assert lasting.next_at is not None
    assert lasting.failing_since is not None
    assert not is_disabled(failing(FailureSeverity.SOFT, 2))


@given(
    st.lists(st.sampled_from(list(FailureSeverity)), min_size=1, max_size=40),
    st.integers(1, 10**6),
)
def test_a_source_is_asked_again_within_a_week_or_its_own_cadence(
    failures: list[FailureSeverity], seconds: int
) -> None:
    state, at, every = STATE, NOW, timedelta(seconds=seconds)
    for failure in failures:
        state = state_after_failure(state, failure, "why", at, every)
        assert state.next_at is None or at < state.next_at <= at + max(timedelta(days=7), every)
        at = state.next_at or at + every


def test_one_of_several_sources_is_put_off_and_never_all() -> None:
    polls = SourcePolls("kcna")
    polls.source_count = 2
    polls.previous_states["a"] = failing(FailureSeverity.HARD, 2)
    assert polls.sources_in_backoff(NOW, HOUR) == {"a"}
    assert polls.sources_in_backoff(NOW + timedelta(days=2), HOUR) == set()
    polls.previous_states["b"] = failing(FailureSeverity.HARD, 2)
    assert polls.sources_in_backoff(NOW, HOUR) == set()


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
    assert "asked for no requests" in run.cause
    assert len(site.asked) == asked
