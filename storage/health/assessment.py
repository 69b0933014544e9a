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

from storage.counts import SOURCE_FAILURE_COUNTS, SOURCE_FAILURES, Count
from storage.health.days import FIELD_COUNTS, HealthDay
from storage.health.run_evidence import HealthCause, RunEvidence, fetch_failure_cause, interpret_run
from storage.records import Run, RunOutcome
from storage.statistics import binomial_tail
from storage.wording.numbers import format_count

RUNS_TO_CONFIRM = 3  # failed runs in a row that make an outlet broken
RECENT_RUNS = 10  # runs in which repeated failures are counted
FAILURES_TO_DEGRADE = 3  # failures, separated by good runs, that make an outlet degraded
MAX_MISSING_PROBABILITY = 1e-5  # of so many missing fields by chance
MIN_WATCHED_DAYS = 14  # days of observation before a silence can be detected
MAX_SILENCE_PROBABILITY = 1e-3  # of so many days without articles by chance
MIN_SILENT_DAYS = 3
# Counts of failed pages by the cause that they indicate when other pages were read.
PAGE_FAILURE_COUNTS: Mapping[HealthCause, tuple[str, ...]] = {
    HealthCause.LAYOUT: (Count.PAGE_ERROR, Count.PAGE_TRUNCATED),
    HealthCause.REFUSED: (Count.PAGE_REFUSED, Count.PAGE_BLOCKED),
    HealthCause.UNREACHABLE: (Count.PAGE_UNREACHABLE, Count.PAGE_LOST),
    HealthCause.REDIRECTED: (Count.PAGE_REDIRECTED,),
    HealthCause.PARSE: (Count.REJECTED, Count.ARTICLE_INVALID, Count.EXCEPTIONS),
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
    run_evidence = [evidence for run in runs if (evidence := interpret_run(run))]
    if not run_evidence:
        return None
    until = previous.since_at if previous and not previous.state.is_healthy else None
    baseline = HealthBaseline.from_runs(run_evidence, days, until)
    assessed = (
        _find_broken(run_evidence)
        or _find_repeated_failures(run_evidence, previous)
        or _find_failing_part(run_evidence)
        or _find_decline(run_evidence, baseline)
        or _find_silence(run_evidence, days, now)
        or _find_healthy(run_evidence)
    )
    if previous and (previous.state, previous.cause) == (assessed.state, assessed.cause):
        return Health(assessed.state, previous.since_at, assessed.cause, assessed.evidence)
    return assessed


def _find_broken(run_evidence: Sequence[RunEvidence]) -> Health | None:
    for part in ("sources", "pages"):
        failures = list(_iter_failure_streak(run_evidence, part))
        if len(failures) >= RUNS_TO_CONFIRM:
            cause = Counter(
                getattr(evidence, part) for evidence in failures[:RUNS_TO_CONFIRM]
            ).most_common(1)[0][0]
            message = f"{format_count(len(failures), 'run')} in a row: {failures[0].run.cause}"
            return Health(HealthState.BROKEN, _started_at(failures[-1]), cause, message)
    return None


def _iter_failure_streak(run_evidence: Sequence[RunEvidence], part: str) -> Iterator[RunEvidence]:
    """Yields the latest failures up to the last good run; runs without evidence are skipped."""
    for evidence in run_evidence:
        failure = getattr(evidence, part)
        if failure == "":
            return
        if failure is not None:
            yield evidence


def _find_repeated_failures(
    run_evidence: Sequence[RunEvidence], previous: Health | None
) -> Health | None:
    """Finds repeated failures between good runs, or an outlet without any good run yet.

    Counts series of failures, not failed runs, so that one outage that is over is not reported
    again.
    """
    recent = run_evidence[:RECENT_RUNS]
    failures = [evidence for evidence in recent if evidence.failure]
    if not failures:
        return None
    series_count = sum(
        is_failure for is_failure, _ in groupby(evidence.failure is not None for evidence in recent)
    )
    # Hysteresis: leaving the state needs fewer failures than entering it, so that it does not
    # flicker.
    min_series = (
        FAILURES_TO_DEGRADE - 1
        if previous and previous.state is HealthState.DEGRADED
        else FAILURES_TO_DEGRADE
    )
    if series_count < min_series and len(failures) < len(recent):
        return None
    cause = Counter(evidence.failure for evidence in failures).most_common(1)[0][0]
    message = _format_failures(len(failures), len(recent), failures[0].run.cause)
    return Health(HealthState.DEGRADED, _started_at(failures[-1]), cause, message)


def _format_failures(failed: int, runs: int, last_cause: str) -> str:
    """Returns how many of the last runs failed, and why the last one of them did."""
    if runs == 1:
        return f"the last run failed: {last_cause}"
    which = f"the last {runs} runs" if failed == runs else f"{failed} of the last {runs} runs"
    return f"{which} failed, last: {last_cause}"


def _find_failing_part(run_evidence: Sequence[RunEvidence]) -> Health | None:
    """Finds a source that failed in each of the last runs while others answered.

    Also finds exceptions in each of the last runs, and runs in which most pages failed.
    """
    latest = [evidence for evidence in run_evidence if evidence.sources == ""][:RUNS_TO_CONFIRM]
    if len(latest) == RUNS_TO_CONFIRM and all(
        any(map(evidence.count, SOURCE_FAILURE_COUNTS)) for evidence in latest
    ):
        cause = fetch_failure_cause(latest[0].run.counts, SOURCE_FAILURES)
        return Health(HealthState.DEGRADED, _started_at(latest[-1]), cause, latest[0].run.cause)
    latest = list(run_evidence[:RUNS_TO_CONFIRM])
    if len(latest) == RUNS_TO_CONFIRM and all(
        evidence.run.outcome is RunOutcome.FAILED for evidence in latest
    ):
        return Health(
            HealthState.DEGRADED, _started_at(latest[-1]), HealthCause.PARSE, latest[0].run.cause
        )
    latest = [evidence for evidence in run_evidence if evidence.articles_read][:RUNS_TO_CONFIRM]
    for cause, page_failures in PAGE_FAILURE_COUNTS.items():
        failed_count = sum(
            evidence.count(count_name) for evidence in latest for count_name in page_failures
        )
        read_count = sum(evidence.articles_read for evidence in latest)
        if (
            len(latest) == RUNS_TO_CONFIRM
            and failed_count > read_count
            and failed_count >= 2 * RUNS_TO_CONFIRM
        ):
            message = (
                f"{failed_count} failed and {read_count} were read in 3 runs,"
                f" last: {latest[0].run.cause}"
            )
            return Health(HealthState.DEGRADED, _started_at(latest[-1]), cause, message)
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
        cls, run_evidence: Sequence[RunEvidence], days: Sequence[HealthDay], until: datetime | None
    ) -> "HealthBaseline":
        """Computes the usual values. `run_evidence`: evidence of the last runs, newest first.

        `until`: the time since which the outlet is unhealthy; None if it is healthy.
        """
        earlier = (
            run_evidence[RUNS_TO_CONFIRM:]
            if until is None
            else [each for each in run_evidence if _started_at(each) < until]
        )
        # The days of these runs are left out, since the runs themselves are counted.
        oldest_start = min((_started_at(evidence) for evidence in run_evidence), default=until)
        first_day = min(time for time in (oldest_start, until) if time).date()
        older_days = [day for day in days if day.day < first_day]
        fields = Counter[str]()
        for older_day in older_days:
            fields.update(older_day.fields)
        for evidence in earlier:
            fields.update({name: evidence.count(count) for name, count in FIELD_COUNTS.items()})
        return cls(
            [day.listed for day in older_days if day.listed]
            + [evidence.count(Count.LISTED) for evidence in earlier if evidence.lists_all_sources],
            sum(day.pages for day in older_days)
            + sum(each.count(Count.PAGE_FETCHED) for each in earlier),
            sum(day.read for day in older_days)
            + sum(evidence.articles_read for evidence in earlier),
            fields,
        )


