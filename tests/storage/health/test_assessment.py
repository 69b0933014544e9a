import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.health.assessment import RUNS_TO_CONFIRM, Health, HealthState, assess_health
from storage.health.days import FIELD_COUNTS, HealthDay, summarise_day
from storage.health.run_evidence import HealthCause
from storage.records import Run, RunOutcome, StopReason

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHOLE = {f"field.{name}": 4 for name in FIELD_COUNTS}
LISTED = {"source.ok": 2, "listed": 40, "listed.recent": 40}
GOOD = {**LISTED, **WHOLE, "page.fetched": 4, "page.article": 4, "stored.new": 4}
QUIET = {**LISTED, "listed.known": 40}

Counts = dict[str, int]


def crawl(at: datetime, counts: Counts, outcome: str = "ok", cause: str = "") -> Run:
    return Run(
        outlet="kcna",
        started_at=at,
        ended_at=at + timedelta(minutes=1),
        outcome=RunOutcome(outcome),
        counts=counts,
        cause=cause,
    )


def past(hours: int = 40, counts: Counts = GOOD) -> list[Run]:
    """Good runs of the last hours, newest first, of which the newest is three hours old."""
    return [crawl(NOW - timedelta(hours=3 + n), counts) for n in range(hours)]


def days(number: int = 28, **fields: int) -> list[HealthDay]:
    """The days before the past runs, each with as many good runs as hours."""
    first = (NOW - timedelta(hours=60)).date() - timedelta(days=number)
    whole = {"runs": 24, "seen": 24, "new": 96, "pages": 96, "read": 96, "listed": 40, **fields}
    had = dict.fromkeys(FIELD_COUNTS, whole["read"])
    return [HealthDay(day=first + timedelta(days=n), fields=had, **whole) for n in range(number)]


