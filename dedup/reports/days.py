"""Groups the articles of one day into reports, given the reports of the days before.

The reports of a day depend on the articles of that day and on the reports of the `OPEN_DAYS` days
before it. A report that was made on an earlier day never merges with another one, so its number can
be cited. A change on one day changes later days only as long as their reports come out differently.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from dedup.reports.cues import Cues
from dedup.reports.reports import chronological_key, report_similarity

OPEN_DAYS = 3
"""A report can grow on this many days after the day of its last article."""

_PYONGYANG = timezone(timedelta(hours=9))
_CUT = 0.5
_NEVER = -np.inf


def report_day(at: datetime) -> date:
    """Returns the day in Pyongyang (UTC+9) of an aware time.

    North Korea's media print in the early morning there, and the world repeats it on the same day.
    """
    return at.astimezone(_PYONGYANG).date()


def place_day(open_reports: Sequence[Sequence[Cues]], arrivals: Sequence[Cues]) -> list[list[Cues]]:
    """Returns the groups after a day: the open ones, some of them grown, then the new ones.

    `open_reports`: the groups that the days before have made, each with its members of the last
    `OPEN_DAYS` days. `arrivals`: the dated articles of the day. The group at position i of
    `open_reports` is at position i of the result and has all its members. The order of `arrivals`
    and of the members of a group changes nothing.
    """
    groups = [sorted(group, key=chronological_key) for group in open_reports]
    groups += [[each] for each in sorted(arrivals, key=chronological_key)]
    similarities = _mean_similarities(groups, len(open_reports))
    sizes = np.array([len(group) for group in groups], np.float64)
    while len(groups) and (best := similarities.max()) >= _CUT:
        one, two = (int(i) for i in np.argwhere(similarities == best)[0])
        _merge(similarities, sizes, one, two)
        groups[one] += groups[two]
        groups[two] = []
        if one < len(open_reports):
            similarities[one, : len(open_reports)] = _NEVER
            similarities[: len(open_reports), one] = _NEVER
    return [group for group in groups if group]


def _mean_similarities(groups: Sequence[Sequence[Cues]], open_count: int) -> NDArray[np.float64]:
    count = len(groups)
    means = np.full((count, count), _NEVER)
    for two in range(open_count, count):
        for one in range(two):
            pairs = [_score(a, b) for a in groups[one] for b in groups[two]]
            means[one, two] = means[two, one] = sum(pairs) / len(pairs)
    return means


def _merge(
    similarities: NDArray[np.float64], sizes: NDArray[np.float64], one: int, two: int
) -> None:
    merged = (similarities[one] * sizes[one] + similarities[two] * sizes[two]) / (
        sizes[one] + sizes[two]
    )
    similarities[one] = similarities[:, one] = merged
    similarities[one, one] = _NEVER
    similarities[two] = similarities[:, two] = _NEVER
    sizes[one] += sizes[two]


def _score(a: Cues, b: Cues) -> float:
    return min(report_similarity(a, b), 2.0) / 2
