"""The pure parts of what storage knows of changes: ladder, listings, alarms, gaps, addresses, chains."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.changes.chain import Imported, Shown, steps
from storage.changes.gaps import Why, gaps
from storage.changes.ladder import LADDER, due_at, next_check, visits
from storage.changes.listing import Listed, Spell, absent, listing_looks
from storage.changes.shape import shape
from storage.changes.states import Sight, State
from storage.records import Run, RunOutcome

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(days: float) -> datetime:
    return START + days * DAY


def test_checks_climb_the_ladder() -> None:
    looked, climbed = START, []
    for _ in range(8):
        looked = next_check(START, looked, LADDER)
        climbed.append(looked - START)
    assert climbed == [*LADDER, 2 * 365 * DAY]


def test_a_rung_that_was_just_climbed_is_left_out() -> None:
    assert next_check(START, at(2.9), LADDER) == at(30)
    assert next_check(START, at(2.2), LADDER) == at(3)


def test_an_old_article_is_not_looked_at_within_minutes() -> None:
    born, looked = at(-3000), START
    due = due_at(born=born, looked=looked, state=State.LIVE, suspect_since=None)
    assert due == looked + 365 * DAY


def test_what_was_not_found_is_looked_at_soon_and_often_enough_to_be_gone() -> None:
    since = looked = START
    checks = [since]
    while looked < at(16):
        due = due_at(born=at(-9), looked=looked, state=State.MISSING, suspect_since=since)
        assert due is not None
        looked = due
        checks.append(looked)
    assert checks[1] == START + HOUR
    assert sum(each <= at(15) for each in checks) >= 3


def test_an_outlet_may_have_a_ladder_of_its_own() -> None:
    rungs = (2 * HOUR, DAY)
    due = due_at(born=START, looked=START, state=State.LIVE, suspect_since=None, rungs=rungs)
    assert due == START + 2 * HOUR


def test_the_default_ladder_costs_six_visits_in_the_first_month() -> None:
    assert [visits(1), visits(30), visits(365)] == [4, 6, 7]


def listing(*days: float) -> list[Listed]:
    return [Listed(int(day * 10), at(day)) for day in days]


@pytest.mark.parametrize(
    ("before", "now", "missed", "rolled"),
    [
        (listing(5, 4, 3, 2), listing(6, 5, 3, 2), {40}, set()),
        (listing(5, 4, 3, 2), listing(7, 6, 5, 4), set(), {30, 20}),
        (listing(5, 4, 3, 2), listing(2, 5, 3, 6), set(), set()),
        (listing(5, 4), [], set(), set()),
    ],
    ids=["taken-out", "rolled-out", "a-hand-made-list", "an-empty-list"],
)
def test_what_a_listing_dropped_is_told_from_what_rolled_out(
    before: list[Listed], now: list[Listed], missed: set[int], rolled: set[int]
) -> None:
    assert absent(before, now) == (missed, rolled)


def test_an_article_that_another_listing_holds_was_not_dropped() -> None:
    dropped = Spell("latest", at(0), at(2), dropped_at=at(3))
    assert [look.sight for look in listing_looks([dropped])] == [Sight.DROPPED]
    assert listing_looks([dropped, Spell("top", at(1), at(9))]) == []


def test_an_article_that_is_listed_again_is_seen_to_be() -> None:
    spells = [Spell("latest", at(0), at(2), dropped_at=at(3)), Spell("latest", at(5), at(6))]
    assert [(look.sight, look.at) for look in listing_looks(spells)] == [
        (Sight.DROPPED, at(3)),
        (Sight.LISTED, at(5)),
    ]


def test_addresses_of_one_layout_have_one_shape() -> None:
    one = shape("http://www.kcna.test/en/article/detail/0123456789abcdef0123456789abcdef")
    two = shape("http://kcna.test/en/article/detail/ffffffffffffffffffffffffffffffff")
    old = shape("http://kcna.test/en/article/q/0123456789abcdef0123456789abcdef.kcmsf")
    assert one == two != old


@pytest.mark.parametrize(
    "url", ["http://x.test/2026/01/02/a-slug-of-words", "http://x.test/2025/11/30/another-slug"]
)
def test_slugs_and_dates_have_one_shape(url: str) -> None:
    assert shape(url) == "x.test/0/0/0/-"


def run(days: float, outcome: RunOutcome, hours: float = 0.1) -> Run:
    begun = at(days)
    return Run(outlet="kcna", started_at=begun, ended_at=begun + hours * HOUR, outcome=outcome)


def test_gaps_say_why_there_are_no_articles() -> None:
    ok, quiet, down = RunOutcome.OK, RunOutcome.QUIET, RunOutcome.UNREACHABLE
    runs = [
        run(0, ok),
        run(0.25, quiet),
        run(0.5, ok),
        run(0.75, down),
        run(1, down),
        run(1.25, ok),
    ]
    runs += [run(4, ok)]
    runs += [run(4.25 + i / 4, quiet) for i in range(8)] + [run(6.25, ok)]
    found = gaps(runs, at(6.5), every=6 * HOUR)
    assert [(gap.why, (gap.start - START) / DAY, (gap.end - START) / DAY) for gap in found] == [
        (Why.UNREACHABLE, 0.5, 1.25),
        (Why.NOT_RUNNING, pytest.approx(1.25, abs=0.01), 4),
        (Why.QUIET, 4, 6.25),
    ]


def test_a_watch_that_has_ended_is_a_gap() -> None:
    (gap,) = gaps([run(0, RunOutcome.OK), run(0.25, RunOutcome.OK)], at(9))
    assert (gap.why, gap.end) == (Why.NOT_RUNNING, at(9))


def test_an_outlet_without_runs_has_no_gaps() -> None:
    assert gaps([], START) == []


def test_an_edit_lies_between_the_captures_around_it() -> None:
    captures = [
        Shown(at(0), 1),
        Shown(at(1), 1),
        Shown(at(2), None, confirms=True),
        Shown(at(4), 2),
    ]
    (step,) = steps([], captures)
    assert (step.old_id, step.new_id, step.after, step.before) == (1, 2, at(2), at(4))


def test_a_page_that_was_not_found_does_not_narrow_the_interval() -> None:
    (step,) = steps([], [Shown(at(0), 1), Shown(at(2), None), Shown(at(4), 2)])
    assert (step.after, step.before) == (at(0), at(4))


def test_imported_versions_come_first_and_have_no_interval() -> None:
    first, second = steps([Imported(2, at(9)), Imported(1, at(9))], [Shown(at(0), 3)])
    assert (first.old_id, first.new_id, first.after, first.before) == (1, 2, None, None)
    assert (second.old_id, second.new_id, second.after, second.before) == (2, 3, None, at(0))


def test_going_back_to_an_earlier_wording_is_a_change_too() -> None:
    found = steps([], [Shown(at(0), 1), Shown(at(1), 2), Shown(at(2), 3), Shown(at(3), 3)])
    assert [(step.old_id, step.new_id) for step in found] == [(1, 2), (2, 3)]
