from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.charts.stacked_days import HEIGHT, Series, nice_top, stacked_days, tick_numbers

DAYS = tuple(date(2026, 2, 27) + timedelta(days=number) for number in range(4))


@given(st.integers(min_value=0, max_value=10**12))
def test_the_scale_ends_at_a_round_number_and_has_few_even_steps(highest: int) -> None:
    top = nice_top(highest)
    ticks = tick_numbers(top)
    assert highest <= top <= max(1, 2 * highest)
    assert (ticks[0], ticks[-1]) == (top, 0)
    assert len({a - b for a, b in pairwise(ticks)}) == 1
    assert len(ticks) <= 5


def test_layers_stand_on_each_other() -> None:
    layers = (Series(name="a", numbers=(1, 0, 2, 0)), Series(name="b", numbers=(3, 4, 0, 0)))
    drawn = stacked_days(DAYS, layers, [False] * 4)
    quarter = HEIGHT // 4
    first = f'class="s1" d="M0 {HEIGHT}V{3 * quarter}h9V{HEIGHT}zM20 {HEIGHT}V{2 * quarter}h9V{HEIGHT}z"'
    assert first in drawn
    assert f'class="s2" d="M0 {3 * quarter}V0h9V{3 * quarter}zM10 {HEIGHT}V0h9V{HEIGHT}z"' in drawn


def test_days_on_which_nobody_looked_are_hatched_and_others_are_not() -> None:
    layers = (Series(name="a", numbers=(1, 0, 0, 0)),)
    drawn = stacked_days(DAYS, layers, [True, True, False, True])
    area = f'fill="url(#nobody)" d="M0 0v{HEIGHT}h20v-{HEIGHT}zM30 0v{HEIGHT}h10v-{HEIGHT}z"'
    assert area in drawn
    assert 'class="unread"' not in stacked_days(DAYS, layers, [False] * 4)


@pytest.mark.parametrize(("count", "links"), [(4, 4), (400, 0)])
def test_days_are_links_while_they_are_wide_enough(count: int, links: int) -> None:
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(count)]
    drawn = stacked_days(days, (Series(name="a", numbers=(2,) * count),), [False] * count)
    assert drawn.count('<a href="/days/2025-') == links
    assert drawn.count('tabindex="-1" aria-hidden="true"') == links
