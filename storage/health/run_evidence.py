"""Interprets the counts of a single run as evidence about its outlet. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from storage.counts import (
    MIN_UNREAD_PAGES,
    PAGE_FAILURES,
    SOURCE_FAILURE_COUNTS,
    SOURCE_FAILURES,
    Count,
    FetchFailures,
    are_failures_known,
)
from storage.records import Run, RunOutcome, StopReason


class HealthCause(StrEnum):
    """The cause why an outlet is degraded or broken."""

    DNS = "dns"
    UNREACHABLE = "unreachable"  # no connection, timeout, 5xx
    REFUSED = "refused"  # 401, 403, 429, 451
    ROBOTS = "robots"
    BLOCKED = "blocked"  # a captcha, consent or login page instead of the requested page
    REDIRECTED = "redirected"  # pages lead in a circle, to the front page or to a login page
    GONE = "gone"  # a source, or each listed page, does not exist any more
    LAYOUT = "layout"  # answers come, but the rules do not find links or text in them
    PARSE = "parse"  # answers that cannot be parsed, exceptions in the spider
    SILENT = "silent"  # no new articles for much longer than ever before
    CRASHED = "crashed"  # runs past their deadline or memory, or killed
    LOST = "lost"  # articles or recordings could not be stored


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """The evidence of one run.

    `sources`, `pages`: None without evidence, "" if good, else the cause of the failure.
    """

    run: Run
    sources: HealthCause | str | None = None
    pages: HealthCause | str | None = None

    @property
    def failure(self) -> HealthCause | None:
        """The cause of the run's failure, of sources first; None if it did not fail."""
        return next(
            (each for each in (self.sources, self.pages) if isinstance(each, HealthCause)), None
        )

    def count(self, name: str) -> int:
        """Returns one of the run's counts; 0 if it is missing."""
        return self.run.counts.get(name, 0)

    @property
    def articles_read(self) -> int:
        """Number of articles and stubs that the run read."""
        return self.count(Count.PAGE_ARTICLE) + self.count(Count.PAGE_STUB)

    @property
    def lists_all_sources(self) -> bool:
        """Whether all sources gave complete answers, so that the number of links is comparable."""
        count_names = (
            Count.SOURCE_UNCHANGED,
            Count.SOURCE_REFUSED,
            Count.SOURCE_UNREACHABLE,
            Count.SOURCE_ERROR,
        )
        is_answered = self.sources == "" and self.count(Count.SOURCE_OK) > 0
        return is_answered and not any(map(self.count, count_names))

    @property
    def is_stale(self) -> bool:
        """Whether the sources listed articles, but fewer recent ones than the outlet declares."""
        lists_articles = self.sources == "" and self.count(Count.LISTED) > 0
        return self.run.outcome is RunOutcome.EMPTY and lists_articles and self.pages is None


def interpret_run(run: Run) -> RunEvidence | None:
    """Returns the evidence of a run; None if it is no evidence about its outlet.

    That is a run that has not ended, is not a crawl, was stopped from outside, was asked for a part
    only, or failed because our own network was down.
    """
    if run.outcome is None or run.kind != "crawl" or run.selective or run.own_network:
        return None
    if run.outcome is RunOutcome.KILLED:
        return (
            None if run.is_cut_off else RunEvidence(run, HealthCause.CRASHED, HealthCause.CRASHED)
        )
    if run.counts.get(Count.LOST) or run.counts.get(Count.LOST_WARC):
        return RunEvidence(run, None, HealthCause.LOST)
    if run.outcome is RunOutcome.FAILED and not run.counts.get(Count.EXCEPTIONS):
        is_lost = run.stop_reason is StopReason.DATABASE
        return RunEvidence(run, HealthCause.LOST if is_lost else HealthCause.CRASHED)
    return RunEvidence(run, _source_failure(run), _page_failure(run))


def _source_failure(run: Run) -> HealthCause | str | None:
    counts = run.counts
    answered_count = counts.get(Count.SOURCE_OK, 0) + counts.get(Count.SOURCE_UNCHANGED, 0)
    failed_count = sum(counts.get(each, 0) for each in SOURCE_FAILURE_COUNTS)
    if not answered_count:
        unanswered_cause = HealthCause.PARSE if counts.get(Count.EXCEPTIONS) else None
        return fetch_failure_cause(counts, SOURCE_FAILURES) if failed_count else unanswered_cause
    if run.outcome is RunOutcome.EMPTY and not counts.get(Count.LISTED):
        return HealthCause.PARSE if counts.get(Count.WHY_UNREADABLE) else HealthCause.LAYOUT
    return ""


def _page_failure(run: Run) -> HealthCause | str | None:
    counts = run.counts
    read_count = counts.get(Count.PAGE_ARTICLE, 0) + counts.get(Count.PAGE_STUB, 0)
    if read_count:
        return ""
    if are_failures_known(counts) and not counts.get(Count.EXCEPTIONS):
        return None
    if any(PAGE_FAILURES.numbers(counts)):
        return fetch_failure_cause(counts, PAGE_FAILURES)
    if counts.get(Count.EXCEPTIONS):
        return HealthCause.PARSE
    if counts.get(Count.PAGE_REDIRECTED, 0) > counts.get(Count.PAGE_ERROR, 0):
        return HealthCause.REDIRECTED
    if counts.get(Count.PAGE_LOST):
        return HealthCause.UNREACHABLE
    unread_count = counts.get(Count.PAGE_ERROR, 0) + counts.get(Count.PAGE_TRUNCATED, 0)
    if unread_count or counts.get(Count.PAGE_LISTING, 0) >= MIN_UNREAD_PAGES:
        return HealthCause.LAYOUT
    if counts.get(Count.PAGE_GONE, 0) >= MIN_UNREAD_PAGES:
        return HealthCause.GONE
    return HealthCause.REFUSED if run.outcome is RunOutcome.REFUSED else None


def fetch_failure_cause(counts: Mapping[str, int], failures: FetchFailures) -> HealthCause:
    """Returns the most frequent cause why sources or pages could not be fetched."""
    refused, unreachable, blocked = failures.numbers(counts)
    dns, robots = counts.get(Count.WHY_DNS, 0), counts.get(Count.WHY_ROBOTS, 0)
    blocked += counts.get(Count.WHY_BLOCKED, 0)
    failed = max(refused, unreachable)
    if dns and 2 * dns >= failed:
        return HealthCause.DNS
    if robots and 2 * robots >= failed:
        return HealthCause.ROBOTS
    if blocked and blocked >= failed:
        return HealthCause.BLOCKED
    if failed:
        return HealthCause.REFUSED if refused >= unreachable else HealthCause.UNREACHABLE
    return HealthCause.GONE if counts.get(Count.WHY_GONE) else HealthCause.PARSE
