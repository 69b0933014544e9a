"""The graph of a report has a row for each article, wherever they lie in time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.records import TimePrecision
from storage.reports.manners import CarriageManner
from storage.stated_time import StatedTime
from web.charts.provenance import provenance
from web.options import DeclaredOutlet

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Node:
    id: int
    stated_at: StatedTime | None
    outlet: str = "herald"
    title: str = "<b>A kiln</b>"
    url: str = "https://herald.example/1"
    manner: CarriageManner = CarriageManner.EDITED
    appeared_after: datetime | None = None
    appeared_by: datetime = NOON


@dataclass(frozen=True)
class Edge:
    source: int
    target: int
    order_known: bool = True
    manner: CarriageManner = CarriageManner.EDITED
    share: float = 0.5
    reason: str = "because"
    parent: bool = True


def outlet(name: str) -> DeclaredOutlet:
    return DeclaredOutlet(name=name, title=name.capitalize())


def test_articles_of_one_date_are_bars_in_rows_of_their_own() -> None:
    day = StatedTime(NOON.replace(hour=0), TimePrecision.DAY)
    drawn = provenance([Node(n, day) for n in range(5)], [Edge(0, 3, order_known=False)], outlet)
    assert drawn.count('class="range s-edited"') == 5
    assert drawn.count("Herald</text>") == 5
    assert drawn.count('class="curve s-edited dashed"') == 1
    assert "2026-03-02</text>" in drawn
    assert "<use" not in drawn


def test_known_times_are_marks_and_an_article_without_a_date_has_none() -> None:
    times = [StatedTime(NOON + timedelta(hours=n), TimePrecision.MINUTE) for n in (0, 5)]
    polled = Node(4, None, appeared_after=NOON - timedelta(hours=2))
    nodes = [Node(1, times[0]), Node(2, times[1]), Node(3, None), polled]
    drawn = provenance(nodes, [Edge(1, 2)], outlet)
    assert drawn.count('<use href="#m-edited"') == 2
    assert drawn.count('class="range open s-edited"') == 1
    assert drawn.count('class="s-edited"') == 1  # the arrow
    assert "<b>" not in drawn
