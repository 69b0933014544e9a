"""The pure parts of what storage knows of changes: ladder, listings, alarms, gaps, addresses, chains."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.changes.article_state import ArticleState, ObservationKind
from storage.changes.gaps import GapReason, find_gaps
from storage.changes.listing_comparison import (
    ListedArticle,
    ListingPeriod,
    find_absent,
    listing_observations,
)
from storage.changes.revisit_intervals import (
    DEFAULT_INTERVALS,
    count_revisits,
    next_interval_end,
    next_revisit_at,
)
from storage.changes.url_shape import url_shape
from storage.changes.version_changes import ImportedVersion, ShownVersion, find_version_changes
from storage.records import Run, RunOutcome

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(days: float) -> datetime:
    return START + days * DAY


def test_checks_climb_the_ladder() -> None:
    looked, climbed = START, []
    for _ in range(8):
        looked = next_interval_end(START, looked, DEFAULT_INTERVALS)
        climbed.append(looked - START)
    assert climbed == [*DEFAULT_INTERVALS, 2 * 365 * DAY]


def test_a_rung_that_was_just_climbed_is_left_out() -> None:
    assert next_interval_end(START, at(2.9), DEFAULT_INTERVALS) == at(30)
    assert next_interval_end(START, at(2.2), DEFAULT_INTERVALS) == at(3)


def test_an_old_article_is_not_looked_at_within_minutes() -> None:
    born, looked = at(-3000), START
    due = next_revisit_at(
        appeared_at=born, checked_at=looked, state=ArticleState.LIVE, suspect_since=None
    )
    assert due == looked + 365 * DAY


def test_what_was_not_found_is_looked_at_soon_and_often_enough_to_be_gone() -> None:
    since = looked = START
    checks = [since]
    while looked < at(16):
        due = next_revisit_at(
            appeared_at=at(-9), checked_at=looked, state=ArticleState.MISSING, suspect_since=since
        )
        assert due is not None
        looked = due
        checks.append(looked)
    assert checks[1] == START + HOUR
    assert sum(each <= at(15) for each in checks) >= 3


def test_an_outlet_may_have_a_ladder_of_its_own() -> None:
    rungs = (2 * HOUR, DAY)
    due = next_revisit_at(
        appeared_at=START,
        checked_at=START,
        state=ArticleState.LIVE,
        suspect_since=None,
        intervals=rungs,
    )
    assert due == START + 2 * HOUR


def test_the_default_ladder_costs_six_visits_in_the_first_month() -> None:
    assert [count_revisits(1), count_revisits(30), count_revisits(365)] == [4, 6, 7]


def listing(*days: float) -> list[ListedArticle]:
    return [ListedArticle(int(day * 10), at(day)) for day in days]


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
    before: list[ListedArticle], now: list[ListedArticle], missed: set[int], rolled: set[int]
) -> None:
    assert find_absent(before, now) == (missed, rolled)


def test_an_article_that_another_listing_holds_was_not_dropped() -> None:
    dropped = ListingPeriod("latest", at(0), at(2), dropped_at=at(3))
    assert [look.kind for look in listing_observations([dropped])] == [ObservationKind.DROPPED]
    assert listing_observations([dropped, ListingPeriod("top", at(1), at(9))]) == []


def test_an_article_that_is_listed_again_is_seen_to_be() -> None:
    spells = [
        ListingPeriod("latest", at(0), at(2), dropped_at=at(3)),
        ListingPeriod("latest", at(5), at(6)),
    ]
    assert [(look.kind, look.at) for look in listing_observations(spells)] == [
        (ObservationKind.DROPPED, at(3)),
        (ObservationKind.LISTED, at(5)),
    ]


def test_addresses_of_one_layout_have_one_shape() -> None:
    one = url_shape("http://www.kcna.test/en/article/detail/0123456789abcdef0123456789abcdef")
    two = url_shape("http://kcna.test/en/article/detail/ffffffffffffffffffffffffffffffff")
    old = url_shape("http://kcna.test/en/article/q/0123456789abcdef0123456789abcdef.kcmsf")
    assert one == two != old


@pytest.mark.parametrize(
    "url", ["http://x.test/2026/01/02/a-slug-of-words", "http://x.test/2025/11/30/another-slug"]
)
def test_slugs_and_dates_have_one_shape(url: str) -> None:
    assert url_shape(url) == "x.test/0/0/0/-"


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
    found = find_gaps(runs, at(6.5), cadence=6 * HOUR)
    assert [(gap.why, (gap.start - START) / DAY, (gap.end - START) / DAY) for gap in found] == [
        (GapReason.UNREACHABLE, 0.5, 1.25),
        (GapReason.NOT_RUNNING, pytest.approx(1.25, abs=0.01), 4),
        (GapReason.QUIET, 4, 6.25),
    ]


def test_a_watch_that_has_ended_is_a_gap() -> None:
    (gap,) = find_gaps([run(0, RunOutcome.OK), run(0.25, RunOutcome.OK)], at(9))
    assert (gap.why, gap.end) == (GapReason.NOT_RUNNING, at(9))


def test_an_outlet_without_runs_has_no_gaps() -> None:
    assert find_gaps([], START) == []


def test_an_edit_lies_between_the_captures_around_it() -> None:
    captures = [
        ShownVersion(at(0), 1),
        ShownVersion(at(1), 1),
        ShownVersion(at(2), None, is_not_modified=True),
        ShownVersion(at(4), 2),
    ]
    (step,) = find_version_changes([], captures)
    assert (step.old_id, step.new_id, step.after, step.before) == (1, 2, at(2), at(4))


def test_a_page_that_was_not_found_does_not_narrow_the_interval() -> None:
    (step,) = find_version_changes(
        [], [ShownVersion(at(0), 1), ShownVersion(at(2), None), ShownVersion(at(4), 2)]
    )
    assert (step.after, step.before) == (at(0), at(4))


def test_imported_versions_come_first_and_have_no_interval() -> None:
    first, second = find_version_changes(
        [ImportedVersion(2, at(9)), ImportedVersion(1, at(9))], [ShownVersion(at(0), 3)]
    )
    assert (first.old_id, first.new_id, first.after, first.before) == (1, 2, None, None)
    assert (second.old_id, second.new_id, second.after, second.before) == (2, 3, None, at(0))


def test_going_back_to_an_earlier_wording_is_a_change_too() -> None:
    found = find_version_changes(
        [],
        [
            ShownVersion(at(0), 1),
            ShownVersion(at(1), 2),
            ShownVersion(at(2), 3),
            ShownVersion(at(3), 3),
        ],
    )
    assert [(step.old_id, step.new_id) for step in found] == [(1, 2), (2, 3)]
