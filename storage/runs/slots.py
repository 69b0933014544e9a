"""Computes when an outlet is due: slots that follow from its cadence alone. Pure functions.

A slot is a point in time that every scheduler computes by itself, so two schedulers agree on it.
Times are UTC: cron in local time would run twice in the night when summer time ends.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING, Any
from zlib import crc32
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from storage.backoff import backoff
from storage.errors import InvalidRequest
from storage.records import RunOutcome
from storage.wording.durations import InvalidDurationError, parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import Run

SLOT_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
MIN_INTERVAL, MAX_INTERVAL = timedelta(seconds=30), timedelta(days=31)
NEW_ARTICLES_TO_HALVE, IDLE_RUNS_TO_DOUBLE = (
    3,
    2,
)  # new articles of one run that halve the interval; runs in a row without any that double it
MAX_REFUSED_BACKOFF, MAX_UNREACHABLE_BACKOFF, MAX_RETRY_AFTER = (
    timedelta(days=1),
    timedelta(hours=6),
    timedelta(days=7),
)
MAX_DEFAULT_JITTER = timedelta(minutes=1)
MAX_MISSED_SLOTS = 10_000  # at most so many are counted after a downtime
_WEEKDAYS, _WEEKDAY_DIGITS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat"), tuple("01234567")
_QUIET_HOURS_PATTERN = re.compile(r"(\d\d?:\d\d)\s*-\s*(\d\d?:\d\d)(?:\s+(\S{1,64}))?")


class InvalidScheduleError(InvalidRequest):
    """An interval, cron expression or quiet hours cannot be parsed; the message says why."""


@dataclass(frozen=True, slots=True)
class ScheduleOverride:
    """The operator's values that replace the outlet's declaration; None or "" means as declared."""

    enabled: bool | None = None
    every: timedelta | None = None
    cron: str = ""
    jitter: timedelta | None = None
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of each day in which no run starts, in the local time of a zone."""

    start: time
    end: time
    zone: ZoneInfo

    def contains(self, at: datetime) -> bool:
        """Whether a time lies in the quiet hours."""
        local = at.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def end_after(self, at: datetime) -> datetime:
        """Returns the end (UTC) of the quiet hours that contain `at`."""
        local = at.astimezone(self.zone)
        end = datetime.combine(local.date(), self.end, self.zone)
        if local.time() >= self.end:
            end = datetime.combine(local.date() + timedelta(days=1), self.end, self.zone)
        # A change of summer time may repeat or skip the hour of the end.
        end_utc = end.replace(fold=local.fold).astimezone(UTC)
        while end_utc <= at or self.contains(end_utc):
            end_utc += timedelta(minutes=15)
        return end_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often an outlet is crawled.

    `browser`: the run starts a browser, which needs extra memory. `cron` takes precedence over
    `every`. `between`: the shortest and the longest interval, if the interval adapts to the number
    of new articles. `jitter`: the longest random delay of a run.
    """

    outlet: str
    every: timedelta
    browser: bool = False
    cron: str = ""
    jitter: timedelta | None = None
    quiet: QuietHours | None = None
    between: "tuple[timedelta, ...]" = ()

    def with_override(self, override: ScheduleOverride) -> "Cadence":
        """Returns the cadence with the operator's values; an interval of theirs does not adapt.

        Raises InvalidScheduleError for an override that cannot be parsed (any more).
        """
        changed: dict[str, Any] = {}
        if override.every or override.cron:
            changed = {"cron": override.cron and parse_cron(override.cron), "between": ()}
        if override.every:
            changed["every"] = override.every
        if override.jitter is not None:
            changed["jitter"] = override.jitter
        if override.quiet:
            changed["quiet"] = parse_quiet_hours(override.quiet)
        return replace(self, **changed)

    def level_bounds(self) -> tuple[int, int]:
        """Returns the lowest and the highest level that `between` allows, e.g. (-2, 3).

        A negative level counts halvings of `every`, a positive one counts doublings.
        """
        if not self.between or self.cron or not self.every:
            return 0, 0
        lowest = highest = 0
        while lowest > -8 and self.every * 2.0 ** (lowest - 1) >= self.between[0]:
            lowest -= 1
        while highest < 8 and self.every * 2.0 ** (highest + 1) <= self.between[-1]:
            highest += 1
        return lowest, highest

    def interval(self, level: int = 0) -> timedelta:
        """Returns the time between two slots; for cron the shortest of the first times."""
        if self.cron:
            end = SLOT_EPOCH + timedelta(days=8)
            start = SLOT_EPOCH - timedelta(seconds=1)
            times = takewhile(lambda at: at <= end, islice(CronSim(self.cron, start), 50))
            steps = (later - earlier for earlier, later in pairwise(times))
            return min(steps, default=timedelta(days=1))
        return self.every * 2.0**level

    def max_jitter(self, level: int = 0) -> timedelta:
        """Returns the longest random delay of a run; by default a tenth of the interval."""
        if self.jitter is not None:
            return self.jitter
        return min(MAX_DEFAULT_JITTER, self.interval(level) / 10)

    def latest_slot(self, now: datetime, level: int = 0) -> datetime | None:
        """Returns the latest slot up to `now`; None if a cron expression had none for 50 years."""
        if self.cron:
            # A search back from a whole second leaves that second out.
            return next(CronSim(self.cron, now + timedelta(microseconds=1), reverse=True), None)
        if not self.every:
            return now
        return now - (now - self._first_slot()) % self.interval(level)

    def next_slot(self, now: datetime, level: int = 0) -> datetime | None:
        """Returns the first slot after `now`; None if a cron expression has none."""
        if self.cron:
            return next(CronSim(self.cron, now), None)
        slot = self.latest_slot(now, level)
        return slot + self.interval(level) if slot else None

    def count_missed(self, last: datetime, slot: datetime, level: int = 0) -> int:
        """Counts the slots between `last` and `slot` (both exclusive), without quiet hours."""
        count, next_at = 0, self.next_slot(last, level)
        if not self.cron and not self.quiet and self.every:
            return max(0, min(MAX_MISSED_SLOTS, -(-(slot - last) // self.interval(level)) - 1))
        for _ in range(MAX_MISSED_SLOTS):
            if next_at is None or next_at >= slot or not self.every:
                break
            count += not (self.quiet and self.quiet.contains(next_at))
            next_at = self.next_slot(next_at, level)
        return count

    def _first_slot(self) -> datetime:
        """Returns the first slot of the outlet: SLOT_EPOCH plus an offset from a hash of its name.

        So not all outlets are due at the same time. The slots of a doubled interval are a subset of
        the slots of the single interval.
        """
        widest = self.interval(self.level_bounds()[1]).total_seconds()
        return SLOT_EPOCH + timedelta(seconds=int(widest * crc32(self.outlet.encode()) / 2**32))


def next_run_at(
    cadence: Cadence,
    last_served: datetime | None,
    now: datetime,
    *,
    level: int = 0,
    backoff_until: datetime | None = None,
) -> datetime | None:
    """Returns when the next run is due: `now` if a slot has passed since `last_served`; None for
    never.

    `last_served`: the last taken slot, or the start of the last run. `backoff_until`: no run starts
    before this time. A time within the quiet hours or the backoff is moved to their end.
    """
    slot = cadence.latest_slot(now, level)
    if slot is not None and (last_served is None or last_served < slot):
        due_at: datetime | None = now
    else:
        due_at = cadence.next_slot(now, level)
    for _ in range(2):
        if due_at is not None and backoff_until and due_at < backoff_until:
            due_at = backoff_until
        if due_at is not None and cadence.quiet and cadence.quiet.contains(due_at):
            due_at = cadence.quiet.end_after(due_at)
    return due_at


def parse_interval(text: str) -> timedelta:
    """Parses an interval such as `45s`, `30m`, `2h`, `1d` or `1h30m`.

    Raises InvalidScheduleError, also for less than 30 seconds or more than 31 days.
    """
    try:
        every = parse_duration(text)
    except InvalidDurationError:
        raise InvalidScheduleError(
            f"{text!r} is no interval: write it as 30m, 2h, 1d or 1h30m"
        ) from None
    if not MIN_INTERVAL <= every <= MAX_INTERVAL:
        raise InvalidScheduleError(
            f"{text!r}: an interval is 30 seconds at least and 31 days at most"
        )
    return every


def parse_cron(text: str) -> str:
    """Checks a cron expression of five fields (UTC) and tidies it. Raises InvalidScheduleError.

    It means what it means to Debian's cron (crontab(5)): 0 and 7 are Sunday, a range that runs
    backwards is an error, and `days_are_alternatives` says how the two fields of days combine.
    """
    fields = text.split()
    if len(fields) != 5:
        raise InvalidScheduleError(f"{text!r} is no cron expression: it needs five fields")
    # Older versions read `last` and `-sun`, which cronsim does not know.
    fields[2] = ",".join("L" if day.lower() == "last" else day for day in fields[2].split(","))
    fields[4] = ",".join(_tidy_weekdays(text, days) for days in fields[4].split(","))
    expression = " ".join(fields)
    try:
        CronSim(expression, SLOT_EPOCH)
    except (CronSimError, ValueError) as error:
        raise InvalidScheduleError(
            f"{text!r} is no cron expression: {str(error).lower()}"
        ) from None
    return expression


def days_are_alternatives(expression: str) -> bool:
    """Whether a cron expression is due on the days of the month *and also* on those of the week.

    So crontab(5) has it if neither field begins with a star. Otherwise a day must be in both.
    """
    fields = expression.split()
    return not (fields[2].startswith("*") or fields[4].startswith("*"))


def _tidy_weekdays(expression: str, days: str) -> str:
    """Returns days of the week, such as `fri-sun` or `1-5/2`, as cronsim reads them."""
    first, _, rest = days.partition("-")
    last, slash, step = rest.partition("/")
    start, end = _weekday_number(first), _weekday_number(last)
    if start is None or end is None:
        return days  # a star, one day, or nothing that cronsim accepts
    if last.lower() == "sun" and start:
        last, end = "7", 7
    if start > end:
        every = int(step) if step.isdecimal() else 1
        listed = ",".join(str(day % 7) for day in range(start, end + 8, max(every, 1)))
        raise InvalidScheduleError(
            f"{expression!r} is no cron expression: {days} runs backwards, write {listed}"
        )
    return f"{first}-{last}{slash}{step}"


def _weekday_number(day: str) -> int | None:
    if day.lower() in _WEEKDAYS:
        return _WEEKDAYS.index(day.lower())
    return int(day) if day in _WEEKDAY_DIGITS else None


def parse_quiet_hours(text: str) -> QuietHours:
    """Parses quiet hours such as `23:00-06:00 Asia/Seoul`; the zone defaults to UTC.

    Raises InvalidScheduleError.
    """
    match = _QUIET_HOURS_PATTERN.fullmatch(text.strip())
    if match is None:
        raise InvalidScheduleError(
            f"{text!r} are no quiet hours: write them as '23:00-06:00 Asia/Seoul'"
        )
    try:
        start, end = (time.fromisoformat(part.zfill(5)) for part in match.groups()[:2])
        zone = ZoneInfo(match.group(3) or "UTC")
    except (ValueError, KeyError, OSError) as error:
        raise InvalidScheduleError(f"{text!r} are no quiet hours: {error}") from None
    if start == end:
        raise InvalidScheduleError(
            f"{text!r}: quiet hours that begin when they end leave nothing or all"
        )
    return QuietHours(start, end, zone)


def adapted_level(cadence: Cadence, new_counts: "Sequence[int]") -> int:
    """Returns the level of an adapting interval. `new_counts`: new articles by run, newest first.

    A run with NEW_ARTICLES_TO_HALVE new articles or more halves the interval. IDLE_RUNS_TO_DOUBLE
    runs in a row without any double it. The level stays within `Cadence.level_bounds`.
    """
    lowest, highest = cadence.level_bounds()
    level = idle_runs = 0
    for new_count in reversed(new_counts):
        idle_runs = idle_runs + 1 if new_count == 0 else 0
        if new_count >= NEW_ARTICLES_TO_HALVE:
            level -= 1
        elif idle_runs == IDLE_RUNS_TO_DOUBLE:
            level, idle_runs = level + 1, 0
        level = min(highest, max(lowest, level))
    return level


def compute_backoff(
    runs: "Sequence[Run]", interval: timedelta, now: datetime = _NEVER
) -> datetime | None:
    """Returns the time before which no run starts; None without a backoff. `runs`: newest first.

    `now`: an end later than this was recorded while the clock was ahead, and counts as now.

    Each refusal in a row doubles the wait, up to one day. Each unreachable run in a row does so
    from the third on, up to six hours. The time that the host named (`Retry-After`, RFC 9110) is
    kept, up to one week.
    """
    ended = [run for run in runs if run.outcome and run.ended_at]
    if not ended or ended[0].ended_at is None:
        return None
    end = ended[0].ended_at
    refused_count = _count_leading(ended, RunOutcome.REFUSED)
    # An outage of our own network is no reason to back off from the outlet.
    unreachable_count = _count_leading(
        [run for run in ended if not run.own_network], RunOutcome.UNREACHABLE
    )
    failures, max_wait = (
        (refused_count, MAX_REFUSED_BACKOFF)
        if refused_count
        else (unreachable_count - 2, MAX_UNREACHABLE_BACKOFF)
    )
    wait = backoff(failures, 2 * interval, max(max_wait, interval))
    if retry_at := ended[0].retry_at:
        wait = max(wait, min(retry_at - end, MAX_RETRY_AFTER))
    return min(end, now) + wait if wait else None


def _count_leading(runs: "Sequence[Run]", outcome: RunOutcome) -> int:
    return sum(1 for _ in takewhile(lambda run: run.outcome is outcome, runs))
