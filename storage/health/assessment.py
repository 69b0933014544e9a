"""Decides the health of an outlet by comparing its last runs with its history. No I/O.

One failed run is an accident; three in a row are a state. Failures of sources (feeds, listings) and
of pages are counted apart, since a feed may answer for weeks while no page can be read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from storage.health.days import WATCHED_FIELDS, HealthDay
from storage.health.run_evidence import HealthCause, RunEvidence, fetch_failure_cause, interpret_run
from storage.records import Run, RunOutcome
from storage.statistics import binomial_tail

RUNS_TO_CONFIRM = 3  # failed runs in a row that make an outlet broken
RECENT_RUNS = 10  # runs in which repeated failures are counted
FAILURES_TO_DEGRADE = 3  # failures, separated by good runs, that make an outlet degraded
MAX_MISSING_PROBABILITY = 1e-5  # of so many missing fields by chance
MIN_WATCHED_DAYS = 14  # days of observation before a silence can be detected
MAX_SILENCE_PROBABILITY = 1e-3  # of so many days without articles by chance
MIN_SILENT_DAYS = 3
# Counts of failed pages by the cause that they indicate when other pages were read.
PAGE_FAILURE_COUNTS: Mapping[HealthCause, tuple[str, ...]] = {
    HealthCause.LAYOUT: ("page.error", "page.truncated"),
    HealthCause.REFUSED: ("page.refused", "page.blocked"),
    HealthCause.UNREACHABLE: ("page.unreachable",),
    HealthCause.PARSE: ("rejected", "article.invalid", "exceptions"),
}


class HealthState(StrEnum):
    """The state of an outlet, from best to worst."""

    OK = "ok"
    QUIET = "quiet"  # no new articles, and no failures
    DEGRADED = "degraded"  # articles come, but something is missing or fails often
    BROKEN = "broken"  # three failed runs in a row

    @property
    def is_healthy(self) -> bool:
        """Whether the state needs no attention."""
        return self in (HealthState.OK, HealthState.QUIET)


@dataclass(frozen=True, slots=True)
class Health:
    """The health of an outlet.

    `since_at`: when the state began. `evidence`: the reason in one line.
    """

    state: HealthState
    since_at: datetime
    cause: HealthCause | None = None
    evidence: str = ""


def assess_health(
    runs: Sequence[Run], days: Sequence[HealthDay], previous: Health | None, now: datetime
) -> Health | None:
    """Returns the health of an outlet; None if no run gives evidence.

    `runs`: its last crawls, newest first. `days`: its daily sums. `previous`: its health so far.
    While it is unhealthy, only the time before counts as its history. Otherwise the failure itself
    would soon look usual.
    """
    signs = [sign for run in runs if (sign := interpret_run(run))]
    if not signs:
        return None
    until = previous.since_at if previous and not previous.state.is_healthy else None
    past = HealthBaseline.from_runs(signs, days, until)
    found = (
        _find_broken(signs)
        or _find_repeated_failures(signs, previous)
        or _find_failing_part(signs)
        or _find_decline(signs, past)
        or _find_silence(signs, days, now)
        or _find_healthy(signs)
    )
    if previous and (previous.state, previous.cause) == (found.state, found.cause):
        return Health(found.state, previous.since_at, found.cause, found.evidence)
    return found


def _find_broken(signs: Sequence[RunEvidence]) -> Health | None:
    for part in ("sources", "pages"):
        bad = list(_iter_failure_streak(signs, part))
        if len(bad) >= RUNS_TO_CONFIRM:
            cause = Counter(getattr(sign, part) for sign in bad[:RUNS_TO_CONFIRM]).most_common(1)[
                0
            ][0]
            told = f"{len(bad)} runs in a row: {bad[0].run.cause}"
            return Health(HealthState.BROKEN, _started_at(bad[-1]), cause, told)
    return None


def _iter_failure_streak(signs: Sequence[RunEvidence], part: str) -> Iterator[RunEvidence]:
    """Yields the latest failures up to the last good run; runs without evidence are skipped."""
    for sign in signs:
        said = getattr(sign, part)
        if said == "":
            return
        if said is not None:
            yield sign


def _find_repeated_failures(signs: Sequence[RunEvidence], previous: Health | None) -> Health | None:
    """Finds repeated failures between good runs, or an outlet without any good run yet.

    Counts series of failures, not failed runs, so that one outage that is over is not reported
    again.
    """
    recent = signs[:RECENT_RUNS]
    bad = [sign for sign in recent if sign.failure]
    if not bad:
        return None
    times = sum(wrong for wrong, _ in groupby(sign.failure is not None for sign in recent))
    # Hysteresis: leaving the state needs fewer failures than entering it, so that it does not
    # flicker.
    often = (
        FAILURES_TO_DEGRADE - 1
        if previous and previous.state is HealthState.DEGRADED
        else FAILURES_TO_DEGRADE
    )
    if times < often and len(bad) < len(recent):
        return None
    cause = Counter(sign.failure for sign in bad).most_common(1)[0][0]
    told = f"{len(bad)} of the last {len(recent)} runs failed, last: {bad[0].run.cause}"
    return Health(HealthState.DEGRADED, _started_at(bad[-1]), cause, told)


def _find_failing_part(signs: Sequence[RunEvidence]) -> Health | None:
    """Finds a source that failed in each of the last runs while others answered.

    Also finds exceptions in each of the last runs, and runs in which most pages failed.
    """
    last = [sign for sign in signs if sign.sources == ""][:RUNS_TO_CONFIRM]
    missed = ("source.refused", "source.unreachable", "source.error")
    if len(last) == RUNS_TO_CONFIRM and all(any(map(sign.count, missed)) for sign in last):
        cause = fetch_failure_cause(last[0].run.counts, "source")
        return Health(HealthState.DEGRADED, _started_at(last[-1]), cause, last[0].run.cause)
    last = list(signs[:RUNS_TO_CONFIRM])
    if len(last) == RUNS_TO_CONFIRM and all(sign.run.outcome is RunOutcome.FAILED for sign in last):
        return Health(
            HealthState.DEGRADED, _started_at(last[-1]), HealthCause.PARSE, last[0].run.cause
        )
    last = [sign for sign in signs if sign.articles_read][:RUNS_TO_CONFIRM]
    for cause, ways in PAGE_FAILURE_COUNTS.items():
        failed = sum(sign.count(way) for sign in last for way in ways)
        read = sum(sign.articles_read for sign in last)
        if len(last) == RUNS_TO_CONFIRM and failed > read and failed >= 2 * RUNS_TO_CONFIRM:
            told = f"{failed} failed and {read} were read in 3 runs, last: {last[0].run.cause}"
            return Health(HealthState.DEGRADED, _started_at(last[-1]), cause, told)
    return None


@dataclass(frozen=True, slots=True)
class HealthBaseline:
    """The usual values before the last runs.

    `link_counts`: numbers of listed links, one for each day or run. The other fields are sums:
    fetched pages, articles read, and articles that have each field.
    """

    link_counts: Sequence[int]
    page_count: int
    article_count: int
    field_counts: Mapping[str, int]

    @classmethod
    def from_runs(
        cls, signs: Sequence[RunEvidence], days: Sequence[HealthDay], until: datetime | None
    ) -> "HealthBaseline":
        """Computes the usual values. `signs`: evidence of the last runs, newest first.

        `until`: the time since which the outlet is unhealthy; None if it is healthy.
        """
        before = (
            signs[RUNS_TO_CONFIRM:]
            if until is None
            else [s for s in signs if _started_at(s) < until]
        )
        # The days of these runs are left out, since the runs themselves are counted.
        oldest = min((_started_at(sign) for sign in signs), default=until)
        first = min(at for at in (oldest, until) if at).date()
        older = [day for day in days if day.day < first]
        fields = Counter[str]()
        for each in older:
            fields.update(each.fields)
        for sign in before:
            fields.update({name: sign.count(f"field.{name}") for name in WATCHED_FIELDS})
        return cls(
            [day.listed for day in older if day.listed]
            + [sign.count("listed") for sign in before if sign.lists_all_sources],
            sum(day.pages for day in older) + sum(s.count("page.fetched") for s in before),
            sum(day.read for day in older) + sum(sign.articles_read for sign in before),
            fields,
        )


def _started_at(sign: RunEvidence) -> datetime:
    return sign.run.started_at


def _find_decline(signs: Sequence[RunEvidence], past: HealthBaseline) -> Health | None:
    return (
        _find_missing_fields(signs, past)
        or _find_excess_requests(signs, past)
        or _find_fewer_links(signs, past)
    )


def _find_missing_fields(signs: Sequence[RunEvidence], past: HealthBaseline) -> Health | None:
    """Finds a field that is much rarer than usual, beyond chance (binomial test)."""
    last = [sign for sign in signs if sign.articles_read][:RUNS_TO_CONFIRM]
    now = sum(sign.articles_read for sign in last)
    for name in WATCHED_FIELDS:
        had = sum(sign.count(f"field.{name}") for sign in last)
        usual = min(past.field_counts.get(name, 0), past.article_count)
        missing = (past.article_count - usual + 1) / (past.article_count + 20)
        if (
            now
            and had * past.article_count < usual * now / 2
            and binomial_tail(now - had, now, missing) < MAX_MISSING_PROBABILITY
        ):
            told = f"{name} in {had} of {now} articles, before in {usual} of {past.article_count}"
            return Health(HealthState.DEGRADED, _started_at(last[-1]), HealthCause.LAYOUT, told)
    return None


def _find_excess_requests(signs: Sequence[RunEvidence], past: HealthBaseline) -> Health | None:
    """Finds three times as many fetched pages for each article as usual."""
    last = [sign for sign in signs if sign.articles_read][:RUNS_TO_CONFIRM]
    pages, read = sum(s.count("page.fetched") for s in last), sum(s.articles_read for s in last)
    if (
        len(last) < RUNS_TO_CONFIRM
        or pages < 12
        or past.article_count < 20
        or pages * past.article_count < 3 * past.page_count * read
    ):
        return None
    told = f"{pages} pages for {read} articles, before {past.page_count} for {past.article_count}"
    return Health(HealthState.DEGRADED, _started_at(last[-1]), HealthCause.LAYOUT, told)


def _find_fewer_links(signs: Sequence[RunEvidence], past: HealthBaseline) -> Health | None:
    """Finds three runs in a row with less than half of the fewest links listed before."""
    last = [sign for sign in signs if sign.lists_all_sources][:RUNS_TO_CONFIRM]
    if len(last) < RUNS_TO_CONFIRM or len(past.link_counts) < 7:
        return None
    now, least = max(sign.count("listed") for sign in last), min(past.link_counts)
    if least < 6 or 2 * now >= least:
        return None
    told = f"{now} articles listed, never fewer than {least} before"
    return Health(HealthState.DEGRADED, _started_at(last[-1]), HealthCause.LAYOUT, told)


def _find_silence(
    signs: Sequence[RunEvidence], days: Sequence[HealthDay], now: datetime
) -> Health | None:
    """Finds more days without an article than chance or the outlet's habit explains."""
    stale = [s for s in signs if s.run.outcome is not RunOutcome.QUIET][:RUNS_TO_CONFIRM]
    if len(stale) == RUNS_TO_CONFIRM and all(sign.is_stale for sign in stale):
        return Health(
            HealthState.DEGRADED, _started_at(stale[-1]), HealthCause.SILENT, stale[0].run.cause
        )
    watched = sorted(
        (day for day in days if day.seen and day.day < now.date()), key=lambda d: d.day
    )
    runs = [(busy, list(some)) for busy, some in groupby(watched, key=lambda day: day.read > 0)]
    today = any(sign.articles_read for sign in signs if _started_at(sign).date() == now.date())
    if not runs or runs[-1][0] or today:
        return None
    still = runs.pop()[1]
    gaps = [len(some) for busy, some in runs if not busy]
    before = sum(len(some) for _, some in runs)
    active = sum(len(some) for busy, some in runs if busy)
    chance = (1 - active / (before + 1)) ** len(still)
    habit = max(MIN_SILENT_DAYS, 1 + 2 * max(gaps, default=0))
    if before < MIN_WATCHED_DAYS or len(still) < habit or chance >= MAX_SILENCE_PROBABILITY:
        return None
    usual = f"never more than {max(gaps)}" if gaps else "none"
    told = f"{len(still)} days without a new article, {usual} before"
    since = datetime.combine(still[0].day, datetime.min.time(), now.tzinfo)
    return Health(HealthState.DEGRADED, since, HealthCause.SILENT, told)


def _find_healthy(signs: Sequence[RunEvidence]) -> Health:
    good = [sign for sign in signs if not sign.failure][:RUNS_TO_CONFIRM]
    busy = any(sign.count("stored.new") or sign.count("stored.edited") for sign in good)
    state = HealthState.OK if busy else HealthState.QUIET
    since = _started_at(good[-1] if not busy else good[0])
    return Health(state, since, None, "" if busy else f"nothing new in {len(good)} runs")
