"""Computes how much later than the agency each outlet publishes, as a range. No I/O.

The agency's article appeared within (a0, a1], the outlet's article within (b0, b1]. So the delay is
more than b0 - a1 and less than b1 - a0. If b0 is not known, the lower end is open; if a0 is not
known, the upper end is open. The median is monotone in each delay. Therefore the median delay of an
outlet lies between the median of the lower ends and the median of the upper ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from storage.reports.carriage import CarriageManner, CarryingArticle, Report


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay of more than `low` and less than `high`; None: the end is open.

    `stated`: the difference of the times that both outlets state; None if one states none.
    """

    low: timedelta | None
    high: timedelta | None
    stated: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The delays of an outlet relative to the agency.

    `reports`: the number of reports. `bounded_reports`: how many of these have a range with both
    ends known. The median delay lies between `low` and `high`; None: the end is open. `stated`: the
    median of the stated delays. `manner_counts`: the number of reports in each manner.
    """

    outlet: str
    reports: int
    bounded_reports: int
    low: timedelta | None
    high: timedelta | None
    stated: timedelta | None
    manner_counts: dict[CarriageManner, int]


def compute_latencies(reports: Iterable[Report]) -> list[Latency]:
    """Returns one row for each outlet, by the upper end of the median delay; open ends last.

    Only reports with an original by the agency count, and not for the outlet of the original. The
    delay is that of the outlet's first article, the manner that of its closest article.
    """
    delays: defaultdict[str, list[Delay]] = defaultdict(list)
    manners: defaultdict[str, dict[CarriageManner, int]] = defaultdict(dict)
    for report in reports:
        if not report.has_agency_original:
            continue
        for name, each in report.closest_by_outlet().items():
            if each.manner is CarriageManner.ORIGINAL:
                continue
            delays[name].append(compute_delay(report.original, _first_article(report, name)))
            counts = manners[name]
            counts[each.manner] = counts.get(each.manner, 0) + 1
    latencies = [
        _outlet_latency(name, outlet_delays, manners[name])
        for name, outlet_delays in delays.items()
    ]
    return sorted(latencies, key=lambda each: (each.high or timedelta.max, each.outlet))


def compute_delay(original: CarryingArticle, later: CarryingArticle) -> Delay:
    """Returns how much later than the original the other article appeared."""
    stated = (
        later.stated_at - original.stated_at if later.stated_at and original.stated_at else None
    )
    return Delay(
        later.appeared_after - original.appeared_by if later.appeared_after else None,
        later.appeared_by - original.appeared_after if original.appeared_after else None,
        stated,
    )


def _first_article(report: Report, outlet: str) -> CarryingArticle:
    outlet_articles = [each for each in report.articles if each.outlet == outlet]
    return min(outlet_articles, key=lambda each: (each.appeared_by, each.article_id))


def _outlet_latency(
    name: str, delays: Sequence[Delay], manners: dict[CarriageManner, int]
) -> Latency:
    stated = [each.stated for each in delays if each.stated is not None]
    return Latency(
        outlet=name,
        reports=len(delays),
        bounded_reports=sum(each.low is not None and each.high is not None for each in delays),
        low=_median_end([each.low for each in delays], timedelta.min),
        high=_median_end([each.high for each in delays], timedelta.max),
        stated=_median_timedelta(stated) if stated else None,
        manner_counts=manners,
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
