"""Pictures of the corpus: what they show, and that nothing of it is boxes or chance."""

import itertools
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import InvalidRequest, MissingLibrary
from storage.plots.article_bars import OTHERS, draw_articles, make_article_bars
from storage.plots.carriage_map import MANNER_COLOURS, draw_carriage, make_carriage_map
from storage.plots.delay_ranges import draw_delays, make_delay_lanes
from storage.plots.fonts import BASE_FAMILY, choose_fonts
from storage.plots.picture import Picture, PictureFormat
from storage.plots.scene_picture import draw_scene
from storage.records import TimePrecision
from storage.reports.carriage import CarryingArticle, Report
from storage.reports.delays import DelayRange
from storage.reports.drawing.scene import Arrowhead, Box, Dot, Line, Scene, Words
from storage.reports.latency import OutletDelays
from storage.reports.manners import CarriageManner
from storage.stated_time import StatedTime
from storage.totals.article_counts import DayCount
from storage.totals.calendar_steps import Step

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def carrying(
    number: int, outlet: str, manner: CarriageManner, title: str = "A kiln opens"
) -> CarryingArticle:
    at = NOON + timedelta(hours=number)
    return CarryingArticle(
        article_id=number,
        outlet=outlet,
        url=f"https://{outlet}.example/{number}",
        title=title,
        manner=manner,
        appeared_after=None,
        appeared_by=at,
        stated=StatedTime(at, TimePrecision.MINUTE),
        is_agency=outlet == "kcna",
    )


def report(number: int, *manners: tuple[str, CarriageManner], title: str = "A kiln") -> Report:
    articles = [carrying(100 * number, "kcna", CarriageManner.ORIGINAL, title)]
    articles += [carrying(100 * number + n, *each) for n, each in enumerate(manners, start=1)]
    return Report(number, has_agency_original=True, articles=tuple(articles))


def hours(low: float | None, high: float | None) -> DelayRange:
    ends = [None if end is None else timedelta(hours=end) for end in (low, high)]
    return DelayRange(*ends)


REPORTS = [
    report(1, ("herald", CarriageManner.VERBATIM), ("mirror", CarriageManner.DERIVED)),
    report(2, ("herald", CarriageManner.EDITED)),
    report(3, ("herald", CarriageManner.EXCERPT), ("mirror", CarriageManner.EDITED)),
]
DELAYS = [
    OutletDelays(
        outlet="herald", delays=(hours(1, 2), hours(-3, 40)), median=hours(-1, 21), undated=0
    ),
    OutletDelays(outlet="mirror", delays=(hours(None, 5),), median=hours(None, 5), undated=2),
    OutletDelays(outlet="silent", delays=(), median=DelayRange(), undated=1),
]
COUNTS = [
    *(DayCount("herald", date(2026, 3, day), 3) for day in (1, 2, 9)),
    DayCount("mirror", date(2026, 3, 2), 2),
    DayCount("mirror", None, 4),
]
DRAW: dict[str, Callable[[], Picture]] = {
    "carriage": lambda: draw_carriage(REPORTS),
    "delays": lambda: draw_delays(DELAYS),
    "articles": lambda: draw_articles(COUNTS),
}


def colours(picture: Picture) -> Counter[str]:
    """How many shapes of an SVG have each fill."""
    drawn = ElementTree.fromstring(picture.to_bytes())
    styles = [element.get("style", "") for element in drawn.iter()]
    fills = [part for style in styles for part in style.split("; ") if part.startswith("fill: #")]
    return Counter(each.removeprefix("fill: ") for each in fills)


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        *((what, PictureFormat.SVG) for what in DRAW),
        *(("articles", kind) for kind in (PictureFormat.PNG, PictureFormat.PDF)),
    ],
)
def test_the_same_rows_give_the_same_bytes(what: str, kind: PictureFormat) -> None:
    first = DRAW[what]().to_bytes(kind, dpi=50)
    start = {PictureFormat.SVG: b"<?xml", PictureFormat.PNG: b"\x89PNG", PictureFormat.PDF: b"%PDF"}
    assert first.startswith(start[kind])
    assert first == DRAW[what]().to_bytes(kind, dpi=50)
    assert b"2026-11" not in first  # no date of today
    assert b"CreationDate" not in first


