from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import Run, RunOutcome, StopReason
from storage.runs.schedule_state import (
    ScheduleProgress,
    ScheduleState,
    compute_schedule_state,
    effective_cadences,
)
from storage.runs.slots import (
    Cadence,
    InvalidScheduleError,
    ScheduleOverride,
    adapted_level,
    compute_backoff,
    next_run_at,
    parse_cron,
    parse_interval,
    parse_quiet_hours,
)

NOW = datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
INTERVALS = st.sampled_from([MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, timedelta(seconds=31)])
CRONS = st.sampled_from(["*/5 * * * *", "30 1,13 * * mon-fri", "0 0 1 * *", "0 0 29 2 *"])


def cadence(every: timedelta = HOUR, name: str = "kcna", **fields: object) -> Cadence:
    return Cadence(outlet=name, every=every, **fields)  # type: ignore[arg-type]


@given(INSTANTS, INTERVALS, st.text("abcde_", min_size=1, max_size=8))
def test_any_two_schedulers_find_the_same_slots(at: datetime, every: timedelta, name: str) -> None:
    outlet = cadence(every, name)
    slot, following = outlet.latest_slot(at), outlet.next_slot(at)
    assert slot is not None
    assert following is not None
    assert slot <= at < following == slot + every
    assert outlet.latest_slot(slot) == slot
    assert outlet.latest_slot(following - timedelta(microseconds=1)) == slot
    assert outlet.latest_slot(following) == following


@given(INSTANTS, CRONS)
def test_the_slots_of_a_cron_expression_are_its_times(at: datetime, cron: str) -> None:
    outlet = cadence(cron=cron)
    slot, following = outlet.latest_slot(at), outlet.next_slot(at)
    assert slot is not None
    assert following is not None
    assert slot <= at < following
    assert outlet.latest_slot(following) == following
    assert outlet.next_slot(slot) == following


def test_a_run_is_delayed_by_a_tenth_of_its_interval_and_a_minute_at_most() -> None:
    assert cadence(MINUTE).max_jitter() == MINUTE / 10
    assert cadence(HOUR).max_jitter() == MINUTE
    assert cadence(HOUR, jitter=2 * MINUTE).max_jitter() == 2 * MINUTE


def test_outlets_of_one_cadence_are_not_read_all_at_once() -> None:
    slots = {
        cadence(name=name).latest_slot(NOW) for name in ("kcna", "rodong", "yonhap", "tass", "dw")
    }
    assert len(slots) == 5


@given(INSTANTS)
def test_a_longer_interval_keeps_slots_of_the_shorter_one(at: datetime) -> None:
    outlet = cadence(between=(HOUR / 4, HOUR * 4))
    slots = [outlet.latest_slot(at, level) for level in range(-2, 3)]
    assert slots == sorted(slots, reverse=True, key=lambda slot: slot or at)
    for level, slot in zip(range(-2, 3), slots, strict=True):
        assert slot is not None
        assert all(outlet.latest_slot(slot, shorter) == slot for shorter in range(-2, level))


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("30m", 30 * MINUTE),
        ("2h", 2 * HOUR),
        ("1d", 24 * HOUR),
        ("1h30m", 1.5 * HOUR),
        (" 90S ", 1.5 * MINUTE),
        ("1 h 5 m", 65 * MINUTE),
    ],
)
def test_an_interval_is_written_in_days_hours_minutes_seconds(text: str, every: timedelta) -> None:
    assert parse_interval(text) == every


@pytest.mark.parametrize("text", ["", "m", "30", "5x", "-1h", "1m1h", "10s", "32d", "1e3m", "ⅷh"])
def test_what_is_no_interval_is_said_in_one_line(text: str) -> None:
    with pytest.raises(InvalidScheduleError) as told:
        parse_interval(text)
    assert "\n" not in str(told.value)


@given(st.text(max_size=40))
def test_no_text_makes_parsing_fail_otherwise(text: str) -> None:
    for parse in (parse_interval, parse_cron, parse_quiet_hours):
        try:
            parse(text)
        except InvalidScheduleError:
            continue


@pytest.mark.parametrize(
    "text", ["23:00", "25:00-06:00", "01:00-01:00", "1-2 UTC", "01:00-02:00 Mars/X"]
)
def test_what_are_no_quiet_hours_is_said(text: str) -> None:
    with pytest.raises(InvalidScheduleError):
        parse_quiet_hours(text)


@given(
    INSTANTS,
    st.sampled_from(
        [
            "23:00-06:00 Asia/Seoul",
            "02:15-02:45 America/New_York",
            "1:30-3:30 Europe/Berlin",
            "00:00-23:59",
        ]
    ),
    INTERVALS,
)
def test_nothing_is_due_in_quiet_hours_and_something_soon_after(
    at: datetime, hours: str, every: timedelta
) -> None:
    quiet = parse_quiet_hours(hours)
    found = next_run_at(cadence(every, quiet=quiet), None, at)
    assert found is not None
    assert not quiet.contains(found)
    assert at <= found <= at + timedelta(hours=25)
    assert quiet.contains(at) or found == at


