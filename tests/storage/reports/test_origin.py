from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storage.records import TimePrecision
from storage.reports.origin import (
    Appearance,
    AppearanceRange,
    Origin,
    decide_origin,
)
from storage.stated_time import StatedTime

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SEEN_LATER = NOON + timedelta(days=90)
SEOUL = timezone(timedelta(hours=9))


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def polled(after: float | None, by: float, *, is_agency: bool = False) -> Appearance:
    return Appearance(None if after is None else at(after), at(by), is_agency=is_agency)


def dated(day: int, zone: timezone = SEOUL, by: datetime = SEEN_LATER) -> Appearance:
    """An article with a date only; `by`: when it was first seen, by default months later."""
    return Appearance(None, by, StatedTime(datetime(2026, 3, day, tzinfo=zone), TimePrecision.DAY))


def timed(minutes: float, precision: TimePrecision = TimePrecision.MINUTE) -> Appearance:
    return Appearance(None, SEEN_LATER, StatedTime(at(minutes), precision))


AGENCY_LATE = polled(600, 610, is_agency=True)


@pytest.mark.parametrize(
    ("lead", "others", "expected"),
    [
        pytest.param(AGENCY_LATE, [polled(0, 5)], Origin.ORIGINAL, id="the agency, seen last"),
        pytest.param(AGENCY_LATE, [], Origin.ORIGINAL, id="the agency alone"),
        pytest.param(polled(0, 5), [AGENCY_LATE], Origin.UNKNOWN, id="not the agency's text"),
        pytest.param(polled(0, 5), [polled(6, 9)], Origin.ORIGINAL, id="polls part them"),
        pytest.param(polled(None, 5), [polled(6, 9)], Origin.ORIGINAL, id="its own start is open"),
        pytest.param(polled(0, 5), [polled(3, 9)], Origin.FIRST_SEEN, id="polls overlap"),
        pytest.param(polled(0, 5), [polled(5, 9)], Origin.ORIGINAL, id="polls touch"),
        pytest.param(polled(0, 5), [polled(None, 9)], Origin.FIRST_SEEN, id="another is open"),
        pytest.param(
            polled(0, 5), [polled(6, 9), polled(3, 9)], Origin.FIRST_SEEN, id="one of two overlaps"
        ),
        pytest.param(polled(0, 5), [polled(None, 5)], Origin.UNKNOWN, id="seen at one time"),
        pytest.param(polled(0, 9), [polled(0, 5)], Origin.UNKNOWN, id="another was seen before"),
        pytest.param(polled(0, 5), [], Origin.FIRST_SEEN, id="the only one that was seen"),
        pytest.param(dated(3), [dated(3)], Origin.UNKNOWN, id="one date"),
        pytest.param(dated(3), [dated(4), dated(5)], Origin.ORIGINAL, id="dates of one zone"),
        pytest.param(dated(4), [dated(3)], Origin.UNKNOWN, id="a later date"),
        pytest.param(
            dated(3, by=NOON), [dated(3)], Origin.FIRST_SEEN, id="one date, seen within the day"
        ),
        pytest.param(dated(3, UTC), [dated(4, UTC)], Origin.UNKNOWN, id="next date, no zone"),
        pytest.param(dated(3, UTC), [dated(6, UTC)], Origin.ORIGINAL, id="dates apart, no zone"),
        pytest.param(dated(3), [timed(0)], Origin.UNKNOWN, id="a date, and a time in its day"),
        pytest.param(timed(0), [dated(3)], Origin.FIRST_SEEN, id="a time in the day of a date"),
        pytest.param(timed(0), [dated(5)], Origin.ORIGINAL, id="a time before the day of a date"),
        pytest.param(timed(0), [timed(1)], Origin.ORIGINAL, id="minutes apart"),
        pytest.param(timed(0), [timed(0)], Origin.UNKNOWN, id="one minute"),
        pytest.param(
            timed(0), [timed(0.5, TimePrecision.SECOND)], Origin.UNKNOWN, id="a second in a minute"
        ),
        pytest.param(
            timed(0, TimePrecision.SECOND),
            [timed(0.5, TimePrecision.SECOND)],
            Origin.ORIGINAL,
            id="seconds apart",
        ),
    ],
)
def test_only_the_agency_or_a_decisive_time_makes_an_original(
    lead: Appearance, others: list[Appearance], expected: Origin
) -> None:
    assert decide_origin(lead, others) is expected


