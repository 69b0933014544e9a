"""Decides the outcome of a run from its counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crawler.outlet import Expect
from storage.counts import (
    MIN_UNREAD_PAGES,
    PAGE_FAILURE_COUNTS,
    PAGE_FAILURES,
    SOURCE_FAILURE_COUNTS,
    SOURCE_FAILURES,
    Count,
    FetchFailures,
    are_failures_known,
)
from storage.records import RunOutcome, StopReason
from storage.wording.numbers import format_count
from storage.wording.run_counts import format_run_count

# Told with a good outcome too: nothing failed, but the articles are fewer, or their rights.
_REMARKS = (
    *(Count.PAGE_GONE, Count.PAGE_LISTING, Count.PAGE_MEDIA, Count.PAGE_NOARCHIVE),
    Count.LISTED_HOSTILE,
)
FINISHED = "finished"
"""The close reason of a crawl that came to its end."""
DATABASE_LOST = "the database is gone"
"""The close reason of a crawl whose articles cannot be stored any more."""


@dataclass(frozen=True, slots=True)
class OutcomeAndCause:
    """How a run ended, and the cause in one line."""

    outcome: RunOutcome
    cause: str = ""
    stop_reason: StopReason | None = None


def determine_outcome(
    counts: Mapping[str, int],
    expect: Expect,
    reason: str,
    note: str = "",
    details: Mapping[str, str] | None = None,
) -> OutcomeAndCause:
    """Decides how a finished run ended; the most serious finding wins.

    `reason`: Scrapy's close reason: "finished", "shutdown", "refused" or a text of ours. `note`:
    the run's own explanation of a refusal or failure. `details`: by count, why pages gave no
    article and an example (`crawler.crawl.page_accounts`).
    """
    if lost_count := counts.get(Count.LOST, 0):
        return OutcomeAndCause(
            RunOutcome.FAILED, f"{format_count(lost_count, 'article')} could not be stored: {note}"
        )
    if lost_count := counts.get(Count.LOST_WARC, 0):
        return OutcomeAndCause(
            RunOutcome.FAILED, f"{format_count(lost_count, 'answer')} could not be recorded: {note}"
        )
    if exception_count := counts.get(Count.EXCEPTIONS, 0):
        return OutcomeAndCause(
            RunOutcome.FAILED, f"{format_count(exception_count, 'exception')} while reading: {note}"
        )
    if reason == "shutdown":
        return OutcomeAndCause(RunOutcome.KILLED, "stopped by a signal", StopReason.SIGNAL)
    if reason == "refused":
        return OutcomeAndCause(RunOutcome.REFUSED, note)
    if reason != FINISHED:
        stop_reason = StopReason.DATABASE if reason == DATABASE_LOST else None
        cause = f"the crawl ended early: {reason}"
        return OutcomeAndCause(RunOutcome.FAILED, cause, stop_reason)
    return (
        _outcome_of_sources(counts, expect, note)
        or _outcome_of_pages(counts, note, details or {})
        or _outcome_of_articles(counts, details or {})
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
            RunOutcome.EMPTY,
            f"{format_count(answered, 'source')} answered and listed no article",
        )
    if recent < expect.min_items:
        days = "day" if expect.within.days == 1 else f"{expect.within.days} days"
        verb = "is" if recent == 1 else "are"
        cause = f"{format_count(recent, 'article')} of the last {days} {verb} listed"
        return OutcomeAndCause(
            RunOutcome.EMPTY, f"{cause}, at least {expect.min_items} were expected"
        )
    return None


def _outcome_of_pages(
    counts: Mapping[str, int], note: str, details: Mapping[str, str]
) -> OutcomeAndCause | None:
    """Returns the outcome of a run that read no article on any page; None for other runs.

    Also None if the few pages that failed had failed before, while a known article was read.
    """
    failed = sum(counts.get(cause, 0) for cause in PAGE_FAILURE_COUNTS)
    read_count = counts.get(Count.PAGE_ARTICLE, 0) + counts.get(Count.PAGE_STUB, 0)
    asked = counts.get(Count.PAGE_ASKED, 0)
    unread = counts.get(Count.PAGE_GONE, 0) + counts.get(Count.PAGE_LISTING, 0)
    if read_count or not (failed or (asked and unread >= MIN_UNREAD_PAGES)):
        return None
    if are_failures_known(counts) and unread < MIN_UNREAD_PAGES:
        return None
    told = _in_words(counts, (*PAGE_FAILURE_COUNTS, *_REMARKS), details)
    if any(PAGE_FAILURES.numbers(counts)):
        return _outcome_of_failures(counts, PAGE_FAILURES, failed, told if details else note)
    pages = f"the {asked:,} pages asked for" if asked != 1 else "the page asked for"
    where = f" on {pages}" if asked else ""
    return OutcomeAndCause(RunOutcome.EMPTY, f"no article could be read{where}: {told}")


def _in_words(
    counts: Mapping[str, int], causes: Iterable[Count], details: Mapping[str, str]
) -> str:
    """Returns counts in words with their details: `2 pages redirected (in a circle, such as ...)`."""
    told = []
    for cause in causes:
        if number := counts.get(cause, 0):
            detail = details.get(cause, "")
            text = format_run_count(cause, number)
            told.append(f"{text} ({detail})" if detail else text)
    return ", ".join(told)


def _outcome_of_failures(
    counts: Mapping[str, int], failures: FetchFailures, failed: int, note: str
) -> OutcomeAndCause:
    refused, unreachable, blocked = failures.numbers(counts)
    refused = refused + blocked
    subjects = failures.subject if failed == 1 else f"{failures.subject}s"
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


def _outcome_of_articles(counts: Mapping[str, int], details: Mapping[str, str]) -> OutcomeAndCause:
    causes = (
        *PAGE_FAILURE_COUNTS,
        *SOURCE_FAILURE_COUNTS,
        Count.REJECTED,
        Count.ARTICLE_INVALID,
        Count.INCOMPLETE,
    )
    remarks = _in_words(counts, _REMARKS, details)
    if any(counts.get(cause) for cause in causes):
        return OutcomeAndCause(
            RunOutcome.DEGRADED, _in_words(counts, (*causes, *_REMARKS), details)
        )
    if (
        counts.get(Count.STORED_NEW, 0)
        or counts.get(Count.STORED_EDITED, 0)
        or counts.get(Count.DRY, 0)
    ):
        return OutcomeAndCause(RunOutcome.OK, remarks)
    return OutcomeAndCause(
        RunOutcome.QUIET, f"nothing new; {remarks}" if remarks else "nothing new"
    )
