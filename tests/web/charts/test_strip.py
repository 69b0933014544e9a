import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.browsing.report_lines import ReportLine, ReportMark
from storage.records import TimePrecision
from storage.reports.manners import CarriageManner
from storage.stated_time import StatedTime
from web.charts import CHARTS
from web.charts.strip import SCALE, TICKS, WIDTH, strip, tick
from web.labels import MANNERS

START = datetime(2026, 3, 2, 6, tzinfo=UTC)


def report(*marks: ReportMark) -> ReportLine:
    return ReportLine(
        id=1,
        lead_id=1,
        lead_outlet="kcna",
        language="en",
        title="A title",
        agency="kcna",
        day=date(2026, 3, 2),
        outlets=2,
        articles=len(marks),
        first_at=START,
        last_at=START,
        time=StatedTime(START, TimePrecision.MINUTE),
        manners={},
        origin="original",
        spread=marks,
    )


def mark(manner: str, least: float | None, most: float | None, minutes: float = 0) -> ReportMark:
    at = START + timedelta(minutes=minutes)
    return ReportMark(manner=manner, delay_least=least, delay_most=most, at=at)


def test_every_manner_has_a_tick_and_a_word_and_closer_ones_are_higher() -> None:
    manners = {each.value for each in CarriageManner}
    assert set(TICKS) == set(map(str, MANNERS)) == manners
    heights = [TICKS[each] for each in ("original", "verbatim", "edited", "excerpt", "derived")]
    assert all(higher > lower for higher, lower in pairwise(heights))


def test_ticks_stand_at_the_middle_of_the_delay_or_else_at_the_stated_time() -> None:
    drawn = str(
        strip(
            report(
                mark("original", None, None),
                mark("verbatim", 1800, 5400),
                mark("derived", None, None, minutes=60),
            )
        )
    )
    ticks = dict(re.findall(r'class="t t-(\w+)" d="M([\d.]+) ', drawn))
    assert ticks["original"] == "2.0"
    assert ticks["verbatim"] == ticks["derived"] == "63.9"
    assert 'aria-hidden="true"' in drawn


def test_the_lead_document_is_at_the_beginning_also_if_another_article_is_dated_earlier() -> None:
    line = report(mark("derived", None, None, minutes=-300), mark("first-seen", None, None))
    drawn = str(strip(replace(line, first_at=START - timedelta(minutes=300))))
    assert re.findall(r'class="t t-.*?" d="M([\d.]+) ', drawn) == ["2.0", "2.0"]


def test_only_an_original_has_the_tick_of_an_original() -> None:
    assert len({str(tick(each)) for each in ("original", "first-seen", "unknown")}) == 3


@pytest.mark.parametrize(("minutes", "share"), [(0, 0), (-60, 0), (4320, 1), (9999, 1)])
def test_the_scale_ends_at_three_days(minutes: float, share: float) -> None:
    length = SCALE.right - SCALE.left
    assert SCALE.place(minutes) == pytest.approx(SCALE.left + length * share)


@given(st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=20), st.text(max_size=8))
def test_a_strip_stays_within_its_frame_and_escapes(delays: list[float], manner: str) -> None:
    drawn = str(strip(report(*(mark(manner, each, each) for each in delays))))
    places = [float(each) for each in re.findall(r'class="t t-derived" d="M([\d.]+) ', drawn)] or [
        float(each) for each in re.findall(r'class="t t-\w+" d="M([\d.]+) ', drawn)
    ]
    assert len(places) == len(delays)
    assert all(0 <= each <= WIDTH for each in places)


def test_hours_are_drawn_to_the_height_of_the_busiest() -> None:
    drawn = str(CHARTS["hours"]([0, 4, 2] + [0] * 21))
    assert re.findall(
        r'<rect class="bar" x="([\d.]+)" y="(\d+)" width="24" height="(\d+)"', drawn
    ) == [
        ("33", "0", "64"),
        ("63", "32", "32"),
    ]
    assert "<rect" not in str(CHARTS["hours"]([0] * 24))
