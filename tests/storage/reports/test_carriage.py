import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from dedup.records import Relation, RelationKind
from storage import Database
from storage.errors import NotFound
from storage.records import Article, TimePrecision
from storage.reports.carriage import CarryingArticle, Report, iter_carriage_rows, load_carriage
from storage.reports.delays import DelayRange, compute_polled_delay
from storage.reports.latency import compute_latencies, load_latencies
from storage.reports.manners import CarriageManner, classify_manners
from storage.reports.origin import Origin
from storage.reports.provenance import ProvenanceGraph, build_edges, load_provenance
from storage.reports.provenance_drawing import format_graph
from storage.reports.working_out import work_out

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = (
    "Pyongyang, March 1 (KCNA) -- Kim Jong Un inspected a munitions factory in Jagang Province and"
    " called for a radical increase in the production of multiple rocket launchers, the agency said."
)
BODY = " ".join(f"Workshop {n} makes {n * 7} parts for the vehicle type {n}." for n in range(30))
DERIVED = (
    "North Korean leader Kim Jong Un inspected a munitions factory in Jagang Province and called for"
    " a radical increase in the production of rocket launchers, KCNA reported. Analysts in Seoul see"
    " a signal to the South in the visit, the first of this year."
)


def minute(n: int) -> datetime:
    return NOON + timedelta(minutes=n)


@pytest.fixture
def filled(corpus: Database, make_article: Callable[..., Article]) -> Database:
    corpus.outlets.declare_ranks({"kcna": 0, "yonhap": 1})
    title = "Kim Jong Un Inspects Munitions Factory"
    corpus.save(
        [
            make_article(0, title=title, text=f"{LEAD} {BODY}", last_poll_without_at=minute(-5)),
            make_article(
                20,
                outlet="rodong",
                title=title,
                text=f"{LEAD} {BODY}",
                last_poll_without_at=minute(15),
            ),
            make_article(
                60,
                outlet="yonhap",
                title="N. Korean leader inspects munitions factory: KCNA",
                text=DERIVED,
                last_poll_without_at=minute(50),
            ),
            make_article(
                90, outlet="tass", title="Weather", text="Rain is expected in Vladivostok."
            ),
        ]
    )
    work_out(corpus)
    return corpus


def test_carriage_tells_who_carried_a_report_in_which_manner_and_when(filled: Database) -> None:
    (report,) = load_carriage(filled, min_outlets=2)
    assert report.has_agency_original
    assert [(each.outlet, each.manner) for each in report.articles] == [
        ("kcna", CarriageManner.ORIGINAL),
        ("rodong", CarriageManner.VERBATIM),
        ("yonhap", CarriageManner.EXCERPT),
    ]
    rows = list(iter_carriage_rows([report]))
    assert [(row["outlet"], row["appeared_after"], row["appeared_by"]) for row in rows] == [
        ("kcna", minute(-5), minute(5)),
        ("rodong", minute(15), minute(25)),
        ("yonhap", minute(50), minute(65)),
    ]
    assert load_carriage(filled, since=minute(2000)) == []
    assert load_carriage(filled, min_outlets=4) == []


def test_latency_is_a_range(filled: Database) -> None:
    loaded = load_carriage(filled)
    assert load_latencies(filled, min_outlets=1) == compute_latencies(loaded)
    found = {each.outlet: each for each in compute_latencies(loaded)}
    assert found["rodong"].polled == DelayRange(timedelta(minutes=10), timedelta(minutes=30))
    assert found["yonhap"].stated.exact == timedelta(minutes=60)
    assert list(found) == ["rodong", "yonhap"]


def carried(article: int, **fields: object) -> CarryingArticle:
    plain: dict[str, object] = {
        "article_id": article,
        "outlet": f"outlet{article}",
        "url": f"https://example.org/{article}",
        "title": f"Headline {article}",
        "manner": CarriageManner.DERIVED,
        "appeared_after": None,
        "appeared_by": minute(article * 10),
    }
    return CarryingArticle(**(plain | fields))  # type: ignore[arg-type]


def related(a: int, b: int, kind: RelationKind, share: float = 0.5, source: int = 0) -> Relation:
    return Relation(a, b, kind, False, share, share, share, "because", source)


@pytest.mark.parametrize(
    ("after", "first", "expected"),
    [
        (50, -5, DelayRange(timedelta(minutes=40), timedelta(minutes=65))),
        (None, -5, DelayRange(None, timedelta(minutes=65))),
        (50, None, DelayRange(timedelta(minutes=40), None)),
    ],
    ids=["both known", "open below", "open above"],
)
def test_a_side_that_was_not_looked_at_leaves_the_range_open(
    after: int | None, first: int | None, expected: DelayRange
) -> None:
    original = carried(1, appeared_after=None if first is None else minute(first))
    later = carried(6, appeared_after=None if after is None else minute(after))
    assert compute_polled_delay(original.appearance, later.appearance) == expected


def test_the_median_of_open_ranges_is_open_where_most_are() -> None:
    def report(n: int, after: int | None) -> Report:
        first = carried(1, outlet="kcna", manner=CarriageManner.ORIGINAL, appeared_after=minute(0))
        other = carried(6, outlet="tass", appeared_after=None if after is None else minute(after))
        return Report(n, True, (first, other))

    (found,) = compute_latencies([report(1, 30), report(2, None), report(3, 40)])
    assert found.polled == DelayRange(timedelta(minutes=20), timedelta(minutes=60))
    assert (found.reports, found.bounded_reports) == (3, 2)
    (found,) = compute_latencies([report(1, 30), report(2, None), report(3, None)])
    assert found.polled.low is None


