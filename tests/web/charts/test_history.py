from datetime import UTC, datetime, timedelta

from web.charts.history import history

FIRST = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_each_fetch_stands_at_its_time_in_the_shape_of_its_outcome() -> None:
    drawn = history(
        [
            (FIRST, "new"),
            (FIRST + timedelta(hours=5), "not-modified"),
            (FIRST + timedelta(hours=10), "edited"),
            (FIRST + timedelta(hours=20), "gone"),
        ]
    )
    assert 'aria-hidden="true"' in drawn
    assert '<circle class="new" cx="8"' in drawn
    assert '<path class="same" d="M164 ' in drawn
    assert '<path class="edited" d="M320 ' in drawn
    assert '<path class="gone" d="M628 ' in drawn


def test_marks_at_one_place_are_drawn_once_and_rare_ones_on_top() -> None:
    times = [FIRST + timedelta(seconds=number) for number in range(1_000)]
    drawn = history([(at, "same") for at in times] + [(FIRST, "blocked"), (times[-1], "edited")])
    assert drawn.count('class="edited"') == drawn.count('class="unclear"') == 1
    assert drawn.index('class="unclear"') < drawn.index('class="edited"')
    assert len(drawn) < 400_000


def test_one_fetch_is_no_history() -> None:
    assert history([]) == history([(FIRST, "new"), (FIRST, "new")]) == ""
