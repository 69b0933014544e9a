"""Shows how much later than the agency each outlet carries reports: the median delay, as a range."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storage.browsing.days import latest_day
from storage.errors import InvalidRequest
from storage.reports.delays import DelayRange, to_seconds
from storage.reports.latency import Latency, load_latencies
from storage.reports.working_out import load_lag
from web.charts.latency_lanes import Lane, least_of
from web.page import Page, Query
from web.pages import filters
from web.parameters import Parameter, ParameterKind

DEFAULT_DAYS = 30
MAX_DAYS = 400
_PERIODS = (("month", 30), ("quarter", 91), ("year", 365))


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRow:
    """The delays of an outlet, in seconds; None is an end that is not known.

    `reports`: how many it carried. `ranges_known`: of how many both ends are known by polls. The
    median lies between `median_more_than_seconds` and `median_less_than_seconds` by polls, and
    between the other two by the times that both outlets state. `manners`: the number of reports in
    each manner.
    """

    outlet: str
    title: str
    reports: int
    ranges_known: int
    median_more_than_seconds: float | None
    median_less_than_seconds: float | None
    median_may_be_earlier: bool | None
    median_stated_seconds: float | None
    median_stated_more_than_seconds: float | None
    median_stated_less_than_seconds: float | None
    manners: Mapping[str, int]

    @property
    def polled(self) -> str:
        """The median by polls, in words."""
        return _range(self.median_more_than_seconds, self.median_less_than_seconds).as_words()

    @property
    def stated(self) -> str:
        """The median by stated times, in words."""
        low, high = self.median_stated_more_than_seconds, self.median_stated_less_than_seconds
        return _range(low, high).as_rounded_words()

    @property
    def lane(self) -> Lane:
        """The values of the chart, in minutes."""
        return Lane(
            manner=max(self.manners, key=lambda each: self.manners[each], default="derived"),
            low=_minutes(self.median_more_than_seconds),
            high=_minutes(self.median_less_than_seconds),
            stated_low=_minutes(self.median_stated_more_than_seconds),
            stated_high=_minutes(self.median_stated_less_than_seconds),
            stated=_minutes(self.median_stated_seconds),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """The delays of the reports with an article from `since` to `until`, both included.

    `outlets`: the quickest first, those of whom nothing is known last. `worked_out_until`: changes
    after this time are not worked out yet; None: all are.
    """

    since: date
    until: date
    outlets: tuple[LatencyRow, ...]
    worked_out_until: datetime | None

    @property
    def least(self) -> float:
        """Where the scale begins, in minutes."""
        return least_of(each.lane for each in self.outlets)

    def periods(self) -> tuple[tuple[str, date, bool], ...]:
        """Returns the periods to choose from: name, first day, whether it is shown now."""
        return tuple(
            (name, first := self.until - timedelta(days=days - 1), first == self.since)
            for name, days in _PERIODS
        )


def load(query: Query) -> Latencies:
    """Reads the delays. Raises InvalidRequest for a period that is empty or too long."""
    since, until = _choose_period(query)
    database = query.database
    found = load_latencies(
        database,
        since=filters.start_of_day(since),
        until=filters.start_of_day(until + timedelta(days=1)),
    )
    return Latencies(
        since=since,
        until=until,
        outlets=tuple(_make_row(each, query.outlet(each.outlet).title) for each in found),
        worked_out_until=database.read(load_lag).worked_out_until,
    )


def _choose_period(query: Query) -> tuple[date, date]:
    until = query["until"] or min(latest_day(query.database) or query.now.date(), query.now.date())
    if until.year not in range(1900, 2200):
        raise InvalidRequest(f"there are no reports of {until}")
    since = query["since"] or until - timedelta(days=DEFAULT_DAYS - 1)
    days = (until - since).days + 1
    if not 0 < days <= MAX_DAYS:
        raise InvalidRequest(
            f"a period has 1 to {MAX_DAYS} days: {since} to {until} are {max(days, 0)}"
        )
    return since, until


def _make_row(latency: Latency, title: str) -> LatencyRow:
    counts = sorted(latency.manner_counts.items())
    return LatencyRow(
        outlet=latency.outlet,
        title=title,
        reports=latency.reports,
        ranges_known=latency.bounded_reports,
        median_more_than_seconds=to_seconds(latency.polled.low),
        median_less_than_seconds=to_seconds(latency.polled.high),
        median_may_be_earlier=latency.polled.may_be_earlier,
        median_stated_seconds=to_seconds(latency.stated.exact),
        median_stated_more_than_seconds=to_seconds(latency.stated.low),
        median_stated_less_than_seconds=to_seconds(latency.stated.high),
        manners={manner.value: count for manner, count in counts},
    )


def _range(low: float | None, high: float | None) -> DelayRange:
    return DelayRange(
        None if low is None else timedelta(seconds=low),
        None if high is None else timedelta(seconds=high),
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


PAGE = Page(
    name="latency",
    path="/latency",
    summary="How much later than the agency each outlet carries reports: the median, as a range.",
    template="latency.html",
    model=Latencies,
    load=load,
    parameters=(
        filters.SINCE,
        Parameter(
            name="until",
            kind=ParameterKind.DAY,
            description=f"Only this day (UTC) or earlier; a period has at most {MAX_DAYS} days.",
        ),
    ),
    section="/reports",
)
