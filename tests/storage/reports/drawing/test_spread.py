"""The drawing of how a report spread: rows, times and lines."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.records import TimePrecision
from storage.reports.carriage import CarryingArticle
from storage.reports.drawing.scene import Box, Dot, Line, Words, format_scene
from storage.reports.drawing.spread import UNDATED, draw_spread, left_out_words
from storage.reports.drawing.spread_layout import make_spread_layout
from storage.reports.drawing.text_width import count_columns, shorten
from storage.reports.manners import CarriageManner
from storage.reports.provenance import ProvenanceEdge, ProvenanceGraph
from storage.reports.provenance_drawing import MANNER_COLOURS
from storage.stated_time import StatedTime

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def article(
    number: int,
    *,
    hours: float | None = 0,
    is_day: bool = False,
    after: datetime | None = None,
    title: str = "A kiln opens",
) -> CarryingArticle:
    precision = TimePrecision.DAY if is_day else TimePrecision.MINUTE
    at = NOON + timedelta(hours=hours or 0)
    midnight = at.replace(hour=0) if is_day else at
    return CarryingArticle(
        article_id=number,
        outlet=f"paper{number}",
        url=f"https://paper.example/{number}",
        title=title,
        manner=CarriageManner.ORIGINAL if number == 1 else CarriageManner.EDITED,
        appeared_after=after,
        appeared_by=NOON + timedelta(days=200),
        stated=None if hours is None else StatedTime(midnight, precision),
    )


def edge(source: int, target: int, *, is_order_known: bool = True) -> ProvenanceEdge:
    return ProvenanceEdge(
        source, target, CarriageManner.EDITED, 0.5, "because", True, is_order_known
    )


def graph(*nodes: CarryingArticle, edges: tuple[ProvenanceEdge, ...] = ()) -> ProvenanceGraph:
    star = tuple(edge(nodes[0].article_id, node.article_id) for node in nodes[1:])
    return ProvenanceGraph(7, nodes, edges or star)


def test_articles_of_one_instant_have_a_row_each() -> None:
    drawn = draw_spread(graph(*(article(n) for n in range(1, 9))), MANNER_COLOURS)
    dots = [each for each in drawn.shapes if isinstance(each, Dot) and each.title]
    assert len({dot.x for dot in dots}) == 1
    assert len({dot.y for dot in dots}) == 8


def test_dates_alone_are_bars_at_the_printed_date() -> None:
    nodes = [article(1, is_day=True), article(2, hours=24, is_day=True)]
    layout = make_spread_layout(graph(*nodes))
    assert not layout.has_clock
    assert [label for _, label in layout.ticks][:2] == ["2026-03-02", "2026-03-03"]
    marks = [row.mark for row in layout.rows]
    assert marks[0] is not None
    assert marks[1] is not None
    assert (marks[0].start, marks[0].end) == (0, marks[1].start)
    drawn = draw_spread(graph(*nodes), MANNER_COLOURS)
    assert len([each for each in drawn.shapes if isinstance(each, Box) and each.title]) == 2


def test_among_times_a_date_is_a_bar_of_all_that_it_may_mean() -> None:
    layout = make_spread_layout(
        graph(article(1, hours=1), article(2, hours=9), article(3, is_day=True))
    )
    assert layout.has_clock
    one, two, day = (row.mark for row in layout.rows)
    assert one
    assert two
    assert day
    assert one.start == one.end < two.start
    assert day.start < one.start < day.end


def test_an_article_without_a_date_has_no_mark_unless_it_was_polled_for() -> None:
    nodes = [
        article(1),
        article(2, hours=None),
        article(3, hours=None, after=NOON + timedelta(days=199)),
    ]
    layout = make_spread_layout(graph(*nodes))
    assert layout.rows[1].mark is None
    assert layout.rows[2].mark is not None
    assert not layout.rows[2].mark.is_stated
    words = [
        each.text
        for each in draw_spread(graph(*nodes), MANNER_COLOURS).shapes
        if isinstance(each, Words)
    ]
    assert words.count(UNDATED) == 2
    alone = make_spread_layout(graph(article(1, hours=None)))
    assert (alone.ticks, alone.rows[0].mark) == ((), None)


def test_lines_stay_beside_the_words_and_a_dash_means_an_unknown_order() -> None:
    nodes = [article(n, hours=n) for n in range(1, 6)]
    edges = (edge(1, 2), edge(1, 5), edge(2, 3, is_order_known=False), edge(3, 4))
    drawn = draw_spread(graph(*nodes, edges=edges), MANNER_COLOURS)
    left = min(each.x for each in drawn.shapes if isinstance(each, Words) and each.text == "paper1")
    lines = [each for each in drawn.shapes if isinstance(each, Line) and each.title]
    assert len(lines) == 4
    assert all(x < left for line in lines for x, _ in line.points)
    assert [line.is_dashed for line in lines] == [False, False, True, False]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_branches_never_lie_on_each_other(parents: list[int]) -> None:
    nodes = [article(n + 1, hours=n) for n in range(len(parents) + 1)]
    edges = tuple(edge(1 + parent % (row + 1), row + 2) for row, parent in enumerate(parents))
    branches = make_spread_layout(graph(*nodes, edges=edges)).branches
    assert sum(len(each.targets) for each in branches) == len(parents)
    spans = [(each.lane, {each.source, *(row for row, _ in each.targets)}) for each in branches]
    for number, (lane, rows) in enumerate(spans):
        for other_lane, other in spans[:number]:
            assert lane != other_lane or max(rows) < min(other) or max(other) < min(rows)


def test_of_many_hundred_articles_the_first_are_drawn_and_it_is_said() -> None:
    many = graph(*(article(n, hours=n / 9) for n in range(1, 801)))
    words = "the first 300 of 800 articles are drawn"
    assert left_out_words(many) == words
    drawn = format_scene(draw_spread(many, MANNER_COLOURS))
    assert words in drawn
    assert drawn.count("</circle>") == 300
    assert drawn == format_scene(draw_spread(many, MANNER_COLOURS))
    assert left_out_words(graph(article(1))) == ""


@given(st.text(max_size=20), st.integers(1, 20))
def test_a_shortened_text_is_no_wider_and_begins_as_before(text: str, most: int) -> None:
    short = shorten(text, most)
    assert short == text or count_columns(short) <= most
    assert text.startswith(short.removesuffix("…")) or short == text


def test_korean_letters_are_two_columns_wide() -> None:
    assert count_columns("조선 news") == 9
    assert shorten("조선중앙통신", 5) == "조선…"
