"""How much later than the agency each outlet is, as ranges that the looks at both sides allow. Pure.

An article of the agency appeared within (a0, a1], the outlet's within (b0, b1]: the delay is more than
b0 - a1 and less than b1 - a0. Where a side's last look without it is not known, that end of the range
is open. The median delay of an outlet lies between the medians of both ends, whatever the truth
within each range (both are monotone in it).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from storage.reports.carriage import Carried, Manner, Report


@dataclass(frozen=True, slots=True)
class Delay:
    """More than `low`, less than `high`; None: open. `stated`: by what both say of themselves."""

    low: timedelta | None
    high: timedelta | None
    stated: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The delays of an outlet to the agency. `reports`: of how many reports; `known`: of how many of
    these both ends of the range are known. `low` and `high` hold the median; None: open.
    `stated`: the median by the times that both state.
    """

    outlet: str
    reports: int
    known: int
    low: timedelta | None
    high: timedelta | None
    stated: timedelta | None
    manners: dict[Manner, int]


def latencies(reports: Iterable[Report]) -> list[Latency]:
    """By outlet, those that are first on top; the agency's own outlets that have originals are left out."""
    delays: defaultdict[str, list[Delay]] = defaultdict(list)
    manners: defaultdict[str, dict[Manner, int]] = defaultdict(dict)
    for report in reports:
        if not report.agency:
            continue
        for name, each in report.by_outlet().items():
            if each.manner is Manner.ORIGINAL:
                continue
            delays[name].append(delay(report.original, _first(report, name)))
            counts = manners[name]
            counts[each.manner] = counts.get(each.manner, 0) + 1
    found = [_latency(name, some, manners[name]) for name, some in delays.items()]
    return sorted(found, key=lambda each: (each.high or timedelta.max, each.outlet))


def delay(original: Carried, later: Carried) -> Delay:
    """How much later the one appeared than the other."""
    stated = later.stated - original.stated if later.stated and original.stated else None
    return Delay(
        later.after - original.seen if later.after else None,
        later.seen - original.after if original.after else None,
        stated,
    )


def _first(report: Report, outlet: str) -> Carried:
    own = [each for each in report.carried if each.outlet == outlet]
    return min(own, key=lambda each: (each.seen, each.article))


def _latency(name: str, delays: Sequence[Delay], manners: dict[Manner, int]) -> Latency:
    stated = [each.stated for each in delays if each.stated is not None]
    return Latency(
        outlet=name,
        reports=len(delays),
        known=sum(each.low is not None and each.high is not None for each in delays),
        low=_middle([each.low for each in delays], timedelta.min),
        high=_middle([each.high for each in delays], timedelta.max),
        stated=_median(stated) if stated else None,
        manners=manners,
    )


def _middle(ends: Sequence[timedelta | None], open_end: timedelta) -> timedelta | None:
    """The median, where an open end lies beyond all; None if the median is one of these."""
    ordered = sorted(open_end if end is None else end for end in ends)
    half = len(ordered) // 2
    pair = ordered[half - (len(ordered) % 2 == 0) : half + 1]
    return None if open_end in pair else _median(pair)


def _median(values: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(value.total_seconds() for value in values))
