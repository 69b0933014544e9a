"""Shows how many articles and stories each day has, by outlet, and the days on which nobody looked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from storage.browsing.days import latest_day
from storage.errors import InvalidRequest
from storage.totals.search_timeline import load_search_timeline
from storage.totals.timeline import MAX_DAYS, DayReading, OutletTimeline, Timeline, load_timeline
from storage.wording.numbers import format_count
from web.charts.stacked_days import Series, nice_top, tick_numbers
from web.marks import format_day
from web.page import Page, Query
from web.pages import filters
from web.parameters import Parameter, ParameterKind

TOP_OUTLETS = 7
LENGTHS = (("week", 7), ("month", 30), ("quarter", 91), ("year", 365))
DEFAULT_DAYS = 91
YEARS = range(1900, 2200)
MAX_TABLE_DAYS = 100
"""Longer periods have a row a month in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletDays:
    """The days of an outlet. `stories`: those whose first article of this outlet is of the day."""

    outlet: str
    title: str
    total: int
    articles: tuple[int, ...]
    stories: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of the table: a day, or the days of a month."""

    since: date
    until: date
    numbers: tuple[int, ...]
    total: int
    stories: int
    read_days: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysPage:
    """Articles a day (UTC), from `since` to `until`, both included.

    All tuples have one number for each of `days`. `outlets`: those with the most articles, the most
    first, then `others` together; of a search: its hits. `stories`: of all outlets, each counted
    for itself; None for a search. `readings`: whether any of the outlets gave an answer on the day;
    if not, nothing is known of what they printed. `counted_since`: the first day whose hits were
    counted; earlier ones are not, because the search took too long.
    """

    since: date
    until: date
    days: tuple[date, ...]
    total: int
    articles: tuple[int, ...]
    stories: tuple[int, ...] | None
    readings: tuple[DayReading, ...]
    outlets: tuple[OutletDays, ...]
    outlet_count: int
    counted_since: date

    @property
    def series(self) -> tuple[Series, ...]:
        """The layers of the chart, the lowest first."""
        return tuple(Series(name=each.title, numbers=each.articles) for each in self.outlets)

    @property
    def unread(self) -> tuple[bool, ...]:
        """Whether nobody looked, for each day."""
        return tuple(each is not DayReading.READ for each in self.readings)

    @property
    def ticks(self) -> tuple[int, ...]:
        """The numbers of the scale, the highest first."""
        return tick_numbers(nice_top(max([0, *self.articles, *(self.stories or ())])))

    @property
    def length(self) -> timedelta:
        """How long the period is."""
        return timedelta(days=len(self.days))

    @property
    def one_day(self) -> timedelta:
        """A day, for links to the periods beside this one."""
        return timedelta(days=1)

    @property
    def middle(self) -> date:
        """The day in the middle of the chart."""
        return self.days[len(self.days) // 2]

    @property
    def label(self) -> str:
        """What the chart says, in a sentence."""
        unread = sum(self.unread)
        most = max(self.articles)
        day = self.days[self.articles.index(most)]
        return (
            f"Articles a day from {format_day(self.since)} to {format_day(self.until)}:"
            f" {self.total:,} in all, at most {most:,} on {format_day(day)};"
            f" {format_count(unread, 'day')} on which nobody looked. The table has the figures."
        )

    def zooms(self) -> Iterator[tuple[str, date, bool]]:
        """Yields the lengths to zoom to: name, first day, and whether it is shown now."""
        for name, count in LENGTHS:
            yield name, self.until - timedelta(days=count - 1), len(self.days) == count

    def table(self) -> tuple[TableRow, ...]:
        """Returns the rows of the table, the latest first."""
        is_long = len(self.days) > MAX_TABLE_DAYS
        groups: dict[Any, list[int]] = {}
        for place, day in enumerate(self.days):
            groups.setdefault((day.year, day.month) if is_long else day, []).append(place)
        return tuple(self._make_row(places) for places in reversed(groups.values()))

    def _make_row(self, places: Sequence[int]) -> TableRow:
        def total(numbers: Sequence[int]) -> int:
            return sum(numbers[place] for place in places)

        return TableRow(
            since=self.days[places[0]],
            until=self.days[places[-1]],
            numbers=tuple(total(each.articles) for each in self.outlets),
            total=total(self.articles),
            stories=total(self.stories) if self.stories is not None else 0,
            read_days=sum(not self.unread[place] for place in places),
            days=len(places),
        )


def load(query: Query) -> DaysPage:
    """Reads the days. Raises InvalidRequest for a period that is empty or too long."""
    since, until = _choose_period(query)
    outlet, words, levels = query["outlet"], query["q"], filters.read_levels(query)
    timeline = load_timeline(
        query.database,
        since,
        until + timedelta(days=1),
        outlets=[outlet] if outlet else None,
        statement_levels=levels,
    )
    readings = tuple(map(_join_readings, zip(*(o.readings for o in timeline.outlets), strict=True)))
    readings = readings or (DayReading.UNREAD,) * len(timeline.days)
    if words:
        return _load_search(query, timeline, readings, levels)
    rows = _top_outlets(query, timeline)
    articles = timeline.articles() or (0,) * len(timeline.days)
    stories = [sum(day) for day in zip(*(o.stories for o in timeline.outlets), strict=True)]
    return DaysPage(
        since=since,
        until=until,
        days=timeline.days,
        total=sum(articles),
        articles=articles,
        stories=tuple(stories) or (0,) * len(timeline.days),
        readings=readings,
        outlets=rows,
        outlet_count=sum(any(each.articles) for each in timeline.outlets),
        counted_since=since,
    )


def _load_search(
    query: Query,
    timeline: Timeline,
    readings: tuple[DayReading, ...],
    levels: Sequence[str] | None,
) -> DaysPage:
    days = timeline.days
    found = load_search_timeline(
        query.database,
        query["q"],
        days[0],
        days[-1] + timedelta(days=1),
        outlet=query["outlet"],
        statement_levels=levels,
    )
    total = sum(found.hits)
    hits = OutletDays(outlet="", title="hits", total=total, articles=found.hits, stories=())
    return DaysPage(
        since=days[0],
        until=days[-1],
        days=days,
        total=total,
        articles=found.hits,
        stories=None,
        readings=readings,
        outlets=(hits,),
        outlet_count=0,
        counted_since=found.counted_since,
    )


def _choose_period(query: Query) -> tuple[date, date]:
    """Returns the first and the last day. The default is the quarter up to the latest article."""
    since, until = query["since"], query["until"]
    for day in (since, until):
        if day is not None and day.year not in YEARS:
            raise InvalidRequest(f"a timeline is of the years {YEARS[0]} to {YEARS[-1]}, not {day}")
    if until is None:
        last = latest_day(query.database) or query.now.date()
        until = (
            min(last, query.now.date()) if since is None else since + timedelta(DEFAULT_DAYS - 1)
        )
    if since is None:
        since = until - timedelta(days=DEFAULT_DAYS - 1)
    if since > until:
        raise InvalidRequest(f"the first day, {since}, is after the last, {until}")
    return since, until


def _top_outlets(query: Query, timeline: Timeline) -> tuple[OutletDays, ...]:
    by_total = sorted(
        (each for each in timeline.outlets if any(each.articles)),
        key=lambda each: (-sum(each.articles), each.outlet),
    )
    # One more instead of "others" for a single outlet.
    count = TOP_OUTLETS if len(by_total) > TOP_OUTLETS + 1 else TOP_OUTLETS + 1
    rows = [
        _make_outlet(each.outlet, query.outlet(each.outlet).title, [each])
        for each in by_total[:count]
    ]
    if rest := by_total[count:]:
        rows.append(_make_outlet("", f"{len(rest):,} others", rest))
    return tuple(rows)


def _make_outlet(name: str, title: str, timelines: Sequence[OutletTimeline]) -> OutletDays:
    articles = tuple(map(sum, zip(*(each.articles for each in timelines), strict=True)))
    stories = tuple(map(sum, zip(*(each.stories for each in timelines), strict=True)))
    return OutletDays(
        outlet=name, title=title, total=sum(articles), articles=articles, stories=stories
    )


def _join_readings(readings: Sequence[DayReading]) -> DayReading:
    """Returns how a day was read: any answer counts, then any try."""
    order = (DayReading.READ, DayReading.FAILED, DayReading.UNREAD)
    return next(each for each in order if each in readings)


PAGE = Page(
    name="timeline",
    path="/timeline",
    summary="Articles and stories a day, by outlet, and the days on which nobody looked.",
    template="timeline.html",
    model=DaysPage,
    load=load,
    parameters=(
        Parameter(name="q", description="Only articles with these words."),
        filters.OUTLET,
        filters.LEVEL,
        filters.SINCE,
        Parameter(
            name="until",
            kind=ParameterKind.DAY,
            description=f"Only this day (UTC) or earlier; a timeline has at most {MAX_DAYS} days.",
        ),
    ),
    section="/timeline",
)
