"""Which articles a listing dropped, told from those that rolled out of it at its end. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from storage.changes.states import Look, Sight

SIBLINGS = 2
"""Older articles that a listing must still hold for a younger one to be missed."""
_IN_ORDER = 0.9
_UNKNOWN = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a listing. `published_at`: as it is known, by day or better."""

    article_id: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Spell:
    """A time that a source held an article; `dropped_at`: the poll from which on it did not."""

    source: str
    first_at: datetime
    last_at: datetime
    dropped_at: datetime | None = None


def is_chronological(now: Sequence[Listed]) -> bool:
    """Whether a listing goes from new to old, so that what it lacks in its middle was taken out.

    Lists of what is read most, and hand-made ones, do not.
    """
    dates = [each.published_at for each in now if each.published_at]
    if len(dates) <= SIBLINGS:
        return False
    falling = sum(a >= b for a, b in pairwise(dates))
    return falling >= _IN_ORDER * (len(dates) - 1)


def absent(before: Iterable[Listed], now: Sequence[Listed]) -> tuple[set[int], set[int]]:
    """Of what was listed before: ids that should be listed still and are not, and ids rolled out."""
    held = {each.article_id for each in now}
    gone = [each for each in before if each.article_id not in held]
    if not is_chronological(now):
        return set(), set()
    dates = sorted(each.published_at for each in now if each.published_at)
    missed = {
        each.article_id
        for each in gone
        if each.published_at and each.published_at > dates[SIBLINGS - 1]
    }
    return missed, {each.article_id for each in gone} - missed


def listing_looks(spells: Iterable[Spell]) -> list[Look]:
    """What the listings say of an article: dropped by the last that held it, held again by one."""
    ordered = sorted(spells, key=lambda spell: spell.first_at)
    looks: list[Look] = []
    for spell in ordered:
        if spell.dropped_at and not _held_elsewhere(spell, ordered):
            how = f"no longer in {spell.source}"
            looks.append(Look(spell.dropped_at, Sight.DROPPED, how=how, after=spell.last_at))
    first_drop = min((look.at for look in looks), default=_UNKNOWN)
    for spell in ordered:
        if spell.first_at > first_drop:
            how = f"again in {spell.source}"
            looks.append(
                Look(spell.first_at, Sight.LISTED, how=how, after=_last_drop(looks, spell))
            )
    return looks


def _held_elsewhere(dropped: Spell, spells: Sequence[Spell]) -> bool:
    at = dropped.dropped_at or dropped.last_at
    return any(
        other is not dropped
        and other.first_at <= at
        and other.last_at > dropped.last_at
        and (other.dropped_at is None or other.dropped_at > at)
        for other in spells
    )


def _last_drop(looks: Sequence[Look], spell: Spell) -> datetime | None:
    drops = [look.at for look in looks if look.sight is Sight.DROPPED and look.at < spell.first_at]
    return max(drops, default=None)
