"""What is done once a crawl has ended, in order: each duty is one function."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.crawl.listed_articles import ListedArticles
from crawler.crawl.own_pages import OwnPages
from crawler.crawl.polls import SourcePolls
from crawler.crawl.run_counts import RunCounts
from crawler.errors import IN_RUN_LINE, log_failure
from storage.counts import PAGE_FAILURE_COUNTS, Count, are_pages_readable
from storage.health.assessment import HealthState
from storage.health.outlet_health import format_health_change
from storage.records import CaptureOutcome, Run
from storage.reports.working_out import work_out

if TYPE_CHECKING:
    from storage import Database

log = logging.getLogger(__name__)

MAX_REPORT_SECONDS = 60.0
"""A run begins no further step of working out reports after this time; the next run goes on."""

_ALARM_CAUSES = (Count.REVISIT_MISSING, Count.REVISIT_UNWITNESSED)
_INCOMPLETE_CAUSES = (*PAGE_FAILURE_COUNTS, Count.LISTED_OVER, Count.EXCEPTIONS, Count.LOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """A run whose outcome is decided, and what its duties need.

    `now`: the time of its listings, aware. `since`: the start of the period that was asked for.
    `unread`: pages that led elsewhere or were no page of the outlet. `unanswered`: pages that were
    refused or did not answer. Both by identity (`crawler.crawl.page_accounts.PageAccounts`).
    """

    database: "Database"
    run: Run
    counts: RunCounts
    polls: SourcePolls
    own_pages: OwnPages
    listed_articles: ListedArticles
    now: datetime
    since: datetime | None
    unread: Mapping[str, datetime]
    unanswered: Mapping[str, datetime]


def save_polls(ended: EndedRun) -> None:
    """Stores what the sources answered."""
    complete = ended.run.is_complete and not any(
        ended.counts[cause] for cause in _INCOMPLETE_CAUSES
    )
    ended.polls.save(ended.database, complete=complete)


def save_frame(ended: EndedRun) -> None:
    """Stores what the outlet's pages have in common."""
    if ended.run.kind == "crawl":
        ended.own_pages.save(ended.database)


def record_listings(ended: EndedRun) -> None:
    """Compares what the sources listed with their last listing, after all is stored."""
    if ended.run.kind != "crawl" or ended.since:
        return
    for source, identities in ended.listed_articles.complete_listings().items():
        dropped = ended.database.listings.record(source, ended.now, identities, of=ended.run.outlet)
        ended.counts.add(Count.REVISIT_DROPPED, len(dropped))


def count_completeness(ended: EndedRun) -> None:
    """Counts the articles that the sources declare, those listed, and those stored."""
    declared = ended.listed_articles.declared_listings().values()
    if ended.run.kind != "crawl" or not declared:
        return
    listed = {identity for _, identities in declared for identity in identities}
    ended.counts.add(Count.DECLARED, sum(total for total, _ in declared))
    ended.counts.add(Count.DECLARED_LISTED, len(listed))
    stored = ended.database.articles.last_captured(ended.run.outlet, listed)
    ended.counts.add(Count.DECLARED_STORED, len(stored))


def remember_unread(ended: EndedRun) -> None:
    """Remembers pages that could not be read, so that not each run asks for them, if others were read.

    A run that could read none remembers none: the next one asks again, and says so again. If only
    known articles were read, pages without an answer are remembered too: they are asked for at the
    next run, and are no new evidence if they fail again.
    """
    is_read = any(ended.counts[cause] for cause in (Count.PAGE_ARTICLE, Count.PAGE_STUB))
    is_readable = are_pages_readable(ended.counts.by_name())
    unclear = ended.unanswered if is_readable and not is_read else {}
    if is_read or is_readable:
        outcomes = {identity: (at, CaptureOutcome.UNCLEAR) for identity, at in unclear.items()}
        outcomes |= {
            identity: (at, CaptureOutcome.NOT_ARTICLE) for identity, at in ended.unread.items()
        }
        ended.database.visits.record(ended.run.outlet, outcomes)


def finish_run(ended: EndedRun) -> None:
    """Stores the run's record."""
    ended.run.counts = ended.counts.by_name()
    ended.database.runs.finish(ended.run)


def raise_alarms(ended: EndedRun) -> None:
    """Raises an alarm if many known articles are missing at once."""
    if ended.run.kind != "crawl" or not any(ended.counts[cause] for cause in _ALARM_CAUSES):
        return
    for alarm in ended.database.alarms.raise_new(ended.run.outlet, ended.run.started_at):
        log.error(
            "%s: %s: %d known articles were not found in %d revisits since %s, %s",
            *(ended.run.outlet, alarm.kind, alarm.missing, alarm.checks),
            *(alarm.since_at.isoformat(timespec="minutes"), alarm.cause),
        )


def assess_health(ended: EndedRun) -> None:
    """Decides the outlet's health after this run, and logs a change."""
    if ended.run.kind != "crawl" or ended.run.selective:
        return
    try:
        change = ended.database.health.assess(ended.run.outlet)
    except Exception as error:  # noqa: BLE001  the run is recorded already
        log_failure(log, error, "assessing the health of %s failed", ended.run.outlet)
        return
    if change is not None:
        level = logging.INFO if change.health.state.is_healthy else logging.WARNING
        is_repetition = change.health.state is HealthState.DEGRADED and bool(
            ended.run.cause and ended.run.cause in change.health.evidence
        )
        extra = IN_RUN_LINE if is_repetition else None
        log.log(level, "%s", format_health_change(change), extra=extra)


def work_out_reports(ended: EndedRun) -> None:
    """Works out which reports the new articles carry, and goes on where a killed run stopped."""
    try:
        work_out(ended.database, max_seconds=MAX_REPORT_SECONDS)
    except Exception as error:  # noqa: BLE001  the run is recorded already, the next run goes on
        log_failure(log, error, "working out the reports failed")


DUTIES: tuple[Callable[[EndedRun], None], ...] = (
    save_polls,
    save_frame,
    record_listings,
    count_completeness,
    remember_unread,
    finish_run,
    raise_alarms,
    assess_health,
    work_out_reports,
)
