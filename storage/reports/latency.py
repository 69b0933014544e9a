"""Computes how much later than the agency each outlet publishes, as a range.

The agency's article appeared within (a0, a1], the outlet's article within (b0, b1]. So the delay is
more than b0 - a1 and less than b1 - a0. If b0 is not known, the lower end is open; if a0 is not
known, the upper end is open. The stated times are ranges too: a minute, or a whole day where only a
date is printed. The median is monotone in each delay. Therefore the median delay of an outlet lies
between the median of the lower ends and the median of the upper ends.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from storage.engine import TransactionalEngine
from storage.records import TimePrecision
from storage.reports.carriage import CarryingArticle, Report, report_conditions
from storage.reports.delays import (
    DelayRange,
    compute_delay,
    compute_polled_delay,
    compute_stated_delay,
)
from storage.reports.manners import MANNER_RANK, CarriageManner
from storage.reports.origin import Appearance
from storage.stated_time import StatedTime
from storage.tables.articles import article
from storage.tables.columns import AnyRow, AnySelect
from storage.tables.reports import carried, report


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The delays of an outlet relative to the agency.

    `reports`: the number of reports. `bounded_reports`: how many of these have a range by polls
    with both ends known. `polled`: the range of the median delay by polls. `stated`: the range of
    the median delay by the times that both outlets state. `manner_counts`: the number of reports in
    each manner.
    """

    outlet: str
    reports: int
    bounded_reports: int
    polled: DelayRange
    stated: DelayRange
    manner_counts: dict[CarriageManner, int]

    @property
    def is_known(self) -> bool:
        """Whether any end of the two ranges is known."""
        ends = (self.polled.low, self.polled.high, self.stated.low, self.stated.high)
        return any(end is not None for end in ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletDelays:
    """How much later than the agency an outlet carried each report, in ranges.

    `delays`: one for each report. `median`: the range in which their median lies. `undated`: the
    reports that are left out, since the outlet or the agency states no time and no poll went before.
    """

    outlet: str
    delays: tuple[DelayRange, ...]
    median: DelayRange
    undated: int


def compute_latencies(reports: Iterable[Report]) -> list[Latency]:
    """Returns one row for each outlet, by the upper end of the median delay; open ends last.

    Only reports with an original by the agency count, and not for the outlet of the original. The
    delay is that of the outlet's first article, the manner that of its closest article.
    """
    carriages: defaultdict[str, list[_Carriage]] = defaultdict(list)
    for each in reports:
        if not each.has_agency_original:
            continue
        for name, closest in each.closest_by_outlet().items():
            if name != each.lead.outlet:
                first = _first_article(each, name)
                carriages[name].append(
                    _Carriage(each.lead.appearance, first.appearance, closest.manner)
                )
    return _summarise(carriages)


def load_latencies(
    database: TransactionalEngine,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    min_outlets: int = 2,
) -> list[Latency]:
    """Returns what `compute_latencies` returns of the reports that `load_carriage` loads.

    Reads the kept reports without titles and URLs, so a month takes a fraction of the time. The
    arguments are those of `load_carriage`. Raises StorageError.
    """
    conditions = report_conditions(
        since=since, until=until, min_outlets=min_outlets, agency_only=True
    )
    with database.snapshot() as connection:
        return _summarise(_load_carriages(connection, conditions))


def load_delays(
    database: TransactionalEngine,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    min_outlets: int = 2,
) -> list[OutletDelays]:
    """Returns the delay of each outlet behind the agency in each report, as ranges.

    By polls and stated times together. In order of the upper end of the median, open ends last.
    The arguments are those of `load_latencies`. Raises StorageError.
    """
    conditions = report_conditions(
        since=since, until=until, min_outlets=min_outlets, agency_only=True
    )
    with database.snapshot() as connection:
        carriages = _load_carriages(connection, conditions)
    found = [_outlet_delays(name, each) for name, each in carriages.items()]
    return sorted(found, key=lambda each: _by_upper_end(each.median, each.outlet))


def _load_carriages(
    connection: Connection, conditions: Iterable[ColumnElement[bool]]
) -> "Mapping[str, Sequence[_Carriage]]":
    rows = connection.execute(_ROWS_QUERY.where(*conditions)).all()
    leads = {row.report_id: row for row in rows if row.article_id == row.lead_id}
    first: dict[tuple[int, str], AnyRow] = {}
    manners: dict[tuple[int, str], str] = {}
    for row in rows:
        key = row.report_id, row.outlet
        known = first.get(key)
        if known is None or _seniority(_appearance(row), row.article_id) < _seniority(
            _appearance(known), known.article_id
        ):
            first[key] = row
        manners[key] = min(row.manner, manners.get(key, row.manner), key=_RANK_BY_NAME.__getitem__)
    carriages: defaultdict[str, list[_Carriage]] = defaultdict(list)
    appearances = {report_id: _appearance(lead) for report_id, lead in leads.items()}
    for (report_id, name), row in sorted(first.items()):
        if report_id in leads and name != leads[report_id].outlet:
            manner = CarriageManner(manners[report_id, name])
            carriages[name].append(_Carriage(appearances[report_id], _appearance(row), manner))
    return carriages


class _Carriage(NamedTuple):
    """How an outlet carries a report: its first article, and the manner of its closest one."""

    lead: Appearance
    first: Appearance
    manner: CarriageManner


_RANK_BY_NAME = {manner.value: rank for manner, rank in MANNER_RANK.items()}
_ROWS_QUERY: AnySelect = (
    select(
        carried.c.report_id,
        carried.c.article_id,
        report.c.lead_id,
        article.c.outlet,
        *(carried.c[name] for name in ("manner", "appeared_after", "appeared_by")),
        *(carried.c[name] for name in ("stated_at", "stated_precision", "is_zone_known")),
    )
    .join_from(report, carried, carried.c.report_id == report.c.id)
    .join(article, article.c.id == carried.c.article_id)
)


def _appearance(row: AnyRow) -> Appearance:
    stated = None
    if row.stated_at is not None:
        precision = TimePrecision(row.stated_precision)
        stated = StatedTime(row.stated_at, precision, row.is_zone_known)
    return Appearance(row.appeared_after, row.appeared_by, stated)


def _summarise(carriages: Mapping[str, Sequence[_Carriage]]) -> list[Latency]:
    latencies = [_outlet_latency(name, each) for name, each in carriages.items()]
    return sorted(latencies, key=lambda each: _by_upper_end(each.polled, each.outlet))


def _by_upper_end(delay: DelayRange, outlet: str) -> tuple[timedelta, str]:
    return (timedelta.max if delay.high is None else delay.high), outlet


def _outlet_delays(name: str, carriages: Sequence[_Carriage]) -> OutletDelays:
    dated = [each for each in carriages if not (_is_undated(each.lead) or _is_undated(each.first))]
    delays = [compute_delay(each.lead, each.first) for each in dated]
    return OutletDelays(
        outlet=name,
        delays=tuple(each for each in delays if each != DelayRange()),
        median=_median_range([each for each in delays if each != DelayRange()]),
        undated=len(carriages) - len(dated),
    )


def _is_undated(appearance: Appearance) -> bool:
    """Whether only the end of the range is known: that the article is stored says no more."""
    return appearance.range.start is None


def _first_article(report: Report, outlet: str) -> CarryingArticle:
    outlet_articles = [each for each in report.articles if each.outlet == outlet]
    return min(outlet_articles, key=lambda each: _seniority(each.appearance, each.article_id))


def _seniority(appearance: Appearance, article_id: int) -> tuple[datetime, int]:
    """Returns the sort key of the first article of an outlet.

    An import brings all its articles at one time in any order, so the stated times count too.
    """
    return appearance.range.end, article_id


def _outlet_latency(name: str, carriages: Sequence[_Carriage]) -> Latency:
    polled = [compute_polled_delay(each.lead, each.first) for each in carriages]
    stated = [compute_stated_delay(each.lead, each.first) for each in carriages]
    manners = Counter(each.manner for each in carriages)
    return Latency(
        outlet=name,
        reports=len(carriages),
        bounded_reports=sum(each.low is not None and each.high is not None for each in polled),
        polled=_median_range(polled),
        stated=_median_range([each for each in stated if each != DelayRange()]),
        manner_counts=dict(manners),
    )


def _median_range(delays: Sequence[DelayRange]) -> DelayRange:
    if not delays:
        return DelayRange()
    return DelayRange(
        _median_end([each.low for each in delays], timedelta.min),
        _median_end([each.high for each in delays], timedelta.max),
    )


def _median_end(ends: Sequence[timedelta | None], open_end: timedelta) -> timedelta | None:
    """Returns the median, or None if it depends on an open end.

    `open_end` replaces the open ends: a value beyond all others.
    """
    ordered = sorted(open_end if end is None else end for end in ends)
    half = len(ordered) // 2
    pair = ordered[half - (len(ordered) % 2 == 0) : half + 1]
    return None if open_end in pair else _median_timedelta(pair)


def _median_timedelta(values: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(value.total_seconds() for value in values))
