"""Decides which listed articles a run fetches, and in which order. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawler.discovery.periods import period_of_article_url
from crawler.sources import Link
from storage.records import CaptureOutcome

_UNDATED_SORT_TIME = datetime(9999, 1, 1, tzinfo=UTC)
# Waiting does not change these.
PERMANENT_OUTCOMES = frozenset({CaptureOutcome.OFF_TOPIC, CaptureOutcome.ALIAS})
SITEMAP_LOOKBACK = timedelta(days=30)

# (age limit, shortest time between two captures), both in hours, youngest first
IntervalsByAge = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """Limits of one run.

    `max_pages`: article pages to fetch; `max_revisits`: how many of them may be known articles.
    `since`, `until`: the wanted publication times. `retry_intervals`: when listed addresses that
    gave no article are fetched again. `recheck`: fetch these and known articles in any case.
    """

    now: datetime
    max_pages: int
    max_revisits: int
    since: datetime | None = None
    until: datetime | None = None
    retry_intervals: IntervalsByAge = ()
    recheck: bool = False


@dataclass(slots=True)
class FetchPlan:
    """The links to fetch: new articles newest first, then known ones that are due.

    The numbers count the links that are left out. `suspect`: addresses in `fetch` whose page a run
    did not survive; they come last.
    """

    fetch: list[Link] = field(default_factory=list)
    known: int = 0
    hostile: int = 0
    suspect: frozenset[str] = frozenset()
    outside_window: int = 0
    over_budget: int = 0


def build_fetch_plan(
    links: Mapping[str, Link],
    known: Mapping[str, datetime],
    visited: Mapping[str, tuple[datetime, CaptureOutcome]],
    limits: RunLimits,
) -> FetchPlan:
    """Decides which listed articles are fetched. All mappings are by article identity.

    `known`: when each stored article was last captured. `visited`: when each address that gave no
    article was last fetched, and the outcome.
    """
    plan = FetchPlan()
    new_links: list[Link] = []
    due_links: list[Link] = []
    skipped: list[Link] = []
    suspect_links: list[Link] = []
    for identity, link in links.items():
        if is_outside_window(link, limits):
            plan.outside_window += 1
        elif identity in known:
            is_due = is_fetch_due(link, known[identity], (), limits)
            (due_links if is_due else skipped).append(link)
        elif _outcome(visited, identity) is CaptureOutcome.HOSTILE and not limits.recheck:
            plan.hostile += 1  # until the visit is forgotten, whatever the listing says of edits
        elif _outcome(visited, identity) is CaptureOutcome.SUSPECT:
            suspect_links.append(link)
        elif identity in visited and not is_retry_due(link, *visited[identity], limits):
            skipped.append(link)
        else:
            new_links.append(link)
    plan.known = len(skipped)
    due_links = sort_newest_first(due_links)[
        : limits.max_pages if limits.recheck else limits.max_revisits
    ]
    plan.fetch = sort_newest_first(new_links) + due_links + suspect_links
    plan.suspect = frozenset(link.url for link in suspect_links)
    plan.over_budget = max(0, len(plan.fetch) - limits.max_pages)
    del plan.fetch[limits.max_pages :]
    return plan


def is_outside_window(link: Link, limits: RunLimits) -> bool:
    """Returns whether an article was certainly published outside `since` and `until`.

    Without a date in the listing the day in the URL counts: archives list many years.
    """
    if link.published_at is not None:
        return not is_in_window(link.published_at, link.published_precision, limits)
    if limits.since is None and limits.until is None:
        return False
    period = period_of_article_url(link.url)
    return period is not None and period.is_outside(limits.since, limits.until)


def is_in_window(at: datetime | None, precision: str, limits: RunLimits) -> bool:
    """Returns whether a time may lie between `since` and `until`; an unknown time may."""
    if at is None:
        return True
    last_moment = at + timedelta(days=1) if precision == "day" else at
    if limits.since and last_moment < limits.since:
        return False
    return not (limits.until and at > limits.until)


def _outcome(
    visited: Mapping[str, tuple[datetime, CaptureOutcome]], identity: str
) -> CaptureOutcome | None:
    return visited[identity][1] if identity in visited else None


def is_retry_due(
    link: Link, fetched_at: datetime, outcome: CaptureOutcome, limits: RunLimits
) -> bool:
    """Returns whether an address that gave no article may give one now."""
    if outcome is CaptureOutcome.UNCLEAR:
        return True  # it did not answer
    if outcome in PERMANENT_OUTCOMES and not limits.recheck:
        return is_fetch_due(link, fetched_at, (), limits)
    return is_fetch_due(link, fetched_at, limits.retry_intervals, limits)


def is_fetch_due(
    link: Link, captured_at: datetime, intervals: IntervalsByAge, limits: RunLimits
) -> bool:
    """Returns whether an address is fetched again: its listing shows an edit, or it is time.

    `captured_at`: when it was last fetched.
    """
    if limits.recheck:
        return True
    # Listings give whole seconds, captures give fractions.
    if link.modified_at and captured_at.replace(microsecond=0) <= link.modified_at <= limits.now:
        return True
    age_hours = (limits.now - (link.published_at or captured_at)).total_seconds() / 3600
    waited_hours = (limits.now - captured_at).total_seconds() / 3600
    for max_age, min_interval in intervals:
        if age_hours < max_age:
            return waited_hours >= min_interval
    return False


def sort_newest_first(links: Iterable[Link]) -> list[Link]:
    """Sorts links by time, newest first; those without a time come first, in listing order."""
    return sorted(
        links,
        key=lambda link: link.published_at or link.modified_at or _UNDATED_SORT_TIME,
        reverse=True,
    )


def drop_old_links(links: Iterable[Link], since: datetime | None, now: datetime) -> list[Link]:
    """Drops the links of a sitemap that are older than `since`.

    The default is SITEMAP_LOOKBACK, since sitemaps reach back for years.
    """
    oldest = since or now - SITEMAP_LOOKBACK
    return [
        link
        for link in links
        if (link.published_at or link.modified_at or _UNDATED_SORT_TIME) >= oldest
    ]