@pytest.mark.threats("R16")
@pytest.mark.parametrize(
    ("at", "hours", "end"),
    [
        ("2026-03-08T07:20+00:00", "02:15-02:45", "2026-03-08T07:20+00:00"),
        ("2026-11-01T05:20+00:00", "01:15-01:45", "2026-11-01T05:45+00:00"),
        ("2026-11-01T06:20+00:00", "01:15-01:45", "2026-11-01T06:45+00:00"),
        ("2026-03-08T04:30+00:00", "23:00-02:30", "2026-03-08T07:00+00:00"),
    ],
    ids=["left out in spring", "first in autumn", "second in autumn", "ends in what is left out"],
)
def test_r16_quiet_hours_end_in_the_nights_that_clocks_change(
    at: str, hours: str, end: str
) -> None:
    quiet = parse_quiet_hours(f"{hours} America/New_York")
    found = next_run_at(cadence(quiet=quiet), None, datetime.fromisoformat(at))
    assert found is not None
    assert found >= datetime.fromisoformat(end)
    assert found - datetime.fromisoformat(end) <= HOUR
    assert not quiet.contains(found)


def test_an_override_that_cannot_be_understood_any_more_stops_nothing() -> None:
    outlets = [cadence(name="kcna"), cadence(name="rodong")]
    for broken in (
        ScheduleOverride(quiet="01:00-02:00 Mars/X"),
        ScheduleOverride(cron="61 * * * *"),
    ):
        found = effective_cadences(
            outlets, {"kcna": broken, "rodong": ScheduleOverride(every=2 * HOUR)}
        )
        assert [each.every for each in found] == [HOUR, 2 * HOUR]
        assert found[0] == outlets[0]


def test_slots_in_quiet_hours_are_put_off_and_not_missed() -> None:
    outlet = cadence(quiet=parse_quiet_hours("22:00-06:00"))
    night = datetime(2026, 3, 2, 22, tzinfo=UTC)
    morning = next_run_at(outlet, night - timedelta(minutes=5), night + HOUR)
    assert morning == datetime(2026, 3, 3, 6, tzinfo=UTC)
    slot = outlet.latest_slot(morning)
    assert slot is not None
    assert outlet.count_missed(night - timedelta(minutes=5), slot) == 0
    assert cadence().count_missed(night - timedelta(minutes=5), slot) >= 7


@given(INSTANTS, INTERVALS, st.integers(0, 50))
def test_missed_slots_are_counted(at: datetime, every: timedelta, number: int) -> None:
    outlet = cadence(every)
    first = outlet.latest_slot(at)
    assert first is not None
    last = first + (number + 1) * every
    assert outlet.count_missed(first, last) == number
    # Counted one by one the answer is the same.
    never = cadence(every, quiet=parse_quiet_hours("00:00-00:01 Pacific/Kiritimati"))
    assert never.count_missed(first, last) <= number


def test_missed_slots_of_a_cron_expression_are_counted() -> None:
    outlet = cadence(cron="0 * * * *")
    assert outlet.count_missed(NOW - 5 * HOUR, NOW.replace(minute=0, second=0)) == 4


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(0, 3), st.integers(0, 3))
def test_a_cadence_adapts_within_its_bounds(news: list[int], down: int, up: int) -> None:
    outlet = cadence(between=(HOUR / 2**down, HOUR * 2**up))
    level = adapted_level(outlet, news)
    assert -down <= level <= up
    assert outlet.between[0] <= outlet.interval(level) <= outlet.between[-1]


