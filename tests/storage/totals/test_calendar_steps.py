import itertools
from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.totals.calendar_steps import Step, fitting_step, iter_periods, sum_by_step

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2040, 1, 1))


@given(DAYS, st.sampled_from(Step))
def test_a_day_lies_between_the_start_of_its_period_and_the_next(day: date, step: Step) -> None:
    start = step.start_of(day)
    end = step.next_start(start)
    assert end is not None
    assert start <= day < end
    assert step.start_of(end) == end
    assert step.start_of(end - timedelta(days=1)) == start


@given(st.lists(st.tuples(DAYS, st.integers(1, 9)), max_size=30), st.sampled_from(Step))
def test_no_article_is_lost_and_all_periods_are_accounted_for(
    counts: list[tuple[date, int]], step: Step
) -> None:
    sums = sum_by_step(counts, step)
    periods = list(iter_periods(sums, step))
    assert Counter({start: number for start, number, _ in periods if number}) == Counter(sums)
    assert [start for start, _, _ in periods] == sorted({start for start, _, _ in periods})
    for (before, *_), (start, _, left_out) in itertools.pairwise(periods):
        following: date | None = before
        for _ in range(min(left_out, 20) + 1):
            following = following and step.next_start(following)
        assert following == start or left_out > 20


def test_a_few_empty_periods_are_shown_and_many_are_counted() -> None:
    sums = {date(2026, 1, 1): 2, date(2026, 4, 1): 1, date(2027, 4, 1): 5}
    assert list(iter_periods(sums, Step.MONTH)) == [
        (date(2026, 1, 1), 2, 0),
        (date(2026, 2, 1), 0, 0),
        (date(2026, 3, 1), 0, 0),
        (date(2026, 4, 1), 1, 0),
        (date(2027, 4, 1), 5, 11),
    ]


def test_the_calendar_has_an_end() -> None:
    for step in Step:
        assert step.next_start(step.start_of(date.max)) is None
    assert list(iter_periods({date.max: 1}, Step.DAY)) == [(date.max, 1, 0)]


def test_the_step_fits_the_time() -> None:
    first = date(2026, 1, 1)
    for days, step in ((30, Step.DAY), (100, Step.WEEK), (700, Step.MONTH), (4000, Step.YEAR)):
        assert fitting_step(first, first + timedelta(days=days)) is step
    assert fitting_step(None, None) is Step.DAY
    assert (Step.YEAR.label(first), Step.MONTH.label(first)) == ("2026", "2026-01")
