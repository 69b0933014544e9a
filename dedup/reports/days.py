"""Groups the articles of one day into reports, given the reports of the days before.

The reports of a day depend on the articles of that day and on the reports of the `OPEN_DAYS` days
before it. A report that was made on an earlier day never merges with another one, so its number can
be cited. A change on one day changes later days only as long as their reports come out differently.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from dedup.records import Document
from dedup.reports.cues import Cues
from dedup.reports.learned_weights import MIN_PROBABILITY
from dedup.reports.linkage import link_by_average
from dedup.reports.similarity import compare

OPEN_DAYS = 3
"""A report can grow on this many days after the day of its last article."""

_PYONGYANG = timezone(timedelta(hours=9))


def report_day(at: datetime) -> date:
    """Returns the day in Pyongyang (UTC+9) of an aware time.

    North Korea's media print in the early morning there, and the world repeats it on the same day.
    """
    return at.astimezone(_PYONGYANG).date()


def chronological_key(item: Cues | Document) -> tuple[bool, float, int, str]:
    """Returns the sort key for comparing articles: by publication time, undated ones last."""
    at = item.published_at
    return at is None, at.timestamp() if at else 0.0, item.rank, item.uid


def place_day(open_reports: Sequence[Sequence[Cues]], arrivals: Sequence[Cues]) -> list[list[Cues]]:
    """Returns the groups after a day: the open ones, some of them grown, then the new ones.

    `open_reports`: the groups that the days before have made, each with its members of the last
    `OPEN_DAYS` days. `arrivals`: the dated articles of the day. The group at position i of
    `open_reports` is at position i of the result and has all its members. The order of `arrivals`
    and of the members of a group changes nothing; of groups, it changes the positions only.
    """
    if not arrivals:
        return [list(group) for group in open_reports]
    order = sorted(
        range(len(open_reports)), key=lambda i: min(map(chronological_key, open_reports[i]))
    )
    groups = [sorted(open_reports[i], key=chronological_key) for i in order]
    items = sorted(arrivals, key=chronological_key)
    labels = link_by_average(
        _mean_by_group(items, groups),
        np.array([len(group) for group in groups], np.int64),
        compare(items, items).astype(np.float64),
        MIN_PROBABILITY,
    )
    grown: dict[int, list[Cues]] = {number: list(group) for number, group in enumerate(groups)}
    for item, label in zip(items, labels.tolist(), strict=True):
        grown.setdefault(label, []).append(item)
    given = {order[number]: grown.pop(number) for number in range(len(groups))}
    return [*(given[i] for i in range(len(groups))), *(grown[label] for label in sorted(grown))]


def iter_days(articles: Iterable[Cues]) -> Iterator[list[list[Cues]]]:
    """Yields the finished groups of articles that come sorted by `chronological_key`.

    Groups are yielded as soon as no later day can add to them. Undated articles are groups of one.
    """
    open_groups: list[list[Cues]] = []
    arrivals: list[Cues] = []
    for article in articles:
        if article.published_at is None:
            yield [[article]]
            continue
        day = report_day(article.published_at)
        if arrivals and arrivals[0].published_at and report_day(arrivals[0].published_at) != day:
            open_groups = _place(open_groups, arrivals)
            arrivals = []
            finished = [group for group in open_groups if not _is_open(group, day)]
            open_groups = [group for group in open_groups if _is_open(group, day)]
            yield finished
        arrivals.append(article)
    yield _place(open_groups, arrivals)


def _place(groups: Sequence[list[Cues]], arrivals: Sequence[Cues]) -> list[list[Cues]]:
    """Returns the groups after a day; members that are older than the open days stay in them."""
    if not arrivals or arrivals[0].published_at is None:
        return list(groups)
    first = report_day(arrivals[0].published_at) - timedelta(days=OPEN_DAYS)
    recent = [[each for each in group if _day(each) >= first] for group in groups]
    older = [[each for each in group if _day(each) < first] for group in groups]
    grown = place_day(recent, arrivals)
    return [*map(list.__add__, older, grown), *grown[len(groups) :]]


def _is_open(group: Sequence[Cues], day: date) -> bool:
    return max(map(_day, group)) >= day - timedelta(days=OPEN_DAYS)


def _day(article: Cues) -> date:
    assert article.published_at is not None  # undated articles are never in a group with others
    return report_day(article.published_at)


def _mean_by_group(items: Sequence[Cues], groups: Sequence[Sequence[Cues]]) -> NDArray[np.float64]:
    """Returns the mean probability of each item with the members of each group."""
    if not groups:
        return np.zeros((len(items), 0))
    members = [each for group in groups for each in group]
    starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
    sizes = np.array([len(group) for group in groups])
    pairs = compare(items, members).astype(np.float64)
    return np.asarray(np.add.reduceat(pairs, starts, axis=1) / sizes)