@pytest.mark.parametrize(
    ("after", "by", "stated", "expected"),
    [
        (None, 60, StatedTime(at(10), TimePrecision.MINUTE), (at(10), at(11))),
        (0, 60, StatedTime(at(0).astimezone(SEOUL), TimePrecision.DAY), (at(0), at(60))),
        (0, 60, None, (at(0), at(60))),
        (None, 60, None, (None, at(60))),
        (0, 60, StatedTime(at(90), TimePrecision.MINUTE), (at(0), at(60))),
        (20, 60, StatedTime(at(10), TimePrecision.MINUTE), (at(10), at(60))),
        (20, 60, StatedTime(at(59.5), TimePrecision.MINUTE), (at(59), at(60))),
    ],
    ids=[
        "a stated time alone",
        "a day around the polls",
        "polls alone",
        "first sight alone",
        "stated after first sight",
        "stated before the last poll without",
        "both",
    ],
)
def test_polls_and_the_stated_time_bound_when_an_article_appeared(
    after: float | None,
    by: float,
    stated: StatedTime | None,
    expected: tuple[datetime | None, datetime],
) -> None:
    appearance = Appearance(None if after is None else at(after), at(by), stated)
    assert appearance.range == AppearanceRange(*expected)


PRECISIONS = st.sampled_from(TimePrecision)
MINUTES = st.integers(-5_000, 5_000)


@st.composite
def appearances(draw: st.DrawFn, *, is_agency: bool | None = None) -> Appearance:
    by = draw(MINUTES)
    after = draw(st.none() | st.integers(1, 3_000))
    stated = draw(st.none() | st.builds(StatedTime, MINUTES.map(at), PRECISIONS, st.booleans()))
    return Appearance(
        None if after is None else at(by - after),
        at(by),
        stated,
        draw(st.booleans()) if is_agency is None else is_agency,
    )


@given(appearances(is_agency=False), st.lists(appearances(), max_size=4))
def test_no_article_is_original_if_another_may_have_begun_before_it_ended(
    lead: Appearance, others: list[Appearance]
) -> None:
    origin = decide_origin(lead, others)
    may_be_earlier = [
        each.range.start is None or each.range.start < lead.range.end for each in others
    ]
    if any(may_be_earlier) or not others or any(each.is_agency for each in others):
        assert origin is not Origin.ORIGINAL
    else:
        assert origin is Origin.ORIGINAL


@given(appearances(is_agency=True), st.lists(appearances(), max_size=4))
def test_the_agencys_text_is_the_original_whenever_it_was_seen(
    lead: Appearance, others: list[Appearance]
) -> None:
    assert decide_origin(lead, others) is Origin.ORIGINAL


@given(st.lists(appearances(is_agency=False), min_size=2, max_size=5))
def test_the_order_of_the_others_changes_nothing(
    articles: list[Appearance],
) -> None:
    lead, *others = articles
    shuffled = sorted(others, key=lambda each: each.by)
    assert decide_origin(lead, shuffled) is decide_origin(lead, others)
    first = decide_origin(lead, others)
    assume(first is not Origin.UNKNOWN)
    for each in others:
        rest = [lead, *(other for other in others if other is not each)]
        assert decide_origin(each, rest) is Origin.UNKNOWN


@given(appearances())
def test_an_article_appeared_no_later_than_it_was_seen(article: Appearance) -> None:
    start, end = article.range
    assert end <= article.by
    assert start is None or start <= end