@given(st.lists(st.integers(0, 20), max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_more_news_never_makes_an_interval_longer(news: list[int], place: int, more: int) -> None:
    outlet = cadence(between=(HOUR / 8, HOUR * 8))
    after = [
        *news[:place],
        *[number + more for number in news[place : place + 1]],
        *news[place + 1 :],
    ]
    if len(after) == len(news):
        last = [*news[:0], *news]
        assert adapted_level(outlet, [number + more for number in last]) <= adapted_level(
            outlet, last
        )


@pytest.mark.parametrize(
    ("news", "interval"),
    [
        ([], HOUR),
        ([1, 1, 1, 2], HOUR),
        ([9], HOUR / 2),
        ([5, 5, 5, 5], HOUR / 4),
        ([0], HOUR),
        ([0, 0], 2 * HOUR),
        ([0] * 12, 4 * HOUR),
        ([3, 0, 0, 0, 0], 2 * HOUR),
    ],
)
def test_much_new_halves_the_interval_and_nothing_doubles_it(
    news: list[int], interval: timedelta
) -> None:
    outlet = cadence(between=(HOUR / 4, HOUR * 4))
    assert outlet.interval(adapted_level(outlet, news)) == interval
    assert cadence().interval(adapted_level(cadence(), news)) == HOUR


def run(
    outcome: str,
    hours: float = 0,
    stop_reason: StopReason | None = None,
    retry_at: datetime | None = None,
    **counts: int,
) -> Run:
    at = NOW - timedelta(hours=hours)
    return Run(
        outlet="kcna",
        started_at=at,
        ended_at=at + MINUTE,
        outcome=RunOutcome(outcome),
        stop_reason=stop_reason,
        retry_at=retry_at,
        counts=counts,
    )


@pytest.mark.parametrize(
    ("outcomes", "wait"),
    [
        ([], None),
        (["ok", "refused"], None),
        (["refused"], 2 * HOUR),
        (["refused", "refused"], 4 * HOUR),
        (["refused"] * 9, 24 * HOUR),
        (["unreachable", "unreachable"], None),
        (["unreachable"] * 3, 2 * HOUR),
        (["unreachable"] * 12, 6 * HOUR),
        (["unreachable", "ok", "unreachable"], None),
    ],
)
def test_each_refusal_in_a_row_makes_the_wait_longer(
    outcomes: list[str], wait: timedelta | None
) -> None:
    runs = [run(outcome, hours=n) for n, outcome in enumerate(outcomes)]
    assert compute_backoff(runs, HOUR) == (None if wait is None else NOW + MINUTE + wait)


def test_a_host_that_names_a_time_is_believed_for_a_week_at_most() -> None:
    asked = NOW + timedelta(hours=30)
    assert compute_backoff([run("refused", retry_at=asked)], HOUR) == asked
    far = NOW + timedelta(days=400)
    found = compute_backoff([run("refused", retry_at=far)], HOUR)
    assert found == NOW + MINUTE + timedelta(days=7)


def test_a_rest_puts_off_what_is_due() -> None:
    rest = NOW + 5 * HOUR
    assert next_run_at(cadence(), None, NOW, backoff_until=rest) == rest
    assert next_run_at(cadence(), None, NOW, backoff_until=NOW - HOUR) == NOW


SLOT = cadence().latest_slot(NOW) or NOW


def slotted(slot: datetime) -> Run:
    begun = run("ok")
    begun.slot_at = slot
    return begun


@pytest.mark.parametrize(
    ("taken", "last", "at_once"),
    [
        pytest.param(ScheduleProgress(), None, True, id="never read"),
        pytest.param(ScheduleProgress(slot_at=NOW - 3 * HOUR, taken_at=NOW - 3 * HOUR), run("ok", 3), True, id="overdue"),
        pytest.param(ScheduleProgress(slot_at=SLOT, taken_at=SLOT), run("ok"), False, id="slot taken"),
        pytest.param(ScheduleProgress(), run("ok"), False, id="read by hand since"),
        pytest.param(ScheduleProgress(slot_at=SLOT, taken_at=SLOT), run("killed", 0, StopReason.DIED), True, id="cut off"),
        pytest.param(ScheduleProgress(slot_at=SLOT, taken_at=SLOT), run("killed"), False, id="past its deadline"),
        pytest.param(ScheduleProgress(slot_at=SLOT, taken_at=NOW), run("ok", 1), True, id="taken, never begun"),
        pytest.param(ScheduleProgress(slot_at=SLOT, taken_at=NOW), slotted(SLOT), False, id="taken and begun"),
        pytest.param(ScheduleProgress(slot_at=SLOT, taken_at=NOW), slotted(SLOT - HOUR), True, id="taken at once, never begun"),
        pytest.param(ScheduleProgress(), run("ok", -24), True, id="clock set back"),
    ],
)  # fmt: skip
def test_after_a_start_an_outlet_is_due_by_what_was_taken(
    taken: ScheduleProgress, last: Run | None, at_once: bool
) -> None:
    runs = [last] if last else []
    found = compute_schedule_state(cadence(), taken, runs, NOW, is_starting=True)
    at = found.next_run_at(cadence(), NOW)
    assert at is not None
    assert (at == NOW) is at_once
    assert (found.slot_to_take(cadence(), NOW) is not None) is at_once


def test_a_crawl_by_hand_of_a_part_does_not_stand_for_a_slot() -> None:
    part = run("ok")
    part.selective = True
    assert (
        compute_schedule_state(cadence(), ScheduleProgress(), [part], NOW).next_run_at(
            cadence(), NOW
        )
        == NOW
    )


def test_what_was_cut_off_is_made_up_for_under_a_slot_of_its_own() -> None:
    taken, runs = ScheduleProgress(slot_at=SLOT, taken_at=SLOT), [run("killed", 0, StopReason.DIED)]
    found = compute_schedule_state(cadence(), taken, runs, NOW, is_starting=True)
    assert found.slot_to_take(cadence(), NOW) == NOW != SLOT
    assert compute_schedule_state(cadence(), taken, runs, NOW).needs_rerun is False
    assert ScheduleState(last_served=NOW).next_run_at(cadence(), NOW) == cadence().next_slot(NOW)