def _started_at(evidence: RunEvidence) -> datetime:
    return evidence.run.started_at


def _find_decline(run_evidence: Sequence[RunEvidence], baseline: HealthBaseline) -> Health | None:
    return (
        _find_missing_fields(run_evidence, baseline)
        or _find_excess_requests(run_evidence, baseline)
        or _find_fewer_links(run_evidence, baseline)
    )


def _find_missing_fields(
    run_evidence: Sequence[RunEvidence], baseline: HealthBaseline
) -> Health | None:
    """Finds a field that is much rarer than usual, beyond chance (binomial test)."""
    latest = [evidence for evidence in run_evidence if evidence.articles_read][:RUNS_TO_CONFIRM]
    article_count = sum(evidence.articles_read for evidence in latest)
    for name, count in FIELD_COUNTS.items():
        field_count = sum(evidence.count(count) for evidence in latest)
        usual_count = min(baseline.field_counts.get(name, 0), baseline.article_count)
        usual_missing_rate = (baseline.article_count - usual_count + 1) / (
            baseline.article_count + 20
        )
        if (
            article_count
            and field_count * baseline.article_count < usual_count * article_count / 2
            and binomial_tail(article_count - field_count, article_count, usual_missing_rate)
            < MAX_MISSING_PROBABILITY
        ):
            message = (
                f"{name} in {field_count} of {format_count(article_count, 'article')},"
                f" before in {usual_count} of {baseline.article_count}"
            )
            return Health(
                HealthState.DEGRADED, _started_at(latest[-1]), HealthCause.LAYOUT, message
            )
    return None