def test_what_a_user_sets_for_matplotlib_changes_nothing() -> None:
    import matplotlib

    before = draw_carriage(REPORTS).to_bytes()
    settings: Any = matplotlib.rcParams
    with matplotlib.rc_context():
        settings["font.size"] = 30
        settings["axes.facecolor"] = "black"
        assert draw_carriage(REPORTS).to_bytes() == before
        assert settings["font.size"] == 30
    assert "matplotlib.pyplot" not in sys.modules


def test_a_heat_map_has_a_cell_for_each_outlet_of_a_report() -> None:
    shown = colours(draw_carriage(REPORTS))
    in_legend = 1
    assert {manner: shown[colour] - in_legend for manner, colour in MANNER_COLOURS.items()} == {
        CarriageManner.ORIGINAL: 3,
        CarriageManner.FIRST_SEEN: 0,
        CarriageManner.UNKNOWN: 0,
        CarriageManner.VERBATIM: 1,
        CarriageManner.EDITED: 2,
        CarriageManner.EXCERPT: 1,
        CarriageManner.TRANSLATION: 0,
        CarriageManner.DERIVED: 1,
    }


def test_the_colours_of_manners_grow_lighter_in_their_order() -> None:
    def brightness(colour: str) -> float:
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    shades = [brightness(MANNER_COLOURS[each]) for each in list(CarriageManner)[3:]]
    assert shades == sorted(shades)
    assert all(later - before > 20 for before, later in itertools.pairwise(shades))


def test_the_agency_comes_first_and_what_is_left_out_is_said() -> None:
    made = make_carriage_map(REPORTS, most_reports=2, most_outlets=2)
    assert [each.id for each in made.reports] == [1, 3]
    assert made.outlets == (("kcna", 2), ("herald", 2))
    assert made.notes == (
        "2 of 3 reports are drawn: those that the most outlets carry",
        "2 of 3 outlets are drawn: those that carry the most",
    )
    assert draw_carriage(REPORTS, 2, 2).notes == made.notes


def test_thousands_of_reports_are_a_picture_of_the_same_size() -> None:
    many = [report(number, ("herald", CarriageManner.EDITED)) for number in range(1, 3001)]
    picture = draw_carriage(many)
    assert picture.figure.get_size_inches()[1] < 20
    assert "60 of 3,000 reports are drawn" in picture.notes[0]


def test_long_names_and_two_dollars_are_drawn_whole() -> None:
    name = "The Very Long Name of a Newspaper $Costs$ " * 4
    reports = [report(1, (name, CarriageManner.EDITED), title="Costs $5 to $_6^")]
    picture = draw_carriage(reports)
    texts = [each.get_text() for each in picture.figure.axes[0].texts]
    assert f"{' '.join(name.split())} (1)" in texts
    assert "Costs $5 to $_6^" in texts
    picture.to_bytes(PictureFormat.PNG, dpi=30)


HOSTILE = "<b>\x1b[31m\u202e $x$ \\frac &amp; \n\udcff 조선"


def test_hostile_texts_are_letters_like_others() -> None:
    reports = [report(1, (HOSTILE, CarriageManner.EDITED), title=HOSTILE)]
    picture = draw_carriage(reports, title=HOSTILE)
    ElementTree.fromstring(picture.to_bytes())
    texts = "".join(each.get_text() for each in picture.figure.axes[0].texts)
    assert not {"\x1b", "\u202e", "\n", "\udcff"} & set(texts)


@given(st.lists(st.text(max_size=12), max_size=5))
def test_each_text_can_be_drawn_with_the_fonts_that_are_chosen_for_it(texts: list[str]) -> None:
    choice = choose_fonts(texts, families=())
    for text in texts:
        assert not choice.missing & set(choice.drawable(text))
    names = list(dict.fromkeys(texts))
    drawn = choice.drawable_names(names, "outlet")
    assert set(drawn) == set(names)


def test_a_report_without_a_date_is_not_drawn_at_the_day_it_was_first_seen() -> None:
    lead = replace(carrying(1, "kcna", CarriageManner.ORIGINAL), stated=None)
    other = replace(carrying(2, "herald", CarriageManner.EDITED), stated=None)
    picture = draw_carriage([Report(1, True, (lead, other))])
    texts = [each.get_text() for each in picture.figure.axes[0].texts]
    assert "no date" in texts
    assert not [each for each in texts if "2026-03-02" in each]


