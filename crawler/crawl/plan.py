"""Which of the listed articles a run fetches, and in which order. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawler.discovery.periods import period_of_article_url
from crawler.sources import Link

_UNDATED = datetime(9999, 1, 1, tzinfo=UTC)
OFF_TOPIC, ALIAS = "off topic", "alias"
SETTLED = frozenset({OFF_TOPIC, ALIAS})  # what time does not change
SITEMAP_LOOKBACK = timedelta(days=30)

# (age below, least time between two captures) in hours, youngest first
Ladder = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bounds a run. `room`: article pages; `revisits`: how many of them may be known ones.

    `ladder`: when known articles are looked at again; `ask_again`: when addresses that gave none are.
    """

    now: datetime
    room: int
    revisits: int
    since: datetime | None = None
    until: datetime | None = None
    ladder: Ladder = ()
    ask_again: Ladder = ()
    recheck: bool = False


@dataclass(slots=True)
class Plan:
    """`fetch`: new articles newest first, then known ones that are due. The rest is counted."""

    fetch: list[Link] = field(default_factory=list)
    known: int = 0
    outside: int = 0
    over: int = 0


def plan(
    links: Mapping[str, Link],
    known: Mapping[str, datetime],
    visited: Mapping[str, tuple[datetime, str]],
    limits: Limits,
) -> Plan:
    """Decide on all that was listed. All mappings are by identity.

    `known`: last capture of articles that are held; `visited`: last fetch of addresses that gave none,
    and what they were.
    """
    decided = Plan()
    new: list[Link] = []
    due: list[Link] = []
    counted: list[Link] = []
    for identity, link in links.items():
        if is_outside(link, limits):
            decided.outside += 1
        elif identity in known:
            again = is_due(link, known[identity], limits.ladder, limits)
            (due if again else counted).append(link)
        elif identity in visited and not is_worth_asking(link, *visited[identity], limits):
            counted.append(link)
        else:
            new.append(link)
    decided.known = len(counted)
    due = newest_first(due)[: limits.room if limits.recheck else limits.revisits]
    decided.fetch = newest_first(new) + due
    decided.over = max(0, len(decided.fetch) - limits.room)
    del decided.fetch[limits.room :]
    return decided


def is_outside(link: Link, limits: Limits) -> bool:
    """Tell whether an article was surely published outside `since` and `until`.

    Where its listing has no date the day in its address counts: archives list years of them.
    """
    if link.published_at is not None:
        return not in_window(link.published_at, link.published_precision, limits)
    if limits.since is None and limits.until is None:
        return False
    named = period_of_article_url(link.url)
    return named is not None and named.is_outside(limits.since, limits.until)


def in_window(at: datetime | None, precision: str, limits: Limits) -> bool:
    """Tell whether a time lies between `since` and `until`; an unknown one may."""
    if at is None:
        return True
    last_moment = at + timedelta(days=1) if precision == "day" else at
    if limits.since and last_moment < limits.since:
        return False
    return not (limits.until and at > limits.until)


def is_worth_asking(link: Link, fetched: datetime, outcome: str, limits: Limits) -> bool:
    """Tell whether an address that gave no article may give one now."""
    if outcome in SETTLED and not limits.recheck:
        return is_due(link, fetched, (), limits)
    return is_due(link, fetched, limits.ask_again, limits)


def is_due(link: Link, captured: datetime, ladder: Ladder, limits: Limits) -> bool:
    """Tell whether an address is worth another look: edited by its listing, or by its age."""
    if limits.recheck:
        return True
    # Listings have whole seconds, captures have more.
    if link.modified_at and captured.replace(microsecond=0) <= link.modified_at <= limits.now:
        return True
    age = (limits.now - (link.published_at or captured)).total_seconds() / 3600
    waited = (limits.now - captured).total_seconds() / 3600
    for below, gap in ladder:
        if age < below:
            return waited >= gap
    return False


def newest_first(links: Iterable[Link]) -> list[Link]:
    """Order by time; where the listing gives none, the listing's own order stands in front."""
    return sorted(
        links, key=lambda link: link.published_at or link.modified_at or _UNDATED, reverse=True
    )


def without_archive(links: Iterable[Link], since: datetime | None, now: datetime) -> list[Link]:
    """Leave out what a sitemap has from before `since`; it reaches back for years, so not unasked."""
    oldest = since or now - SITEMAP_LOOKBACK
    return [link for link in links if (link.published_at or link.modified_at or _UNDATED) >= oldest]
