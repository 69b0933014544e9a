from datetime import UTC, datetime, timedelta

import pytest

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
        "0 6 1 * 1",
        "* * * * * *",
        "0 0 * * 6-1",
    ],
)
def test_what_is_no_cron_expression_is_said_in_one_line(text: str) -> None:
    with pytest.raises(InvalidScheduleError) as told:
        parse_cron(text)
    assert "\n" not in str(told.value)
