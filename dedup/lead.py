"""Chooses the lead document of a story."""

from collections.abc import Iterable
from datetime import UTC, datetime

from dedup.records import Document, Member

Seniority = tuple[int, datetime, datetime, str]

_NEVER = datetime.max.replace(tzinfo=UTC)


def seniority_key(member: Member | Document) -> Seniority:
    """Returns the sort key for lead documents: the most senior document sorts first.

    The order is rank (agency, then wire, then all others), publication time, time of first sight,
    `uid`. Unknown times sort last.
    """
    return (
        min(member.rank, 2),
        member.published_at or _NEVER,
        member.first_seen_at or _NEVER,
        member.uid,
    )


def choose_lead(members: Iterable[Member]) -> Member:
    """Returns the lead document: the agency original, else first published, else first seen.

    Raises ValueError if `members` is empty.
    """
    return min(members, key=seniority_key)
