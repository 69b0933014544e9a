from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from storage.records import TimePrecision
from storage.reports.carriage import CarryingArticle, Report
from storage.reports.delays import DelayRange
from storage.reports.latency import Latency, compute_latencies
from storage.reports.latency_chart import format_latency_svg
from storage.reports.manners import CarriageManner
from storage.stated_time import StatedTime

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def ranged(low: float | None, high: float | None) -> DelayRange:
    return DelayRange(
        None if low is None else minutes(low), None if high is None else minutes(high)
    )


NOTHING = DelayRange()


def late(outlet: str, polled: DelayRange, stated: DelayRange = NOTHING) -> Latency:
    return Latency(
        outlet=outlet,
        reports=3,
        bounded_reports=0,
        polled=polled,
        stated=stated,
        manner_counts={CarriageManner.EDITED: 1, CarriageManner.VERBATIM: 2},
    )


def carried(article: int, **fields: object) -> CarryingArticle:
    plain: dict[str, object] = {
        "article_id": article,
        "outlet": "tass",
        "url": f"https://example.org/{article}",
        "title": f"Headline {article}",
        "manner": CarriageManner.VERBATIM,
        "appeared_after": None,
        "appeared_by": NOON + minutes(30),
    }
    return CarryingArticle(**(plain | fields))  # type: ignore[arg-type]


def agency(**fields: object) -> CarryingArticle:
    manner = CarriageManner.ORIGINAL
    return carried(1, outlet="kcna", is_agency=True, manner=manner, appeared_by=NOON, **fields)


def test_a_delay_of_zero_is_a_known_end() -> None:
    first = agency(appeared_after=NOON - minutes(30))
    later = carried(2, appeared_after=NOON, appeared_by=NOON + minutes(30))
    sooner = carried(3, outlet="yonhap", appeared_after=None, appeared_by=NOON - minutes(30))
    open_ended = Report(2, True, (agency(), carried(4, outlet="abc")))
    found = compute_latencies([Report(1, True, (first, later, sooner)), open_ended])
    assert [each.outlet for each in found] == ["yonhap", "tass", "abc"]
    assert [each.polled for each in found] == [ranged(None, 0), ranged(0, 60), NOTHING]


def test_a_stated_date_gives_a_range_that_may_begin_before_zero() -> None:
    first = agency(stated=StatedTime(NOON, TimePrecision.MINUTE))
    day = StatedTime(datetime(2026, 3, 2, 15, tzinfo=UTC), TimePrecision.DAY)
    (found,) = compute_latencies([Report(1, True, (first, carried(2, stated=day)))])
    assert found.stated == ranged(-21 * 60 - 1, 3 * 60)
    assert (found.stated.exact, found.stated.may_be_earlier) == (None, True)


def test_reports_without_the_agencys_text_have_no_delay() -> None:
    lead = carried(1, outlet="kbs", manner=CarriageManner.FIRST_SEEN)
    assert compute_latencies([Report(1, False, (lead, carried(2)))]) == []


def marks(svg: str) -> list[str]:
    return [
        found
        for element in ElementTree.fromstring(svg).iter()
        if (found := element.get("class", "")) not in ("", "legend")
    ]


@pytest.mark.parametrize(
    ("latency", "expected"),
    [
        (late("a", ranged(10, 30)), ["range"]),
        (late("a", ranged(0, 30)), ["range"]),
        (late("a", ranged(-30, 0)), ["range"]),
        (late("a", ranged(0, 0)), ["range"]),
        (late("a", ranged(None, 0)), ["open", "end"]),
        (late("a", ranged(0, None)), ["open", "end"]),
        (late("a", NOTHING, ranged(-1, 1)), ["stated"]),
        (late("a", NOTHING, ranged(-1200, 180)), ["stated"]),
        (late("a", NOTHING), []),
    ],
)
def test_the_picture_draws_the_known_ends_only(latency: Latency, expected: list[str]) -> None:
    assert marks(format_latency_svg([latency])) == expected


def test_an_open_range_has_dashes_of_one_length_from_its_known_end() -> None:
    svg = format_latency_svg([late("a", ranged(None, 30)), late("b", ranged(30, 60))])
    (dashes,) = [e for e in ElementTree.fromstring(svg).iter() if e.get("class") == "open"]
    (bar,) = [e for e in ElementTree.fromstring(svg).iter() if e.get("class") == "range"]
    assert dashes.get("stroke-dasharray")
    assert (dashes.get("d") or "").startswith(f"M{bar.get('x')} ")
    assert (dashes.get("d") or "").endswith("h-24")
    title = dashes.find(f"{SVG}title")
    assert title is not None
    assert title.text == "by polls: less than 30 min (perhaps earlier)"


@pytest.mark.parametrize(
    ("unknown", "line"),
    [
        (0, None),
        (1, "1 outlet is not drawn: the median delay is not known."),
        (2, "2 outlets are not drawn: the median delay is not known."),
    ],
)
def test_the_picture_says_how_many_outlets_it_leaves_out(unknown: int, line: str | None) -> None:
    latencies = [late("a", ranged(1, 2)), *[late(f"x{n}", NOTHING) for n in range(unknown)]]
    drawn = ElementTree.fromstring(format_latency_svg(latencies))
    texts = [element.text or "" for element in drawn.iter(f"{SVG}text")]
    assert [text for text in texts if "not drawn" in text] == ([line] if line else [])
    assert not [text for text in texts if text.startswith("x")]