def test_the_closest_relation_to_the_agencys_text_decides_the_manner() -> None:
    stories = {1: 1, 2: 1, 3: 3, 4: 3, 5: 5, 6: 1}
    relations = [
        related(1, 2, RelationKind.COPY),
        related(2, 3, RelationKind.EXCERPT),
        related(1, 3, RelationKind.DERIVED),
        related(1, 5, RelationKind.DERIVED),
    ]
    assert classify_manners(1, [*stories], stories, relations, Origin.ORIGINAL) == {
        1: CarriageManner.ORIGINAL,
        2: CarriageManner.VERBATIM,
        3: CarriageManner.EXCERPT,
        4: CarriageManner.EXCERPT,
        5: CarriageManner.DERIVED,
        6: CarriageManner.EDITED,
    }


def test_each_article_hangs_on_the_likeliest_earlier_one() -> None:
    nodes = [carried(n) for n in (1, 2, 3, 4)]
    made = build_edges(
        nodes,
        [
            related(1, 3, RelationKind.DERIVED),
            related(2, 3, RelationKind.COPY, 0.9),
            related(1, 2, RelationKind.EDITED),
        ],
    )
    assert [(edge.source, edge.target) for edge in made if edge.is_parent] == [
        (1, 2),
        (2, 3),
        (1, 4),
    ]
    assert len(made) == 4


def test_the_graph_of_a_story_is_that_of_its_report(filled: Database) -> None:
    graph = load_provenance(filled, 1)
    assert [node.outlet for node in graph.nodes] == ["kcna", "rodong", "yonhap"]
    assert {edge.target for edge in graph.edges if edge.is_parent} == {2, 3}
    assert [node.outlet for node in load_provenance(filled, 3).nodes] == ["tass"]
    with pytest.raises(NotFound):
        load_provenance(filled, 99)


HOSTILE = 'a "quoted" \\ <b>&amp;</b> ]]> \u202e \x1b[31m \n -> {} | 제목'


def test_hostile_titles_are_words_in_every_drawing() -> None:
    graph = ProvenanceGraph(
        1,
        (carried(1, title=HOSTILE, outlet=HOSTILE), carried(2, title=HOSTILE)),
        tuple(build_edges([carried(1), carried(2)], [related(1, 2, RelationKind.COPY)])),
    )
    for style in ("svg", "graphml"):
        drawn = format_graph(graph, style)
        assert "b" not in {element.tag for element in ElementTree.fromstring(drawn).iter()}
        assert not {"\u202e", "\x1b"} & set(drawn)
    assert json.loads(format_graph(graph, "json"))["nodes"][0]["title"] == HOSTILE
    lines = format_graph(graph, "dot").splitlines()
    assert len(lines) == 7
    assert all(line.count('"') - line.count('\\"') in (0, 2, 4) for line in lines)


def test_the_picture_has_a_mark_for_each_article_and_an_arrow_to_each_but_the_first(
    filled: Database,
) -> None:
    drawn = ElementTree.fromstring(format_graph(load_provenance(filled, 1), "svg"))
    space = "{http://www.w3.org/2000/svg}"
    titled = [element for element in drawn.iter() if element.find(f"{space}title") is not None]
    assert [e.tag.removeprefix(space) for e in titled] == ["path", "path", *["circle"] * 3]


def test_articles_of_one_date_have_no_original_in_any_form(
    corpus: Database, make_article: Callable[..., Article]
) -> None:
    seoul_midnight = datetime(2026, 3, 2, 15, tzinfo=UTC)
    corpus.save(
        [
            make_article(
                number,
                outlet=outlet,
                text=f"{LEAD} {BODY}",
                published_at=seoul_midnight,
                published_precision=TimePrecision.DAY,
                first_seen_at=NOON + timedelta(days=30),
            )
            for number, outlet in enumerate(("hani", "donga"))
        ]
    )
    work_out(corpus)
    (report,) = load_carriage(corpus, min_outlets=2)
    assert (report.origin, report.has_agency_original) == (Origin.UNKNOWN, False)
    rows = list(iter_carriage_rows([report]))
    assert {row["manner"] for row in rows} == {"unknown", "verbatim"}
    assert {(row["origin"], row["lead_at"], row["lead_precision"]) for row in rows} == {
        ("unknown", "2026-03-03", "day")
    }
    later = next(row for row in rows if row["manner"] == "verbatim")
    assert (later["stated_at"], later["stated_precision"]) == ("2026-03-03", "day")
    assert later["stated_delay_more_than_seconds"] == -86400
    assert later["stated_delay_less_than_seconds"] == 86400

    graph = load_provenance(corpus, report.id)
    assert [edge.is_order_known for edge in graph.edges] == [False]
    node = json.loads(format_graph(graph, "json"))["nodes"][0]
    assert (node["manner"], node["stated_at"], node["stated_precision"]) == (
        *("unknown", "2026-03-03"),
        "day",
    )
    dot, svg = format_graph(graph, "dot"), format_graph(graph, "svg")
    assert "2026-03-03\\norigin unknown" in dot
    assert "dir=none" in dot
    assert "2026-03-03, origin unknown" in svg
    assert (svg.count("</rect>"), svg.count("</circle>")) == (2, 0)  # bars, since no time is known
    drawings = [dot, svg, format_graph(graph, "graphml"), format_graph(graph, "json")]
    assert not [drawn for drawn in drawings if "2026-03-02" in drawn or "00:00:00" in drawn]


def test_the_original_of_the_agency_leads_in_a_known_order(filled: Database) -> None:
    graph = load_provenance(filled, 1)
    assert graph.nodes[0].manner is CarriageManner.ORIGINAL
    assert all(edge.is_order_known for edge in graph.edges if edge.source == 1)
    assert [(e.source, e.target) for e in graph.edges if not e.is_order_known] == []
