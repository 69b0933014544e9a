"""Separates articles that a listing dropped from those that left it at its end. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from storage.changes.article_state import Observation, ObservationKind

MIN_OLDER_LISTED = 2
"""Older articles that a listing must still contain before a younger one counts as absent."""
_MIN_CHRONOLOGICAL_SHARE = 0.9
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article in a listing. `published_at`: None if not known."""

    article_id: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListingPeriod:
    """A period in which a source listed an article.

    `dropped_at`: the first poll that no longer contained it.
    """

    source: str
    first_at: datetime
    last_at: datetime
    dropped_at: datetime | None = None


def is_chronological(listing: Sequence[ListedArticle]) -> bool:
    """Returns whether a listing is sorted from new to old.

    Only then does a gap in its middle mean that an article was removed. Lists of the most read
    articles and lists made by hand are not sorted so.
    """
    dates = [each.published_at for each in listing if each.published_at]
    if len(dates) <= MIN_OLDER_LISTED:
        return False
    falling = sum(a >= b for a, b in pairwise(dates))
    return falling >= _MIN_CHRONOLOGICAL_SHARE * (len(dates) - 1)


def find_absent(
    previous: Iterable[ListedArticle], current: Sequence[ListedArticle]
) -> tuple[set[int], set[int]]:
    """Returns the ids of articles that should still be listed, and of those that left at the end.

    Both are articles that were listed before and are not listed now.
    """
    listed_ids = {each.article_id for each in current}
    unlisted = [each for each in previous if each.article_id not in listed_ids]
    if not is_chronological(current):
        return set(), set()
    dates = sorted(each.published_at for each in current if each.published_at)
    absent_ids = {
        each.article_id
        for each in unlisted
        if each.published_at and each.published_at > dates[MIN_OLDER_LISTED - 1]
    }
    return absent_ids, {each.article_id for each in unlisted} - absent_ids


def listing_observations(periods: Iterable[ListingPeriod]) -> list[Observation]:
    """Returns what the listings say about an article.

    It is DROPPED if no other listing contains it, and LISTED if a listing contains it again.
    """
    ordered = sorted(periods, key=lambda period: period.first_at)
    observations: list[Observation] = []
    for period in ordered:
        if period.dropped_at and not _is_listed_elsewhere(period, ordered):
            how = f"no longer in {period.source}"
            observations.append(
                Observation(
                    period.dropped_at, ObservationKind.DROPPED, how=how, after=period.last_at
                )
            )
    first_drop = min((observation.at for observation in observations), default=_END_OF_TIME)
    for period in ordered:
        if period.first_at > first_drop:
            how = f"again in {period.source}"
            observations.append(
                Observation(
                    period.first_at,
                    ObservationKind.LISTED,
                    how=how,
                    after=_last_dropped_at(observations, period),
                )
            )
    return observations


def _is_listed_elsewhere(dropped: ListingPeriod, periods: Sequence[ListingPeriod]) -> bool:
    dropped_at = dropped.dropped_at or dropped.last_at
    return any(
        other is not dropped
        and other.first_at <= dropped_at
        and other.last_at > dropped.last_at
        and (other.dropped_at is None or other.dropped_at > dropped_at)
        for other in periods
    )


def _last_dropped_at(observations: Sequence[Observation], period: ListingPeriod) -> datetime | None:
    drop_times = [
        observation.at
        for observation in observations
        if observation.kind is ObservationKind.DROPPED and observation.at < period.first_at
    ]
    return max(drop_times, default=None)