def test_a_picture_of_too_many_dots_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="million dots: draw fewer rows"):
        draw_carriage(REPORTS).to_bytes(PictureFormat.PNG, dpi=5000)


def test_lanes_say_what_is_not_drawn() -> None:
    made = make_delay_lanes(DELAYS)
    assert [each.outlet for each in made.lanes] == ["herald", "mirror"]
    assert made.notes == (
        "1 outlet is not drawn: nothing is known of the delay",
        "3 times an article without a date carries a report: not drawn",
    )


def test_articles_are_added_up_and_the_small_names_become_one() -> None:
    made = make_article_bars(COUNTS, Step.WEEK)
    assert made.starts == (date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9))
    assert made.series == (("herald", (3, 3, 3), 0), ("mirror", (0, 2, 0), 4))
    assert (made.articles, made.undated) == (15, 4)
    many = [DayCount(f"paper{n}", date(2026, 3, 1), 20 - n) for n in range(12)]
    names = [name for name, _, _ in make_article_bars(many, most_names=3).series]
    assert names == ["paper0", "paper1", "paper2", OTHERS]
    assert make_article_bars(many, most_names=3).articles == sum(range(9, 21))


def test_only_undated_articles_are_a_picture_too() -> None:
    picture = draw_articles([DayCount("herald", None, 3)])
    assert "3 of them are without a date" in picture.figure.axes[0].texts[-2].get_text()
    picture.to_bytes()


@pytest.mark.parametrize("text", ["조선중앙통신", "朝鮮中央通信", "ЦТАК", "平壤的报道"])
def test_letters_of_any_script_have_a_font_or_are_said_to_have_none(text: str) -> None:
    choice = choose_fonts([text])
    assert choice.families[0] == BASE_FAMILY
    if choice.missing:
        pytest.skip(f"no font for {text} is installed")
    assert choice.drawable(text) == text
    # matplotlib would warn of a letter without a glyph, and a warning fails a test.
    draw_carriage([report(1, (text, CarriageManner.EDITED), title=text)]).to_bytes()


def test_without_a_font_for_a_name_no_boxes_are_drawn_and_one_line_says_so() -> None:
    choice = choose_fonts(["조선 news", "뉴스1"], families=["No Such Font"])
    assert choice.drawable("조선 news") == "… news"
    names = choice.drawable_names(["조선", "plain", "뉴스1"], "outlet")
    assert list(names.values()) == ["outlet 1", "plain", "outlet 2"]
    reports = [report(1, ("뉴스1", CarriageManner.EDITED), title="조선 news")]
    picture = draw_carriage(reports, fonts=choice)
    picture.to_bytes()
    (note,) = picture.notes
    assert "no installed font has 4 of the letters" in note
    assert "outlet 1 is 뉴스1" in note


def test_a_scene_is_drawn_shape_by_shape() -> None:
    scene = Scene(
        200,
        100,
        (
            Line(((0, 0), (50, 50)), "#112233", is_dashed=True),
            Box(10, 10, 20, 20, "#445566"),
            Dot(60, 60, 5, "#778899"),
            Arrowhead(90, 20, "#aabbcc"),
            Words(5, 90, "a kiln"),
        ),
    )
    picture = draw_scene(scene)
    assert {"#445566", "#778899", "#aabbcc"} <= set(colours(picture))
    assert list(picture.figure.get_size_inches()) == [200 / 96, 100 / 96]


@pytest.fixture
def no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets an import of matplotlib fail, as where it is not installed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize("what", DRAW)
def test_without_the_library_one_line_says_how_to_get_it(what: str) -> None:
    with pytest.raises(MissingLibrary, match=r"pip install 'nkwire\[plot\]'"):
        DRAW[what]()


def test_an_unknown_backend_in_the_environment_is_said() -> None:
    code = (
        "from storage.errors import InvalidRequest\n"
        "from storage.plots.picture import require_matplotlib\n"
        "try:\n    require_matplotlib()\n"
        "except InvalidRequest as error:\n    print(error)\n"
    )
    environment = os.environ | {"MPLBACKEND": "bogus"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert (
        done.stdout == "matplotlib does not know the backend in MPLBACKEND: unset this variable\n"
    )
