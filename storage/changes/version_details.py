"""A stored version as `dedup.changes` compares it, and what of it makes a version new. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from dedup.changes.records import ComparedVersion
from storage.records import Article, TimePrecision
from storage.tables.columns import AnyRow

_YEAR = re.compile(r"(?:19|20)\d\d")
_HANGUL = re.compile(r"[가-힣]")
NOT_FOUND, KNOWN_ABSENT = "-", "0"
"""In details: a field that was not found, and one that the page lacks while its siblings have it."""
WITNESSED_FIELDS = {"authors": 1, "captions": 2}
"""The fields whose absence can be told, and their places in details."""
MAX_DETAIL_VERSIONS = 5
"""Versions of one text that differ in details only; a page that has more of them is only restless."""


def digest_details(article: Article) -> str | None:
    """What is printed beside title and text: a short digest of each field, "-" for one not found.

    None for an import, which may know less.
    """
    if article.capture is None:
        return None
    at, _ = printed_publication_time(
        article.published_at,
        article.published_precision,
        article.published_source,
        article.published_raw,
    )
    printed = (article.lead, sorted(article.authors), sorted(article.captions), at)
    return " ".join(_digest(each) if each else NOT_FOUND for each in printed)


def fields_present(detail: str | None) -> tuple[str, ...]:
    """Which of `WITNESSED_FIELDS` a page has."""
    values = (detail or "").split()
    return tuple(
        n
        for n, i in WITNESSED_FIELDS.items()
        if len(values) > i and values[i] not in (NOT_FOUND, KNOWN_ABSENT)
    )


def fields_not_found(detail: str | None) -> tuple[str, ...]:
    """Which of `WITNESSED_FIELDS` were not found on a page."""
    values = (detail or "").split()
    return tuple(
        name for name, i in WITNESSED_FIELDS.items() if len(values) > i and values[i] == NOT_FOUND
    )


def mark_fields_absent(detail: str, fields: Iterable[str]) -> str:
    """The details of a page that is known to have none of these fields; what it has stays."""
    values = detail.split()
    for name in fields:
        if values[WITNESSED_FIELDS[name]] == NOT_FOUND:
            values[WITNESSED_FIELDS[name]] = KNOWN_ABSENT
    return " ".join(values)


def fields_known_absent(detail: str | None) -> frozenset[str]:
    """Which of `WITNESSED_FIELDS` a version is known to lack."""
    values = (detail or "").split()
    return frozenset(
        name
        for name, i in WITNESSED_FIELDS.items()
        if len(values) > i and values[i] == KNOWN_ABSENT
    )


def _digest(value: object) -> str:
    return hashlib.sha256(str(value).encode("utf-8", "replace")).hexdigest()[:8]


def _details_agree(one: str | None, other: str | None) -> bool:
    """Whether no field that both know differs."""
    if one is None or other is None:
        return True
    pairs = zip(one.split(), other.split(), strict=False)
    return all(a == b or NOT_FOUND in (a, b) for a, b in pairs)


def match_held_contents(versions: Sequence[AnyRow], content: str, detail: str | None) -> list[str]:
    """For each held version `content` if a capture with these shows the same, else something else.

    A detail that either does not know is the same: not found is more often our loss than theirs.
    """
    texts = [row.content_sha256 == content for row in versions]
    restless = sum(texts) >= MAX_DETAIL_VERSIONS
    return [
        content
        if text and (restless or _details_agree(detail, row.details))
        else f"other than {content}"
        for text, row in zip(texts, versions, strict=True)
    ]


def printed_publication_time(
    at: datetime | None, precision: str | None, source: str, raw: str
) -> tuple[datetime | None, bool]:
    """A time of publication as far as the page itself prints it, and whether by day only.

    "3 hours ago" is known by day: counted back from another fetch it is another minute.
    """
    if at is None or source.startswith("listing"):
        return None, True
    by_day = precision not in (TimePrecision.SECOND, TimePrecision.MINUTE) or not _YEAR.search(raw)
    return (at.replace(hour=0, minute=0, second=0, microsecond=0) if by_day else at), by_day


def to_compared_version(row: AnyRow, *, own_agency: bool) -> ComparedVersion:
    """A row of `version`. `own_agency`: the outlet translates its reports itself, as KCNA does."""
    published, by_day = printed_publication_time(
        row.published_at, row.published_precision, row.published_source, row.published_raw
    )
    return ComparedVersion(
        title=row.title,
        text=row.text,
        lead=row.lead,
        authors=tuple(row.authors or ()),
        captions=tuple(row.captions or ()),
        published_at=published,
        is_date_only=by_day,
        modified_at=row.modified_at,
        language=row.language,
        rules=row.rules_version,
        absent_fields=fields_known_absent(row.details),
        translated=own_agency and not _HANGUL.search(f"{row.title} {row.text[:500]}"),
    )


def is_own_agency(outlet: str, rank: int) -> bool:
    """Whether the outlet is KCNA or its like: rank 0, or KCNA by name in an imported corpus."""
    return rank == 0 or outlet.startswith(("kcna.", "kcna-")) or outlet == "kcna"


def format_kinds(kinds: Iterable[str]) -> str:
    """Kinds as the `change` table keeps them."""
    return f" {' '.join(kinds)} "
