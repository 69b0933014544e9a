from datetime import date, timedelta

from web.charts.day_bars import DayBar, DayState, day_bars, describe_days


def _day(number: int, state: DayState, new: int = 0, failed: int = 0) -> DayBar:
    day = date(2026, 2, 5) + timedelta(days=number)
    return DayBar(day=day, state=state, runs=4, failed=failed, new=new)


DAYS = (
    _day(0, DayState.READ, 12),
    _day(1, DayState.READ, 6, failed=1),
    _day(2, DayState.READ),
    _day(3, DayState.NOT_READ),
    _day(4, DayState.FAILED, failed=4),
)


def test_all_figures_are_in_the_label() -> None:
    words = "New articles a day from 5 Feb: 12, 6 (1 of 4 runs failed), 0, not read, failed"
    assert describe_days(DAYS) == words
    assert f'aria-label="{words}"' in day_bars(DAYS)
    assert describe_days(()) == "No day was read"


def test_each_kind_of_day_has_a_form_of_its_own() -> None:
    drawn = day_bars(DAYS)
    assert 'class="new" d="M0 21v-20h4v20zM6 21v-10h4v10z"' in drawn
    assert 'class="notch" d="M6 22v1h4v-1z"' in drawn
    assert 'class="none" d="M12 21v-1h4v1z"' in drawn
    assert 'class="unread" d="M19 19h2v2h-2z"' in drawn
    assert 'class="failed" d="M24 17l4 4m0-4l-4 4"' in drawn


def test_a_few_articles_beside_many_are_still_seen() -> None:
    drawn = day_bars((_day(0, DayState.READ, 1), _day(1, DayState.READ, 5_000)))
    assert 'd="M0 21v-2h4v2z' in drawn
