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


def is_chronological(now: Sequence[ListedArticle]) -> bool:
    """Returns whether a listing is sorted from new to old.

    Only then does a gap in its middle mean that an article was removed. Lists of the most read
    articles and lists made by hand are not sorted so.
    """
    dates = [each.published_at for each in now if each.published_at]
    if len(dates) <= MIN_OLDER_LISTED:
        return False
    falling = sum(a >= b for a, b in pairwise(dates))
    return falling >= _MIN_CHRONOLOGICAL_SHARE * (len(dates) - 1)


def find_absent(
    before: Iterable[ListedArticle], now: Sequence[ListedArticle]
) -> tuple[set[int], set[int]]:
    """Returns the ids of articles that should still be listed, and of those that left at the end.

    Both are articles that were listed before and are not listed now.
    """
    held = {each.article_id for each in now}
    gone = [each for each in before if each.article_id not in held]
    if not is_chronological(now):
        return set(), set()
    dates = sorted(each.published_at for each in now if each.published_at)
    missed = {
        each.article_id
        for each in gone
        if each.published_at and each.published_at > dates[MIN_OLDER_LISTED - 1]
    }
    return missed, {each.article_id for each in gone} - missed


def listing_observations(spells: Iterable[ListingPeriod]) -> list[Observation]:
    """Returns what the listings say about an article.

    It is DROPPED if no other listing contains it, and LISTED if a listing contains it again.
    """
    ordered = sorted(spells, key=lambda spell: spell.first_at)
    looks: list[Observation] = []
    for spell in ordered:
        if spell.dropped_at and not _is_listed_elsewhere(spell, ordered):
            how = f"no longer in {spell.source}"
            looks.append(
                Observation(spell.dropped_at, ObservationKind.DROPPED, how=how, after=spell.last_at)
            )
    first_drop = min((look.at for look in looks), default=_END_OF_TIME)
    for spell in ordered:
        if spell.first_at > first_drop:
            how = f"again in {spell.source}"
            looks.append(
                Observation(
                    spell.first_at,
                    ObservationKind.LISTED,
                    how=how,
                    after=_last_dropped_at(looks, spell),
                )
            )
    return looks


def _is_listed_elsewhere(dropped: ListingPeriod, spells: Sequence[ListingPeriod]) -> bool:
    at = dropped.dropped_at or dropped.last_at
    return any(
        other is not dropped
        and other.first_at <= at
        and other.last_at > dropped.last_at
        and (other.dropped_at is None or other.dropped_at > at)
        for other in spells
    )


def _last_dropped_at(looks: Sequence[Observation], spell: ListingPeriod) -> datetime | None:
    drops = [
        look.at
        for look in looks
        if look.kind is ObservationKind.DROPPED and look.at < spell.first_at
    ]
    return max(drops, default=None)