def _find_excess_requests(
    run_evidence: Sequence[RunEvidence], baseline: HealthBaseline
) -> Health | None:
    """Finds three times as many fetched pages for each article as usual."""
    latest = [evidence for evidence in run_evidence if evidence.articles_read][:RUNS_TO_CONFIRM]
    page_count, article_count = (
        sum(each.count(Count.PAGE_FETCHED) for each in latest),
        sum(each.articles_read for each in latest),
    )
    if (
        len(latest) < RUNS_TO_CONFIRM
        or page_count < 12
        or baseline.article_count < 20
        or page_count * baseline.article_count < 3 * baseline.page_count * article_count
    ):
        return None
    message = (
        f"{format_count(page_count, 'page')} for {format_count(article_count, 'article')},"
        f" before {baseline.page_count} for {baseline.article_count}"
    )
    return Health(HealthState.DEGRADED, _started_at(latest[-1]), HealthCause.LAYOUT, message)


def _find_fewer_links(
    run_evidence: Sequence[RunEvidence], baseline: HealthBaseline
) -> Health | None:
    """Finds three runs in a row with less than half of the fewest links listed before."""
    latest = [evidence for evidence in run_evidence if evidence.lists_all_sources][:RUNS_TO_CONFIRM]
    if len(latest) < RUNS_TO_CONFIRM or len(baseline.link_counts) < 7:
        return None
    most_listed, usual_minimum = (
        max(evidence.count(Count.LISTED) for evidence in latest),
        min(baseline.link_counts),
    )
    if usual_minimum < 6 or 2 * most_listed >= usual_minimum:
        return None
    message = (
        f"{format_count(most_listed, 'article')} listed, never fewer than {usual_minimum} before"
    )
    return Health(HealthState.DEGRADED, _started_at(latest[-1]), HealthCause.LAYOUT, message)


def _find_silence(
    run_evidence: Sequence[RunEvidence], days: Sequence[HealthDay], now: datetime
) -> Health | None:
    """Finds more days without an article than chance or the outlet's habit explains."""
    stale = [each for each in run_evidence if each.run.outcome is not RunOutcome.QUIET][
        :RUNS_TO_CONFIRM
    ]
    if len(stale) == RUNS_TO_CONFIRM and all(evidence.is_stale for evidence in stale):
        return Health(
            HealthState.DEGRADED, _started_at(stale[-1]), HealthCause.SILENT, stale[0].run.cause
        )
    watched_days = sorted(
        (day for day in days if day.seen and day.day < now.date()), key=lambda day: day.day
    )
    periods = [
        (has_articles, list(group))
        for has_articles, group in groupby(watched_days, key=lambda day: day.read > 0)
    ]
    has_article_today = any(
        evidence.articles_read
        for evidence in run_evidence
        if _started_at(evidence).date() == now.date()
    )
    if not periods or periods[-1][0] or has_article_today:
        return None
    silent_days = periods.pop()[1]
    silence_lengths = [len(group) for has_articles, group in periods if not has_articles]
    earlier_day_count = sum(len(group) for _, group in periods)
    active_day_count = sum(len(group) for has_articles, group in periods if has_articles)
    probability = (1 - active_day_count / (earlier_day_count + 1)) ** len(silent_days)
    min_silent_days = max(MIN_SILENT_DAYS, 1 + 2 * max(silence_lengths, default=0))
    if (
        earlier_day_count < MIN_WATCHED_DAYS
        or len(silent_days) < min_silent_days
        or probability >= MAX_SILENCE_PROBABILITY
    ):
        return None
    usual_text = f"never more than {max(silence_lengths)}" if silence_lengths else "none"
    message = f"{format_count(len(silent_days), 'day')} without a new article, {usual_text} before"
    since = datetime.combine(silent_days[0].day, datetime.min.time(), now.tzinfo)
    return Health(HealthState.DEGRADED, since, HealthCause.SILENT, message)


def _find_healthy(run_evidence: Sequence[RunEvidence]) -> Health:
    successes = [evidence for evidence in run_evidence if not evidence.failure][:RUNS_TO_CONFIRM]
    has_news = any(
        evidence.count(Count.STORED_NEW) or evidence.count(Count.STORED_EDITED)
        for evidence in successes
    )
    state = HealthState.OK if has_news else HealthState.QUIET
    since = _started_at(successes[-1] if not has_news else successes[0])
    return Health(
        state,
        since,
        None,
        "" if has_news else f"nothing new in {format_count(len(successes), 'run')}",
    )
