"""Delays are drawn on one scale, and none is moved to where it is not known to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.reports.manners import CarriageManner
from web.charts.delay_bar import delay_bar
from web.charts.scale import MAX_MINUTES, Scale, round_down
from web.charts.spread import Delay, spread

LEAD = Delay(CarriageManner.UNKNOWN, None, None, 0, True)
FINITE = st.floats(-1_440, MAX_MINUTES)


@given(FINITE, FINITE)
def test_a_later_article_never_stands_left_of_an_earlier_one(one: float, other: float) -> None:
    scale = Scale(0, 1000, -1_440)
    low, high = sorted((one, other))
    assert scale.place(low) <= scale.place(high)
    assert not scale.is_beyond(low)


@pytest.mark.parametrize(("minutes", "start"), [(3, 0), (-4, -10), (-61, -360), (-9_999, -1_440)])
def test_the_scale_begins_at_the_tick_before_the_earliest(minutes: float, start: float) -> None:
    assert round_down(minutes) == start


def test_what_may_be_earlier_is_drawn_left_of_the_lead_document() -> None:
    later = Delay(CarriageManner.EDITED, -40, 64, 12, True)
    drawn = spread([LEAD, later], "lead document")
    scale = Scale(148, 984, -60)
    assert f'd="M{scale.place(-40):g} 63H{scale.place(64):g}"' in drawn
    assert scale.place(-40) < scale.zero
    assert "lead document" in drawn
    assert "Original" not in drawn


def test_what_lies_beyond_three_days_gets_an_arrow_and_an_unknown_end_is_open() -> None:
    late = Delay(CarriageManner.EXCERPT, 9_000, 9_100, 9_050, True)
    assert "l6 5l-6 5" in spread([LEAD, late], "first seen")
    unknown = Delay(CarriageManner.EXCERPT, None, 100, 100, False)
    drawn = spread([LEAD, unknown], "first seen")
    assert 'class="range open s-excerpt"' in drawn
    assert 'class="hollow"' in drawn
    assert 'class="range open s-excerpt"' in delay_bar(unknown, 0)


def test_two_thousand_articles_make_a_small_drawing() -> None:
    many = [Delay(CarriageManner.EDITED, n / 3, n / 2 + 9, n / 2, True) for n in range(2_000)]
    assert len(spread([LEAD, *many], "original")) < 12_000
