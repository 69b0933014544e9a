"""Decides the outcome of a run from its counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from crawler.outlet import Expect
from storage.counts import (
    PAGE_FAILURES,
    SOURCE_FAILURE_COUNTS,
    SOURCE_FAILURES,
    Count,
    FetchFailures,
)
from storage.records import RunOutcome, StopReason

# Why a page gave no article although we did not decide to leave it out.
PAGE_FAILURE_COUNTS = (
    Count.PAGE_REFUSED,
    Count.PAGE_BLOCKED,
    Count.PAGE_UNREACHABLE,
    Count.PAGE_ERROR,
    Count.PAGE_TRUNCATED,
)
DATABASE_LOST = "the database is gone"
"""The close reason of a crawl whose articles cannot be stored any more."""


@dataclass(frozen=True, slots=True)
class OutcomeAndCause:
    """How a run ended, and the cause in one line."""

    outcome: RunOutcome
    cause: str = ""
    stop_reason: StopReason | None = None


def determine_outcome(
    counts: Mapping[str, int], expect: Expect, reason: str, note: str = ""
) -> OutcomeAndCause:
    """Decides how a finished run ended; the most serious finding wins.

    `reason`: Scrapy's close reason: "finished", "shutdown", "refused" or a text of ours. `note`:
    the run's own explanation of a refusal or failure.
    """
    if lost_count := counts.get(Count.LOST, 0):
        return OutcomeAndCause(
            RunOutcome.FAILED, f"{lost_count} articles could not be stored: {note}"
        )
    if exception_count := counts.get(Count.EXCEPTIONS, 0):
        return OutcomeAndCause(
            RunOutcome.FAILED, f"{exception_count} exceptions while reading: {note}"
        )
    if reason == "shutdown":
        return OutcomeAndCause(RunOutcome.KILLED, "stopped by a signal", StopReason.SIGNAL)
    if reason == "refused":
        return OutcomeAndCause(RunOutcome.REFUSED, note)
    if reason != "finished":
        stop_reason = StopReason.DATABASE if reason == DATABASE_LOST else None
        cause = f"the crawl ended early: {reason}"
        return OutcomeAndCause(RunOutcome.FAILED, cause, stop_reason)
    return (
        _outcome_of_sources(counts, expect, note)
        or _outcome_of_pages(counts, note)
        or _outcome_of_articles(counts)
    )


def _outcome_of_sources(
    counts: Mapping[str, int], expect: Expect, note: str
) -> OutcomeAndCause | None:
    answered = counts.get(Count.SOURCE_OK, 0) + counts.get(Count.SOURCE_UNCHANGED, 0)
    failed = sum(counts.get(cause, 0) for cause in SOURCE_FAILURE_COUNTS)
    if failed and not answered:
        return _outcome_of_failures(counts, SOURCE_FAILURES, failed, note)
    if counts.get(Count.SOURCE_UNCHANGED, 0) or not answered:
        return None
    listed, recent = counts.get(Count.LISTED, 0), counts.get(Count.LISTED_RECENT, 0)
    if expect.min_items and not listed:
        return OutcomeAndCause(
            RunOutcome.EMPTY, f"{answered} sources answered and listed no article"
        )
    if recent < expect.min_items:
        cause = f"{recent} articles of the last {expect.within.days} days are listed"
        return OutcomeAndCause(
            RunOutcome.EMPTY, f"{cause}, at least {expect.min_items} were expected"
        )
    return None


def _outcome_of_pages(counts: Mapping[str, int], note: str) -> OutcomeAndCause | None:
    failed = sum(counts.get(cause, 0) for cause in PAGE_FAILURE_COUNTS)
    read_count = counts.get(Count.PAGE_ARTICLE, 0) + counts.get(Count.PAGE_STUB, 0)
    if not failed or read_count:
        return None
    if failed == counts.get(Count.PAGE_ERROR, 0):
        return OutcomeAndCause(
            RunOutcome.EMPTY, f"no article could be read on {failed} pages{_format_note(note)}"
        )
    return _outcome_of_failures(counts, PAGE_FAILURES, failed, note)


def _outcome_of_failures(
    counts: Mapping[str, int], failures: FetchFailures, failed: int, note: str
) -> OutcomeAndCause:
    refused, unreachable, blocked = failures.numbers(counts)
    refused, subjects = refused + blocked, f"{failures.subject}s"
    if refused >= unreachable and refused:
        return OutcomeAndCause(
            RunOutcome.REFUSED, f"{refused} of {failed} {subjects} refused{_format_note(note)}"
        )
    if unreachable:
        text = f"{unreachable} of {failed} {subjects} unreachable{_format_note(note)}"
        return OutcomeAndCause(RunOutcome.UNREACHABLE, text)
    return OutcomeAndCause(
        RunOutcome.EMPTY, f"{failed} {subjects} could not be read{_format_note(note)}"
    )


def _format_note(note: str) -> str:
    return f": {note}" if note else ""


def _outcome_of_articles(counts: Mapping[str, int]) -> OutcomeAndCause:
    causes = (
        *PAGE_FAILURE_COUNTS,
        *SOURCE_FAILURE_COUNTS,
        Count.REJECTED,
        Count.ARTICLE_INVALID,
        Count.INCOMPLETE,
    )
    failures = {cause: counts[cause] for cause in causes if counts.get(cause)}
    if failures:
        summary = ", ".join(f"{cause} {number}" for cause, number in failures.items())
        return OutcomeAndCause(RunOutcome.DEGRADED, summary)
    if (
        counts.get(Count.STORED_NEW, 0)
        or counts.get(Count.STORED_EDITED, 0)
        or counts.get(Count.DRY, 0)
    ):
        return OutcomeAndCause(RunOutcome.OK)
    return OutcomeAndCause(RunOutcome.QUIET, "nothing new")
