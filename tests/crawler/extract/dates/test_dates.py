"""Times as the press prints them, and those that must be refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates.dates import EARLIEST, parse_date
from storage.records import TimePrecision

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEOUL, MOSCOW = "Asia/Seoul", "Europe/Moscow"

READ = [
    # what is printed, the outlet's zone, what it means
    ("2023-04-19T13:45:22+09:00", SEOUL, "2023-04-19T13:45:22+09:00"),
    ("2023-04-07T10:11:02.613Z", SEOUL, "2023-04-07T10:11:02+00:00"),
    ("2025-06-12T07:12+0000", SEOUL, "2025-06-12T07:12:00+00:00"),
    ("2026-05-31T00:44:00+03:00 ", "", "2026-05-31T00:44:00+03:00"),
    ("20260531T0044", MOSCOW, "2026-05-31T00:44:00+03:00"),
    ("20180619T055000+0900", "", "2018-06-19T05:50:00+09:00"),
    ("2020-07-07 10:42", SEOUL, "2020-07-07T10:42:00+09:00"),
    ("20230410095942", SEOUL, "2023-04-10T09:59:42+09:00"),
    ("1688888888", SEOUL, "2023-07-09T07:48:08+00:00"),
    ("1688888888123", SEOUL, "2023-07-09T07:48:08+00:00"),
    ("2023년 4월 7일 오후 3:04", SEOUL, "2023-04-07T15:04:00+09:00"),
    ("2023년 4월 7일 (금) 오전 12시 5분", SEOUL, "2023-04-07T00:05:00+09:00"),
    ("2023. 4. 7. 오전 11:05", SEOUL, "2023-04-07T11:05:00+09:00"),
    ("입력 2023.04.07 (19:13)", SEOUL, "2023-04-07T19:13:00+09:00"),
    ("입력 2023.04.07 (19:13) 수정 2023.04.07 (19:43)", SEOUL, "2023-04-07T19:13:00+09:00"),
    ("수정 2023.04.08 (09:00) 입력 2023.04.07 (19:13)", SEOUL, "2023-04-07T19:13:00+09:00"),
    ("기사입력 2023-04-07 19:13:05", SEOUL, "2023-04-07T19:13:05+09:00"),
    ("Written: 2023-11-07 15:03:30 / Updated: 2023-11-07 16:00:00", SEOUL, "2023-11-07T15:03:30+09:00"),
    ("주체109 (2020)년 12월 8일 09:42", SEOUL, "2020-12-08T09:42:00+09:00"),
    ("2025年9月5日 10時36分", "Asia/Tokyo", "2025-09-05T10:36:00+09:00"),
    ("2012年06月04日 09:20:26", "Asia/Shanghai", "2012-06-04T09:20:26+08:00"),
    ("2025年9月5日下午3点20分", "Asia/Shanghai", "2025-09-05T15:20:00+08:00"),
    ("Thu,28 Jul 2022 4:35:5 GMT+9", "", "2022-07-28T04:35:05+09:00"),
    ("Fri, 05 Sep 2025 13:45:00 +0900", "", "2025-09-05T13:45:00+09:00"),
    ("Tue Dec 30 23:44:40 UTC 2014", "", "2014-12-30T23:44:40+00:00"),
    ("December 22, 2023 3:44PM EST", "", "2023-12-22T15:44:00-05:00"),
    ("12/22/2023 05:00 AM EST", "", "2023-12-22T05:00:00-05:00"),
    ("Apr 20, 2023, 2:05 p.m. ET", "", "2023-04-20T14:05:00-04:00"),
    ("Sept. 5, 2025 at 3 p.m. KST", "", "2025-09-05T15:00:00+09:00"),
    ("Published: 10:00am, 20 Jan, 2020", "Asia/Hong_Kong", "2020-01-20T10:00:00+08:00"),
    ("17:41 JST, October 13, 2024", "", "2024-10-13T17:41:00+09:00"),
    ("22:57  GMT 28.04.2020", "", "2020-04-28T22:57:00+00:00"),
    ("10:36 20.06.2019 (updated 12:07 20.06.2019)", MOSCOW, "2019-06-20T10:36:00+03:00"),
    ("2023-04-19 HKT 12:34", "", "2023-04-19T12:34:00+08:00"),
    ("5 сентября 2025, 13:45", MOSCOW, "2025-09-05T13:45:00+03:00"),
    ("05.09.2025 13:45 (МСК)", "", "2025-09-05T13:45:00+03:00"),
    ("5 de septiembre de 2025 13h45", "Europe/Madrid", "2025-09-05T13:45:00+02:00"),
    ("le 5 septembre 2025 à 13:45", "Europe/Paris", "2025-09-05T13:45:00+02:00"),
    ("5. September 2025, 13:45 Uhr", "Europe/Berlin", "2025-09-05T13:45:00+02:00"),
    ("2023/3/31 10:31", "Asia/Tokyo", "2023-03-31T10:31:00+09:00"),
]  # fmt: skip

DAYS = [
    ("주체113.3.9.", "2024-03-09"),
    ("주체113(2024)년 3월 9일", "2024-03-09"),
    ("[Juche113.3.9.]", "2024-03-09"),
    ("チュチェ102.9.27", "2013-09-27"),
    ("チュチェ102(2013)年9月27日", "2013-09-27"),
    ("Feb. 11, Juche 111 (2022) Friday", "2022-02-11"),
    ("Juche 115.5.1", "2026-05-01"),
    ("www.kcna.kp (2025.12.14.)", "2025-12-14"),
    ("[2026.7.19.]", "2026-07-19"),
    ("2022.03.11", "2022-03-11"),
    ("Feb. 19, 2026 Thursday [Photo]", "2026-02-19"),
    ("19 июля 2026 г.", "2026-07-19"),
    ("19 de julio de 2026", "2026-07-19"),
    ("31.12.2025", "2025-12-31"),
    ("20 April 2023", "2023-04-20"),
    ("الخميس، 12 يونيو 2025", "2025-06-12"),
    ("۱۲ ژوئن ۲۰۲۵", "2025-06-12"),
    ("12 มิถุนายน 2568", "2025-06-12"),
    ("12 जून 2025", "2025-06-12"),
    ("၁၂ ဇွန် ၂၀၂၅", "2025-06-12"),
]

REFUSED = [
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "1900-01-01",
    "2026-11-30T00:00:00Z",
    "2026-13-01",
    "2026-02-30",
    "31/02/2023",
    "0",
    "-1",
    "1",
    "99999999999999",
    "tomorrow",
    "2 hours ago",
    "어제",
    "주체999.1.1",
    "25:61",
    "",
    "   ",
    "\x00",
]


@pytest.mark.parametrize(("text", "zone", "meant"), READ, ids=[text for text, _, _ in READ])
def test_a_printed_time_is_read_as_the_instant_it_means(text: str, zone: str, meant: str) -> None:
    found = parse_date(text, timezone=zone, languages=("en",), now=NOW)
    assert found is not None
    assert found.at.isoformat() == meant
    assert found.has_zone


@pytest.mark.parametrize(("text", "day"), DAYS, ids=[text for text, _ in DAYS])
def test_a_printed_day_has_no_time_of_day(text: str, day: str) -> None:
    found = parse_date(text, timezone="Asia/Pyongyang", languages=("ko",), now=NOW)
    assert found is not None
    assert (found.at.date().isoformat(), found.precision) == (day, TimePrecision.DAY)


@pytest.mark.threats("R8")
@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_an_impossible_time_is_no_time(text: str) -> None:
    assert parse_date(text, timezone=SEOUL, now=NOW) is None


def test_without_any_zone_the_time_says_so() -> None:
    found = parse_date("2023-04-07 19:13", timezone="", now=NOW)
    assert found is not None
    assert not found.has_zone
    assert found.at.tzinfo is UTC


def test_the_day_after_tomorrow_is_still_read_and_the_one_behind_it_is_not() -> None:
    def read(days: int) -> bool:
        text = (NOW + timedelta(days=days, hours=-1)).isoformat()
        return parse_date(text, timezone="", now=NOW) is not None

    assert read(2)
    assert not read(3)


def test_the_order_of_day_and_month_follows_the_language() -> None:
    def day(languages: tuple[str, ...]) -> str:
        found = parse_date("03/04/2023", timezone="", languages=languages, now=NOW)
        return found.at.date().isoformat() if found else ""

    assert day(("en",)) == "2023-03-04"
    assert day(("en-gb", "en")) == "2023-04-03"
    assert day(("fr",)) == "2023-04-03"


def test_a_declared_format_reads_what_no_pattern_knows() -> None:
    found = parse_date("07x04x2023 19-13", timezone=SEOUL, now=NOW, date_format="%dx%mx%Y %H-%M")
    assert found is not None
    assert found.at.isoformat() == "2023-04-07T19:13:00+09:00"


def test_the_raw_text_is_kept() -> None:
    found = parse_date("입력 2023.04.07 (19:13)", timezone=SEOUL, now=NOW)
    assert found is not None
    assert found.raw == "입력 2023.04.07 (19:13)"


@pytest.mark.threats("R8")
@given(st.text(max_size=600))
def test_any_text_gives_a_time_in_the_window_or_none(text: str) -> None:
    found = parse_date(text, timezone=SEOUL, languages=("en",), now=NOW)
    assert found is None or EARLIEST <= found.at <= NOW + timedelta(days=2)


@given(st.datetimes(datetime(1946, 1, 1), datetime(2026, 11, 20)), st.integers(-14 * 4, 14 * 4))
def test_every_iso_time_is_read_back(at: datetime, quarters: int) -> None:
    from datetime import timezone

    instant = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    found = parse_date(instant.isoformat(), timezone=SEOUL, now=NOW)
    assert found is not None
    assert found.at == instant