FAULTS = {
    "dns": ({"source.unreachable": 2, "why.dns": 2}, "unreachable", HealthCause.DNS),
    "server down": ({"source.unreachable": 2}, "unreachable", HealthCause.UNREACHABLE),
    "refused": ({"source.refused": 2}, "refused", HealthCause.REFUSED),
    "robots": (
        {"source.refused": 2, "why.robots": 2, "reject.robots": 2},
        "refused",
        HealthCause.ROBOTS,
    ),
    "source gone": ({"source.error": 2, "why.gone": 2}, "empty", HealthCause.GONE),
    "captcha for a feed": ({"source.refused": 1, "why.blocked": 1}, "refused", HealthCause.BLOCKED),
    "listing redesigned": ({"source.ok": 2, "listed": 0}, "empty", HealthCause.LAYOUT),
    "feed unreadable": ({"source.ok": 2, "why.unreadable": 2}, "empty", HealthCause.PARSE),
    "pages redesigned": (
        {**LISTED, "page.fetched": 4, "page.error": 4},
        "empty",
        HealthCause.LAYOUT,
    ),
    "pages lead to listings": (
        {**LISTED, "page.fetched": 4, "page.listing": 4},
        "quiet",
        HealthCause.LAYOUT,
    ),
    "captcha for pages": (
        {**LISTED, "page.fetched": 4, "page.blocked": 4},
        "refused",
        HealthCause.BLOCKED,
    ),
    "pages forbidden": ({**LISTED, "page.refused": 4}, "refused", HealthCause.REFUSED),
    "pages forbidden by robots": (
        {**LISTED, "page.refused": 4, "why.robots": 4},
        "refused",
        HealthCause.ROBOTS,
    ),
    "pages unreachable": (
        {**LISTED, "page.unreachable": 4},
        "unreachable",
        HealthCause.UNREACHABLE,
    ),
    "told to come back later": (LISTED, "refused", HealthCause.REFUSED),
    "our rules raise": (
        {**LISTED, "page.fetched": 4, "exceptions": 4},
        "failed",
        HealthCause.PARSE,
    ),
    "pages lead to the front page": (
        {**LISTED, "page.asked": 4, "page.redirected": 4},
        "empty",
        HealthCause.REDIRECTED,
    ),
    "new pages do not exist": (
        {**LISTED, "page.asked": 4, "page.gone": 4},
        "empty",
        HealthCause.GONE,
    ),
    "pages are lost": (
        {**LISTED, "page.asked": 4, "page.lost": 4},
        "empty",
        HealthCause.UNREACHABLE,
    ),
    "articles lost": ({**GOOD, "lost": 4}, "failed", HealthCause.LOST),
    "recordings lost": ({**GOOD, "lost.warc": 4}, "failed", HealthCause.LOST),
    "deadline": ({}, "killed", HealthCause.CRASHED),
    "child ends without a word": ({}, "failed", HealthCause.CRASHED),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_three_runs_in_vain_make_an_outlet_broken_with_its_cause_and_fewer_do_not(
    fault: tuple[Counts, str, HealthCause],
) -> None:
    counts, outcome, cause = fault
    runs = past()
    found = before = assess_health(runs, days(), None, NOW)
    assert before is not None
    assert before.state is HealthState.OK
    for number in range(1, RUNS_TO_CONFIRM + 1):
        at = NOW - timedelta(hours=3 - number)
        runs.insert(0, crawl(at, counts, outcome, "why it failed"))
        found = assess_health(runs, days(), before, at)
        assert found is not None
        assert (found.state is HealthState.BROKEN) is (number == RUNS_TO_CONFIRM)
        assert found.state is HealthState.BROKEN or found.state.is_healthy
    assert found is not None
    assert (found.cause, found.since_at) == (cause, NOW - timedelta(hours=2))
    assert "3 runs in a row: why it failed" in found.evidence


def test_pages_that_fail_are_seen_although_runs_between_found_nothing_new() -> None:
    fails = {**LISTED, "page.fetched": 1, "page.error": 1}
    runs = past()
    for number in range(5):
        counts, outcome = (fails, "empty") if number % 2 == 0 else (QUIET, "quiet")
        runs.insert(0, crawl(NOW + timedelta(hours=number), counts, outcome))
    found = assess_health(runs, days(), None, NOW)
    assert found is not None
    assert (found.state, found.cause) == (HealthState.BROKEN, HealthCause.LAYOUT)


def test_one_good_run_ends_a_break() -> None:
    down = [
        crawl(NOW - timedelta(hours=n), {"source.unreachable": 1}, "unreachable") for n in (1, 2)
    ]
    broken = Health(HealthState.BROKEN, NOW - timedelta(days=2), HealthCause.UNREACHABLE, "")
    found = assess_health([crawl(NOW, GOOD), *down, *past()], days(), broken, NOW)
    assert found is not None
    assert (found.state, found.since_at) == (HealthState.OK, NOW)


def test_a_break_keeps_its_beginning() -> None:
    began = NOW - timedelta(days=9)
    runs = [
        crawl(NOW - timedelta(hours=n), {"source.unreachable": 1}, "unreachable") for n in range(60)
    ]
    found = assess_health(
        runs, [], Health(HealthState.BROKEN, began, HealthCause.UNREACHABLE, ""), NOW
    )
    assert found is not None
    assert (found.state, found.since_at) == (HealthState.BROKEN, began)


def test_what_befell_the_service_says_nothing_of_the_outlet_however_it_is_worded() -> None:
    reasons = (StopReason.SERVICE_STOPPED, StopReason.LEASE_LOST, StopReason.DIED)
    stopped = [crawl(NOW, {}, "killed", "in other words") for _ in reasons]
    for run, reason in zip(stopped, reasons, strict=True):
        run.stop_reason = reason
    found = assess_health([*stopped, *past()], days(), None, NOW)
    assert found is not None
    assert found.state is HealthState.OK
    assert assess_health(stopped, [], None, NOW) is None


@pytest.mark.parametrize(
    ("reason", "cause"),
    [(StopReason.DATABASE, HealthCause.LOST), (None, HealthCause.CRASHED)],
)
def test_a_lost_database_is_known_by_the_reason_and_not_by_its_words(
    reason: StopReason | None, cause: HealthCause
) -> None:
    runs = [crawl(NOW, {}, "failed", "TypeError: no such database field") for _ in range(3)]
    for run in runs:
        run.stop_reason = reason
    found = assess_health([*runs, *past()], days(), None, NOW)
    assert found is not None
    assert found.cause is cause


def test_nothing_new_is_quiet_and_not_wrong() -> None:
    quiet = [crawl(NOW - timedelta(hours=n), QUIET, "quiet") for n in range(3)]
    found = assess_health([*quiet, *past()], days(), None, NOW)
    assert found == Health(
        HealthState.QUIET, NOW - timedelta(hours=2), None, "nothing new in 3 runs"
    )


def test_an_outlet_that_fails_every_other_time_is_degraded_and_does_not_flicker() -> None:
    down: Counts = {"source.unreachable": 2}
    runs, previous, states = past(), None, []
    for number in range(30):
        fails = number < 12 and number % 2 == 0
        counts, outcome = (down, "unreachable") if fails else (GOOD, "ok")
        runs.insert(0, crawl(NOW + timedelta(hours=number), counts, outcome))
        previous = assess_health(runs[:60], days(), previous, NOW)
        assert previous is not None
        states.append(previous.state)
    turns = [state for n, state in enumerate(states) if n == 0 or state is not states[n - 1]]
    assert turns == [HealthState.OK, HealthState.DEGRADED, HealthState.OK]


@pytest.mark.parametrize(
    ("runs", "told"),
    [(1, "the last run failed: no answer"), (2, "the last 2 runs failed, last: no answer")],
)
def test_runs_that_all_failed_are_told_without_a_fraction(runs: int, told: str) -> None:
    failed = [
        crawl(NOW - timedelta(hours=n), {"source.unreachable": 2}, "unreachable", "no answer")
        for n in range(runs)
    ]
    found = assess_health(failed, days(), None, NOW)
    assert found is not None
    assert found.evidence == told


LESS = {
    "no dates": (
        {**GOOD, "field.published_at": 0},
        "published_at in 0 of 12 articles",
    ),
    "no authors": ({**GOOD, "field.authors": 0}, "authors in 0 of 12 articles"),
    "few links": ({**GOOD, "listed": 3}, "3 articles listed, never fewer than 40 before"),
    "many pages for an article": (
        {**GOOD, "page.fetched": 40, "page.listing": 36},
        "120 pages for 12 articles",
    ),
    "most pages fail": (
        {**GOOD, "page.fetched": 14, "page.error": 10},
        "30 failed and 12 were read in 3 runs",
    ),
}


@pytest.mark.parametrize("fault", LESS.values(), ids=LESS.keys())
def test_an_outlet_that_gives_less_than_usual_is_degraded_within_three_runs_and_stays_so(
    fault: tuple[Counts, str],
) -> None:
    counts, told = fault
    runs = past()
    previous = assess_health(runs, days(), None, NOW)
    for number in range(60):
        runs.insert(0, crawl(NOW + timedelta(hours=number), counts, "degraded"))
        previous = assess_health(runs[:60], days(), previous, NOW)
        assert previous is not None
        if number >= RUNS_TO_CONFIRM - 1:
            assert (previous.state, previous.cause) == (HealthState.DEGRADED, HealthCause.LAYOUT)
        if number == RUNS_TO_CONFIRM - 1:
            assert told in previous.evidence


def test_one_source_of_two_that_stays_away_is_degraded() -> None:
    counts = {**GOOD, "source.ok": 1, "source.refused": 1}
    runs = [crawl(NOW - timedelta(hours=n), counts, "degraded", "403") for n in range(3)]
    found = assess_health([*runs, *past()], days(), None, NOW)
    assert found is not None
    assert (found.state, found.cause, found.evidence) == (
        HealthState.DEGRADED,
        HealthCause.REFUSED,
        "403",
    )


def test_a_listing_that_grows_old_is_silent() -> None:
    stale = {**LISTED, "listed.recent": 0, "listed.known": 40}
    runs = [
        crawl(NOW - timedelta(hours=n), stale, "empty", "0 of the last 7 days") for n in range(3)
    ]
    found = assess_health([*runs, *past()], days(), None, NOW)
    assert found is not None
    assert (found.state, found.cause) == (HealthState.DEGRADED, HealthCause.SILENT)


@pytest.mark.parametrize(
    ("rhythm", "still", "silent"),
    [
        pytest.param("1111111", 2, False, id="daily, two days"),
        pytest.param("1111111", 3, True, id="daily, three days"),
        pytest.param("1111100", 4, False, id="on working days, a long weekend"),
        pytest.param("1111100", 8, True, id="on working days, over a week"),
        pytest.param("1000000", 12, False, id="weekly, a week left out"),
        pytest.param("1000000", 60, True, id="weekly, two months"),
    ],
)
def test_days_without_articles_are_judged_by_the_outlets_own_rhythm(
    rhythm: str, still: int, silent: bool
) -> None:
    today = NOW.date()
    before = [int(rhythm[n % 7]) for n in range(56)]
    while not before[-1]:
        before.pop()
    numbers = [*before, *[0] * still]
    watched = [
        HealthDay(day=today - timedelta(days=len(numbers) - n), runs=24, seen=24, read=read)
        for n, read in enumerate(numbers)
    ]
    found = assess_health([crawl(NOW, QUIET, "quiet")], watched, None, NOW)
    assert found is not None
    assert (found.cause is HealthCause.SILENT) is silent


def test_days_on_which_no_source_answered_are_not_silence() -> None:
    today = NOW.date()
    watched = [HealthDay(day=today - timedelta(days=40 - n), seen=9, read=9) for n in range(30)]
    away = [HealthDay(day=today - timedelta(days=10 - n), runs=24, bad=24) for n in range(10)]
    found = assess_health([crawl(NOW, QUIET, "quiet")], [*watched, *away], None, NOW)
    assert found is not None
    assert found.state is HealthState.QUIET


def simulated(seed: int, hours: int = 60 * 24) -> Iterator[Run]:
    """Sixty ordinary days: quiet nights, weekends, single failures, two short outages."""
    chance = random.Random(seed)
    outages = [chance.randrange(48, hours) for _ in range(2)]
    for hour in range(hours):
        at = NOW + timedelta(hours=hour)
        number = chance.choice((0, 0, 1, 3, 6)) if at.weekday() < 5 and at.hour < 16 else 0
        listed = {"source.ok": 2, "listed": chance.randint(35, 45), "listed.recent": 20}
        had = {name: sum(chance.random() < 0.97 for _ in range(number)) for name in FIELD_COUNTS}
        if chance.random() < 0.02 or any(0 <= hour - out < 2 for out in outages):
            yield crawl(at, {"source.unreachable": 2}, "unreachable")
        elif number == 0:
            yield crawl(at, {**listed, "listed.known": listed["listed"]}, "quiet")
        else:
            fields = {f"field.{name}": count for name, count in had.items()}
            pages = {"page.fetched": number, "page.article": number, "stored.new": number}
            yield crawl(at, {**listed, **pages, **fields})


@pytest.mark.threats("R13")
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_r13_sixty_ordinary_days_raise_at_most_one_alarm(seed: int) -> None:
    runs: list[Run] = []
    whole: dict[date, list[Run]] = {}
    kept: dict[date, HealthDay] = {}
    health, alarms = None, 0
    for run in simulated(seed):
        runs.insert(0, run)
        day = run.started_at.date()
        whole.setdefault(day, []).append(run)
        kept[day] = summarise_day(day, whole[day])
        found = assess_health(runs[:60], list(kept.values()), health, run.started_at)
        assert found is not None
        if health and health.state.is_healthy and not found.state.is_healthy:
            alarms += 1
        health = found
    assert alarms <= 1


OUTCOMES = st.sampled_from(list(RunOutcome))
NAMES = st.sampled_from(
    [*GOOD, *(name for counts, _, _ in FAULTS.values() for name in counts), "stored.edited"]
)


@given(
    st.lists(st.tuples(OUTCOMES, st.dictionaries(NAMES, st.integers(0, 10**6))), max_size=20),
    st.sampled_from(list(HealthState)),
)
def test_no_history_makes_judging_fail(
    runs: Sequence[tuple[str, Counts]], state: HealthState
) -> None:
    history = [
        crawl(NOW - timedelta(hours=n), counts, outcome) for n, (outcome, counts) in enumerate(runs)
    ]
    folded = [summarise_day(NOW.date(), history)]
    found = assess_health(history, folded, Health(state, NOW - timedelta(hours=5)), NOW)
    assert found is None or found.since_at <= NOW
