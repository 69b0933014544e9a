"""What was stored while the clock was ahead stops nothing after the clock is set right (R16)."""

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import Database
from storage.records import CaptureOutcome, Run, RunOutcome
from storage.runs import hosts, schedule
from storage.runs.clock import is_waiting
from storage.runs.schedule_state import ScheduleProgress, compute_schedule_state
from storage.runs.slots import Cadence, compute_backoff

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = [pytest.param(jump, id=str(jump)) for jump in (HOUR, DAY, 365 * DAY)]

SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the clock of the database."""

    def set_to(at: datetime) -> None:
        for module in (hosts, schedule):
            monkeypatch.setattr(module, "database_now", lambda _: at)

    return set_to


@pytest.mark.threats("R16", "R1")
@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("pause", [10.0, 3600.0, 7 * 86400.0])
def test_a_pause_taken_ahead_lasts_as_long_as_the_host_asked(
    jump: timedelta,
    pause: float,
    database: Database,
    set_clock: SetClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_clock(NOW + jump)
    database.hosts.reserve_turn("kcna.kp", 5)
    database.hosts.pause("kcna.kp", pause)
    set_clock(NOW)
    with caplog.at_level(logging.WARNING):
        wait, held = database.hosts.reserve_turn("kcna.kp", 5)
    assert wait == 0
    assert 0 < held <= pause
    assert f"the clock was {jump.total_seconds() + 5:.0f} s ahead" in caplog.text
    set_clock(NOW + timedelta(seconds=pause))
    assert database.hosts.reserve_turn("kcna.kp", 5)[1] == 0


@pytest.mark.threats("R16", "R1")
@pytest.mark.parametrize("jump", JUMPS)
def test_a_pause_without_a_turn_before_it_is_moved_back_too(
    jump: timedelta, database: Database, set_clock: SetClock
) -> None:
    set_clock(NOW + jump)
    database.hosts.pause("kcna.kp", 60)
    set_clock(NOW)
    assert database.hosts.reserve_turn("kcna.kp", 5)[1] <= 60


@pytest.mark.threats("R16", "R1")
def test_a_new_pause_replaces_one_that_was_taken_ahead(
    database: Database, set_clock: SetClock
) -> None:
    set_clock(NOW + 365 * DAY)
    database.hosts.pause("kcna.kp", 86400)
    set_clock(NOW)
    database.hosts.pause("kcna.kp", 30)
    held = database.hosts.reserve_turn("kcna.kp", 5)[1]
    assert 30 <= held <= 86400


@pytest.mark.threats("R16", "R1")
def test_no_pause_is_longer_than_a_week(database: Database, set_clock: SetClock) -> None:
    set_clock(NOW)
    database.hosts.pause("kcna.kp", 1e12)
    assert database.hosts.reserve_turn("kcna.kp", 5)[1] == hosts.MAX_PAUSE_SECONDS


@pytest.mark.threats("R16")
def test_a_pause_outlives_turns_and_a_clock_that_is_right(
    database: Database, set_clock: SetClock
) -> None:
    set_clock(NOW)
    database.hosts.reserve_turn("kcna.kp", 100)
    database.hosts.pause("kcna.kp", 3600)
    for minutes in (1, 20, 59):
        set_clock(NOW + timedelta(minutes=minutes))
        assert database.hosts.reserve_turn("kcna.kp", 1)[1] == 3600 - 60 * minutes


@pytest.mark.threats("R16")
@given(
    st.timedeltas(timedelta(0), timedelta(days=800)), st.timedeltas(timedelta(0), timedelta(days=9))
)
def test_a_wait_is_never_longer_than_the_longest(ahead: timedelta, longest: timedelta) -> None:
    until = NOW + ahead
    if is_waiting(NOW, until, longest):
        assert until - NOW <= longest
        assert not is_waiting(until, until, longest)


def ended(outcome: RunOutcome, at: datetime, retry_at: datetime | None = None) -> Run:
    return Run(
        outlet="kcna",
        started_at=at - timedelta(minutes=1),
        ended_at=at,
        outcome=outcome,
        retry_at=retry_at,
    )


@pytest.mark.threats("R16", "R1")
def test_a_refusal_that_was_recorded_ahead_holds_as_long_as_any() -> None:
    usual = compute_backoff([ended(RunOutcome.REFUSED, NOW)], HOUR, NOW)
    assert compute_backoff([ended(RunOutcome.REFUSED, NOW + DAY)], HOUR, NOW) == usual
    ahead = ended(RunOutcome.REFUSED, NOW + DAY, retry_at=NOW + DAY + 5 * HOUR)
    assert compute_backoff([ahead], HOUR, NOW) == NOW + 5 * HOUR


@pytest.mark.threats("R16")
def test_a_run_in_the_future_neither_serves_a_slot_nor_holds_one_back() -> None:
    cadence = Cadence(outlet="kcna", every=HOUR)
    ahead = [ended(RunOutcome.REFUSED, NOW + 365 * DAY - n * HOUR) for n in range(3)]
    taken = ScheduleProgress(slot_at=NOW + 365 * DAY, taken_at=NOW + 365 * DAY)
    state = compute_schedule_state(cadence, taken, ahead, NOW, is_starting=True)
    assert (state.last_served, state.backoff_until) == (None, None)
    assert state.next_run_at(cadence, NOW) == NOW
    present = [ended(RunOutcome.OK, NOW)]
    state = compute_schedule_state(cadence, taken, ahead + present, NOW, is_starting=True)
    assert state.next_run_at(cadence, NOW) == cadence.next_slot(NOW)


@pytest.mark.threats("R16")
def test_slots_of_the_future_are_forgotten_and_others_kept(
    database: Database, set_clock: SetClock
) -> None:
    database.leases.acquire("scheduler", "a", 60)
    now = datetime.now(UTC)
    for outlet, slot in (("kcna", now + DAY), ("rodong", now), ("yonhap", now - DAY)):
        assert database.schedule.take_slot(outlet, slot, "a", lease_name="scheduler")
    assert database.schedule.forget_future_slots() == 1
    slots = {name: each.slot_at for name, each in database.schedule.last_taken(now).items()}
    assert slots == {"kcna": None, "rodong": now, "yonhap": now - DAY}


@pytest.mark.threats("R16")
def test_a_visit_of_the_future_is_replaced_and_a_later_one_is_kept(database: Database) -> None:
    now = datetime.now(UTC)
    for at in (now + 365 * DAY, now - HOUR, now - 2 * HOUR):
        database.visits.record("kcna", {"a": (at, CaptureOutcome.NOT_ARTICLE)})
    assert database.visits.find("kcna", ["a"])["a"][0] == now - HOUR


def record_runs(database: Database, *times: datetime) -> None:
    for at in times:
        run = database.runs.begin("kcna", started_at=at)
        run.ended_at, run.outcome = at, RunOutcome.OK
        database.runs.finish(run)


@pytest.mark.threats("R16")
@pytest.mark.parametrize("days", [7, 30, 365])
def test_a_clock_that_is_a_year_ahead_makes_nothing_old(days: int, database: Database) -> None:
    first = NOW - timedelta(days=days // 2)
    record_runs(database, *(first + n * DAY for n in range(days // 2 + 1)))
    assert database.runs.retention_limit(days, NOW) == NOW - timedelta(days=days)
    for ahead in (365 * DAY, 400 * DAY, 20_000 * DAY):
        assert database.runs.retention_limit(days, NOW + ahead) < first
    record_runs(database, NOW + 365 * DAY)  # the service goes on with the wrong clock
    assert database.runs.retention_limit(days, NOW + 366 * DAY) < first


@pytest.mark.threats("R16")
def test_what_is_old_by_days_of_work_is_old(database: Database) -> None:
    record_runs(database, *(NOW - n * 7 * DAY for n in range(60)))
    assert database.runs.retention_limit(365, NOW) == NOW - 365 * DAY
    record_runs(database, NOW + 200 * DAY)  # it stood still for 200 days
    limit = database.runs.retention_limit(365, NOW + 201 * DAY)
    assert limit == NOW + 201 * DAY - 365 * DAY - (200 * DAY - 31 * DAY)


@pytest.mark.threats("R16")
def test_a_run_of_a_living_child_is_open_whatever_the_clock_says(database: Database) -> None:
    run = database.runs.begin("kcna", started_at=NOW - 800 * DAY, pid=os.getpid())
    assert database.runs.close_dead(living={os.getpid()}) == []
    assert [each.id for each in database.runs.close_dead()] == [run.id]


@pytest.mark.threats("R16")
def test_the_run_that_was_recorded_last_is_found_after_the_clock_was_set_back(
    database: Database,
) -> None:
    record_runs(database, NOW + 365 * DAY, NOW)
    found = database.runs.last_begun("kcna")
    assert found is not None
    assert found.started_at == NOW
    assert database.runs.last_begun("rodong") is None
    assert [run.started_at for run in database.runs.latest("kcna", until=NOW)] == [NOW]
