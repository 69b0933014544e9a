"""Which articles a listing dropped, told from those that rolled out of it at its end. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from storage.changes.article_state import Observation, ObservationKind

MIN_OLDER_LISTED = 2
"""Older articles that a listing must still hold for a younger one to be missed."""
_MIN_CHRONOLOGICAL_SHARE = 0.9
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article in a listing. `published_at`: as it is known, by day or better."""

    article_id: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListingPeriod:
    """A time that a source held an article; `dropped_at`: the poll from which on it did not."""

    source: str
    first_at: datetime
    last_at: datetime
    dropped_at: datetime | None = None


def is_chronological(now: Sequence[ListedArticle]) -> bool:
    """Whether a listing goes from new to old, so that what it lacks in its middle was taken out.

    Lists of what is read most, and hand-made ones, do not.
    """
    dates = [each.published_at for each in now if each.published_at]
    if len(dates) <= MIN_OLDER_LISTED:
        return False
    falling = sum(a >= b for a, b in pairwise(dates))
    return falling >= _MIN_CHRONOLOGICAL_SHARE * (len(dates) - 1)


def find_absent(
    before: Iterable[ListedArticle], now: Sequence[ListedArticle]
) -> tuple[set[int], set[int]]:
    """Of what was listed before: ids that should be listed still and are not, and ids rolled out."""
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
    """What the listings say of an article: dropped by the last that held it, held again by one."""
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
