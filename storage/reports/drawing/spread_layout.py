"""Places the articles of a provenance graph: a row for each, its time, its likely source. No I/O."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import ceil

from storage.reports.carriage import CarryingArticle
from storage.reports.provenance import ProvenanceEdge, ProvenanceGraph

MOST_ROWS = 300
_DAY = timedelta(days=1)
_STEPS = (
    *(timedelta(minutes=each) for each in (1, 5, 10, 30, 60, 180, 360, 720)),
    *(timedelta(days=each) for each in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
)
_MOST_TICKS = 6
_LEAST_SPAN, _LEAST_DAYS = timedelta(minutes=10), timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where an article lies on the axis, from 0 to 1. `start` = `end`: the time is known.

    `is_stated`: the outlet states the time; else it lies between two polls.
    """

    start: float
    end: float
    is_stated: bool


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """An article. `mark`: None: nothing is known but that it is stored now."""

    node: CarryingArticle
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Branch:
    """The articles that most likely have one source: a line beside the rows.

    `source`: the row of the source. `lane`: its place, 0 next to the rows. `targets`: rows and edges.
    """

    source: int
    lane: int
    targets: tuple[tuple[int, ProvenanceEdge], ...]


@dataclass(frozen=True, slots=True)
class SpreadLayout:
    """Rows, branches and ticks.

    `has_clock`: whether the axis is in hours of UTC; else it has the dates that are printed.
    """

    rows: tuple[SpreadRow, ...]
    branches: tuple[Branch, ...]
    ticks: tuple[tuple[float, str], ...]
    has_clock: bool

    @property
    def lanes(self) -> int:
        """How many lanes the branches need."""
        return max((each.lane + 1 for each in self.branches), default=0)


def make_spread_layout(graph: ProvenanceGraph, most_rows: int = MOST_ROWS) -> SpreadLayout:
    """Returns the places of the first `most_rows` articles, and of the edges between them."""
    nodes = graph.nodes[:most_rows]
    has_clock = any(each.stated is None or each.stated.has_clock for each in nodes)
    ranges = [_range_of(each, has_clock) for each in nodes]
    known = [each for each in ranges if each is not None]
    first = min((start for start, _ in known), default=None)
    last = max((end for _, end in known), default=None)
    if first is None or last is None:
        return SpreadLayout(
            tuple(SpreadRow(each, None) for each in nodes),
            tuple(_make_branches(nodes, graph.edges)),
            (),
            has_clock,
        )
    if has_clock and last - first < _LEAST_SPAN:
        first, last = first - _LEAST_SPAN / 2, last + _LEAST_SPAN / 2
    if not has_clock:
        last = max(last, first + _LEAST_DAYS)

    def place(at: datetime) -> float:
        return (at - first) / (last - first)

    rows = tuple(
        SpreadRow(each, _make_mark(each, place(found[0]), place(found[1])) if found else None)
        for each, found in zip(nodes, ranges, strict=True)
    )
    ticks = tuple((place(at), label) for at, label in _iter_ticks(first, last, has_clock))
    branches = tuple(_make_branches(nodes, graph.edges))
    return SpreadLayout(rows, branches, ticks, has_clock)


def _make_mark(node: CarryingArticle, start: float, end: float) -> Mark:
    return Mark(start, end, node.stated is not None)


def _range_of(node: CarryingArticle, has_clock: bool) -> tuple[datetime, datetime] | None:
    stated = node.stated
    if stated is None:
        after = node.appeared_after
        return None if after is None else (after.astimezone(UTC), node.appeared_by.astimezone(UTC))
    if stated.has_clock and stated.is_zone_known:
        return stated.at.astimezone(UTC), stated.at.astimezone(UTC)
    start, end = stated.range
    if has_clock:
        return start, end
    # All have dates only: they stand at the date that is printed, whatever the zone.
    printed = datetime.combine(stated.day, time.min, UTC)
    return printed, printed + max(_DAY, _whole_days(end - start))


def _whole_days(length: timedelta) -> timedelta:
    """Returns the length of a month or year; a day is stated with the width of all zones."""
    return _DAY if length < 3 * _DAY else timedelta(days=length.days)


def _iter_ticks(first: datetime, last: datetime, has_clock: bool) -> Iterator[tuple[datetime, str]]:
    span = last - first
    steps = [each for each in _STEPS if has_clock or each >= _DAY]
    step = next((each for each in steps if span / each <= _MOST_TICKS), None)
    step = step or _DAY * ceil(span / _DAY / _MOST_TICKS)
    midnight = datetime.combine(first.date(), time.min, UTC)
    at = midnight + step * ceil((first - midnight) / step)
    while at <= last:
        yield at, f"{at:%Y-%m-%d}" if step >= _DAY else f"{at:%m-%d %H:%M}"
        at += step


def _make_branches(
    nodes: Sequence[CarryingArticle], edges: Sequence[ProvenanceEdge]
) -> Iterator[Branch]:
    places = {node.article_id: place for place, node in enumerate(nodes)}
    targets: defaultdict[int, list[tuple[int, ProvenanceEdge]]] = defaultdict(list)
    for edge in edges:
        if edge.is_parent and edge.source in places and edge.target in places:
            targets[places[edge.source]].append((places[edge.target], edge))
    lanes = _choose_lanes({source: _rows_of(source, each) for source, each in targets.items()})
    for source, each in sorted(targets.items()):
        yield Branch(source, lanes[source], tuple(sorted(each, key=lambda target: target[0])))


def _rows_of(source: int, targets: Sequence[tuple[int, ProvenanceEdge]]) -> tuple[int, int]:
    rows = [source, *(row for row, _ in targets)]
    return min(rows), max(rows)


def _choose_lanes(spans: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """Returns the lane of each source: short branches next to the rows, none upon another."""
    taken: list[list[tuple[int, int]]] = []
    lanes: dict[int, int] = {}
    by_length = sorted(spans, key=lambda each: (spans[each][1] - spans[each][0], each))
    for source in by_length:
        first, last = spans[source]
        lane = next(
            (
                number
                for number, others in enumerate(taken)
                if all(last < start or end < first for start, end in others)
            ),
            len(taken),
        )
        if lane == len(taken):
            taken.append([])
        taken[lane].append((first, last))
        lanes[source] = lane
    return lanes
