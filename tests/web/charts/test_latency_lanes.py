import pytest

from web.charts.latency_lanes import WIDTH, Lane, latency_axis, latency_lane, least_of


def _lane(
    low: float | None = None,
    high: float | None = None,
    stated: float | None = None,
    stated_low: float | None = None,
    stated_high: float | None = None,
) -> Lane:
    return Lane(
        manner="edited",
        low=low,
        high=high,
        stated=stated,
        stated_low=stated_low,
        stated_high=stated_high,
    )


def test_a_range_is_a_bar_between_its_ends_and_more_delay_is_further_right() -> None:
    drawn = latency_lane(_lane(10, 60), 0)
    start, end = map(
        float, drawn.split('class="range s-edited" d="M')[1].split('"')[0].split(" 10H")
    )
    later = latency_lane(_lane(60, 360), 0)
    assert 10 < start < end < WIDTH
    assert f'd="M{end:g} 10H' in later


@pytest.mark.parametrize(("low", "high", "towards"), [(None, 60, "10"), (60, None, "450")])
def test_an_end_that_is_not_known_is_dashed_to_the_border(
    low: float | None, high: float | None, towards: str
) -> None:
    drawn = latency_lane(_lane(low, high), 0)
    assert 'class="range open s-edited"' in drawn
    assert f'H{towards}"' in drawn
    assert drawn.count('class="end s-edited"') == 1


def test_stated_times_are_a_dot_or_a_line() -> None:
    assert '<circle class="stated"' in latency_lane(
        _lane(stated=30, stated_low=29, stated_high=31), 0
    )
    dates = latency_lane(_lane(stated_low=0, stated_high=1440), 0)
    assert '<path class="stated"' in dates
    assert "<circle" not in dates
    assert "stated" not in latency_lane(_lane(1, 2), 0)


def test_the_scale_begins_before_zero_where_an_outlet_was_perhaps_earlier() -> None:
    lanes = [_lane(10, 60), _lane(-90, 30)]
    assert least_of(lanes) == -90
    assert least_of(lanes[:1]) == least_of([]) == 0
    assert "−1 h" in latency_axis(-90)
    assert "−" not in latency_axis(0)
