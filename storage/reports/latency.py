"""Computes how much later than the agency each outlet publishes, as a range. No I/O.

The agency's article appeared within (a0, a1], the outlet's article within (b0, b1]. So the delay is
more than b0 - a1 and less than b1 - a0. If b0 is not known, the lower end is open; if a0 is not
known, the upper end is open. The stated times are ranges too: a minute, or a whole day where only a
date is printed. The median is monotone in each delay. Therefore the median delay of an outlet lies
between the median of the lower ends and the median of the upper ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from storage.reports.carriage import CarryingArticle, Report
from storage.reports.delays import DelayRange, compute_polled_delay, compute_stated_delay
from storage.reports.manners import CarriageManner


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


def compute_latencies(reports: Iterable[Report]) -> list[Latency]:
    """Returns one row for each outlet, by the upper end of the median delay; open ends last.

    Only reports with an original by the agency count, and not for the outlet of the original. The
    delay is that of the outlet's first article, the manner that of its closest article.
    """
    pairs: defaultdict[str, list[tuple[CarryingArticle, CarryingArticle]]] = defaultdict(list)
    manners: defaultdict[str, dict[CarriageManner, int]] = defaultdict(dict)
    for report in reports:
        if not report.has_agency_original:
            continue
        for name, each in report.closest_by_outlet().items():
            if name == report.lead.outlet:
                continue
            pairs[name].append((report.lead, _first_article(report, name)))
            counts = manners[name]
            counts[each.manner] = counts.get(each.manner, 0) + 1
    latencies = [
        _outlet_latency(name, outlet_pairs, manners[name]) for name, outlet_pairs in pairs.items()
    ]
    return sorted(latencies, key=_by_upper_end)


def _by_upper_end(latency: Latency) -> tuple[timedelta, str]:
    high = latency.polled.high
    return (timedelta.max if high is None else high), latency.outlet


def _first_article(report: Report, outlet: str) -> CarryingArticle:
    outlet_articles = [each for each in report.articles if each.outlet == outlet]
    return min(outlet_articles, key=lambda each: (each.appeared_by, each.article_id))


def _outlet_latency(
    name: str,
    pairs: Sequence[tuple[CarryingArticle, CarryingArticle]],
    manners: dict[CarriageManner, int],
) -> Latency:
    appearances = [(first.appearance, later.appearance) for first, later in pairs]
    polled = [compute_polled_delay(*each) for each in appearances]
    stated = [compute_stated_delay(*each) for each in appearances]
    return Latency(
        outlet=name,
        reports=len(pairs),
        bounded_reports=sum(each.low is not None and each.high is not None for each in polled),
        polled=_median_range(polled),
        stated=_median_range([each for each in stated if each != DelayRange()]),
        manner_counts=manners,
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
