"""Which member of a story stands for it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from dedup.records import Document, Member

Seniority = tuple[int, datetime, datetime, str]

_NEVER = datetime.max.replace(tzinfo=UTC)


def seniority_key(member: Member | Document) -> Seniority:
    """Smaller is nearer the source: the agency, then a wire, then first published, first seen."""
    return (
        min(member.rank, 2),
        member.published_at or _NEVER,
        member.first_seen_at or _NEVER,
        member.uid,
    )


def choose_lead(members: Iterable[Member]) -> Member:
    """The lead document of these members: agency original, else first published, else first seen."""
    return min(members, key=seniority_key)
