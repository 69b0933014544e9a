from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from storage.runs.slots import Cadence, InvalidScheduleError, parse_cron

NOW = datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0 6 * * 0", "Sun 08 Mar 2026, Sun 15 Mar 2026"),
        ("0 6 * * 7", "Sun 08 Mar 2026, Sun 15 Mar 2026"),
        ("0 6 * * 1", "Mon 09 Mar 2026, Mon 16 Mar 2026"),
        ("0 6 * * SAT", "Sat 07 Mar 2026, Sat 14 Mar 2026"),
        ("0 6 * * 0-7", "Tue 03 Mar 2026, Wed 04 Mar 2026"),
        ("0 6 * * */2", "Tue 03 Mar 2026, Thu 05 Mar 2026"),
        ("0 6 * * 1-5/2", "Wed 04 Mar 2026, Fri 06 Mar 2026"),
        ("0 6 * * Fri-Sun", "Fri 06 Mar 2026, Sat 07 Mar 2026"),
        ("0 6 * * */3", "Wed 04 Mar 2026, Sat 07 Mar 2026"),
        ("0 6 * * SUN-THU", "Tue 03 Mar 2026, Wed 04 Mar 2026"),
        ("0 6 * * 0-4", "Tue 03 Mar 2026, Wed 04 Mar 2026"),
        ("0 6 * * 0-6/2", "Tue 03 Mar 2026, Thu 05 Mar 2026"),
        ("0 6 * * 1/2", "Wed 04 Mar 2026, Fri 06 Mar 2026"),
        ("0 6 * * sun-sun", "Sun 08 Mar 2026, Sun 15 Mar 2026"),
        ("0 6 * * 7-sun,sat", "Sat 07 Mar 2026, Sun 08 Mar 2026"),
        ("0 6 4 * 1", "Wed 04 Mar 2026, Mon 09 Mar 2026"),
        ("0 6 */2 * 1", "Mon 09 Mar 2026, Mon 23 Mar 2026"),
        ("0 6 1-9 * */6", "Sat 07 Mar 2026, Sun 08 Mar 2026"),
        ("0 6 1 jan,JUL *", "Wed 01 Jul 2026, Fri 01 Jan 2027"),
        ("0 6 last * *", "Tue 31 Mar 2026, Thu 30 Apr 2026"),
        ("0 6 29 2 *", "Tue 29 Feb 2028, Sun 29 Feb 2032"),
    ],
)
def test_a_cron_expression_means_what_cron_means_by_it(text: str, times: str) -> None:
    outlet = Cadence(outlet="kcna", every=MINUTE, cron=parse_cron(text))
    first = outlet.next_slot(NOW)
    assert first is not None
    second = outlet.next_slot(first)
    assert second is not None
    assert outlet.latest_slot(second - MINUTE) == first
    assert f"{first:%a %d %b %Y}, {second:%a %d %b %Y}" == times
    assert (first.hour, first.minute, first.tzinfo) == (6, 0, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "61 * * * *",
        "0 0 30 2 *",
        "x * * * *",
        "* * * * * *",
        "0 0 * * 6-1",
        "0 0 * * 1-8",
        "0 0 30 2 */2",
    ],
)
def test_what_is_no_cron_expression_is_said_in_one_line(text: str) -> None:
    with pytest.raises(InvalidScheduleError) as told:
        parse_cron(text)
    assert "\n" not in str(told.value)


def test_a_range_of_weekdays_that_runs_backwards_is_refused_with_the_list_to_write() -> None:
    for text, listed in (("6-1", "6,0,1"), ("1,sat-mon/2", "6,1"), ("5-0", "5,6,0")):
        with pytest.raises(InvalidScheduleError, match=f"runs backwards, write {listed}$"):
            parse_cron(f"0 6 * * {text}")


def _ranges(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Ranges with and without a step. To croniter a range of one day is all days: none of these."""
    ends = st.tuples(st.integers(low, high), st.integers(low, high)).map(sorted)
    step = st.sampled_from(["", "", "/1", "/2", "/3", "/5"])

    def name(number: int) -> str:
        return names[number] if names else str(number)

    return st.tuples(ends.filter(lambda each: each[0] < each[1]), step).map(
        lambda drawn: f"{name(drawn[0][0])}-{name(drawn[0][1])}{drawn[1]}"
    )


def _field(low: int, high: int, *terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    star = st.sampled_from(["*", "*", "*/2", "*/3", "*/5"])
    each = st.one_of(st.integers(low, high).map(str), _ranges(low, high), *terms)
    return star | st.lists(each, min_size=1, max_size=3).map(",".join)


NAMES = ("sun", "MON", "Tue", "wed", "THU", "fri", "Sat", "sun")
WEEKDAYS = _field(0, 7, st.sampled_from(NAMES), _ranges(1, 7, NAMES), _ranges(0, 6, NAMES))
EXPRESSIONS = st.tuples(
    st.sampled_from(["0", "*/20", "5,50"]),
    _field(0, 23),
    st.just("*") | _field(1, 28),
    st.just("*") | _field(1, 12),
    WEEKDAYS,
).map(" ".join)
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


@given(EXPRESSIONS, STARTS.map(lambda at: at.replace(microsecond=0)))
def test_the_times_are_those_of_another_implementation_of_cron(text: str, start: datetime) -> None:
    outlet = Cadence(outlet="kcna", every=MINUTE, cron=parse_cron(text))
    # Named after the reading of Debian's cron: a field of days that begins with a star is a star.
    others = croniter(text, start, ret_type=datetime, implement_cron_bug=True)
    at = start
    for expected in islice(others.all_next(), 4):
        after = outlet.next_slot(at)
        assert after == expected
        at = expected
    assert outlet.latest_slot(at - timedelta(seconds=1)) == others.get_prev(start_time=at)
