"""Says how an outlet stands: its judged state, its last days, and its usual week. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

from storage.health.assessment import Health
from storage.health.days import HealthDay
from storage.records import Run
from web.charts.day_bars import DayBar, DayState

CHART_DAYS = 30
BASELINE_WEEKS = 8
"""The weeks before the last one whose median is the usual week."""
HISTORY_DAYS = 7 * (BASELINE_WEEKS + 1)
_MIN_READ_DAYS = 5
"""A week counts if the outlet was read on so many of its days."""
_MIN_UNREAD_AGE = timedelta(days=1)
_MAX_MISSED_PAUSES = 3


class ShownState(StrEnum):
    """The state of an outlet on the board, worst first."""

    BROKEN = "broken"
    DEGRADED = "degraded"
    NOT_READ = "not read"
    QUIET = "quiet"
    OK = "ok"


STATES = tuple(ShownState)


def show_state(
    health: Health | None,
    last_run: Run | None,
    every: timedelta | None,
    now: datetime,
    *,
    is_chosen: bool = True,
) -> ShownState:
    """Returns the state to show.

    A state that was judged long ago says nothing of today: an outlet without a run for three of its
    pauses, and for a day at least, is not read. `now`: when any outlet was last read. `is_chosen`:
    whether the settings choose the outlet; another one is not read either.
    """
    if health is None or last_run is None or not is_chosen:
        return ShownState.NOT_READ
    longest_pause = max(_MIN_UNREAD_AGE, _MAX_MISSED_PAUSES * (every or timedelta(0)))
    if now - (last_run.ended_at or last_run.started_at) > longest_pause:
        return ShownState.NOT_READ
    return ShownState(health.state.value)


def make_days(days: Iterable[HealthDay], last: date, count: int = CHART_DAYS) -> tuple[DayBar, ...]:
    """Returns the `count` days up to `last`, oldest first; days without runs are not read."""
    by_day = {each.day: each for each in days}
    wanted = (last - timedelta(days=back) for back in range(count - 1, -1, -1))
    return tuple(_make_day(day, by_day.get(day)) for day in wanted)


def _make_day(day: date, sums: HealthDay | None) -> DayBar:
    if sums is None:
        return DayBar(day=day, state=DayState.NOT_READ, runs=0, failed=0, new=0)
    if sums.runs and sums.bad == sums.runs:
        state = DayState.FAILED
    else:
        state = DayState.READ if sums.seen or sums.new else DayState.NOT_READ
    return DayBar(day=day, state=state, runs=sums.runs, failed=sums.bad, new=sums.new)


def sum_week(days: Iterable[HealthDay], last: date) -> int:
    """Returns the new articles of the seven days up to `last`."""
    return sum(each.new for each in days if timedelta(0) <= last - each.day < timedelta(days=7))


def usual_week(days: Iterable[HealthDay], last: date) -> float | None:
    """Returns the median of the new articles of the earlier weeks; None if no week was read."""
    weeks: dict[int, list[HealthDay]] = {}
    for each in days:
        weeks.setdefault((last - each.day).days // 7, []).append(each)
    sums = [
        sum(each.new for each in week)
        for number, week in weeks.items()
        if 1 <= number <= BASELINE_WEEKS and _is_read(week)
    ]
    return median(sums) if sums else None


def _is_read(week: Sequence[HealthDay]) -> bool:
    return sum(each.seen > 0 for each in week) >= _MIN_READ_DAYS


def last_read_at(runs: Mapping[str, Run], now: datetime) -> datetime:
    """Returns when any outlet was last read; now if none ever was, or if a run goes on."""
    ends = [each.ended_at or now for each in runs.values() if each.kind == "crawl"]
    return min(now, max(ends, default=now))


def format_pause(every: timedelta | None) -> str:
    """Returns a cadence in words: every 15 min, every 2 h, every day; "" if there is none."""
    if not every:
        return ""
    for unit, one, short in ((timedelta(days=1), "day", "d"), (timedelta(hours=1), "hour", "h")):
        if every % unit == timedelta(0):
            number = every // unit
            return f"every {one}" if number == 1 else f"every {number} {short}"
    return f"every {every / timedelta(minutes=1):g} min"
