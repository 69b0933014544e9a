"""Prepares stored versions for `dedup.changes`; decides when a capture is a new version. No I/O.

The details of a version are short digests of the fields beside title and text: lead paragraph,
authors, captions and publication time.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from dedup.changes.records import ComparedVersion
from storage.records import Article, TimePrecision
from storage.tables.columns import AnyRow

_YEAR = re.compile(r"(?:19|20)\d\d")
_HANGUL = re.compile(r"[가-힣]")
WITNESSED_FIELDS = ("authors", "captions")
"""The fields whose absence can be proved by a sibling."""
MAX_DETAIL_VERSIONS = 5
"""Versions of one text that differ only in details. Of a page with more, details are ignored."""

Details: TypeAlias = Mapping[str, str | None]
"""The digest of each field that a page has; None for a field that the page is known to lack.

A field that was not found is left out: it may be our extraction error.
"""


def digest_details(article: Article) -> Details | None:
    """Returns a short digest of each field beside title and text.

    Returns None for an imported article, because the import may lack fields.
    """
    if article.capture is None:
        return None
    published_at, _ = printed_publication_time(
        article.published_at,
        article.published_precision,
        article.published_source,
        article.published_raw,
    )
    printed_fields = {
        "lead": article.lead,
        "authors": sorted(article.authors),
        "captions": sorted(article.captions),
        "published_at": published_at,
    }
    return {name: _digest(value) for name, value in printed_fields.items() if value}


def changed_details(row: AnyRow) -> list[str]:
    """Returns the fields of a stored version that are not as their digests say.

    `row`: `details`, `lead`, `authors` and `captions` of a version. The publication time is left
    out: its digest depends on the rules by which it was read.
    """
    fields = {
        "lead": row.lead,
        "authors": sorted(row.authors or ()),
        "captions": sorted(row.captions or ()),
    }
    known = {name: digest for name, digest in (row.details or {}).items() if digest}
    return [
        name for name, value in fields.items() if name in known and _digest(value) != known[name]
    ]


def fields_present(details: Details | None) -> tuple[str, ...]:
    """Returns those of `WITNESSED_FIELDS` that a page has."""
    return tuple(name for name in WITNESSED_FIELDS if (details or {}).get(name))


def fields_not_found(details: Details) -> tuple[str, ...]:
    """Returns those of `WITNESSED_FIELDS` that were not found on a page."""
    return tuple(name for name in WITNESSED_FIELDS if name not in details)


def mark_fields_absent(details: Details, fields: Iterable[str]) -> Details:
    """Returns the details with these fields marked as known to be absent. Found fields stay."""
    return {**dict.fromkeys(fields), **details}


def fields_known_absent(details: Details | None) -> frozenset[str]:
    """Returns those of `WITNESSED_FIELDS` that a version is known to lack."""
    return frozenset(name for name in WITNESSED_FIELDS if (details or {}).get(name, "") is None)


def _digest(value: object) -> str:
    return hashlib.sha256(str(value).encode("utf-8", "replace")).hexdigest()[:8]


def _details_agree(details: Details | None, other_details: Details | None) -> bool:
    """Returns whether all fields that both sides know are equal."""
    if details is None or other_details is None:
        return True
    return all(details[name] == other_details[name] for name in details.keys() & other_details)


class HeldVersion(NamedTuple):
    """A stored version. `captured_at`: None if it was imported."""

    id: int
    content_sha256: str
    details: Details | None
    captured_at: datetime | None
    page_class: str


def match_held_contents(
    versions: Sequence[HeldVersion], content: str, details: Details | None
) -> list[str]:
    """Returns, for each stored version, `content` if the capture shows the same, else another text.

    A detail that one side does not know counts as equal: a field that is not found is usually our
    extraction error, not an edit by the outlet.
    """
    same_texts = [row.content_sha256 == content for row in versions]
    ignores_details = sum(same_texts) >= MAX_DETAIL_VERSIONS
    return [
        content
        if is_same_text and (ignores_details or _details_agree(details, row.details))
        else f"other than {content}"
        for is_same_text, row in zip(same_texts, versions, strict=True)
    ]


def printed_publication_time(
    published_at: datetime | None, precision: str | None, source: str, raw: str
) -> tuple[datetime | None, bool]:
    """Returns the publication time as far as the page prints it, and whether only the day is known.

    "3 hours ago" gives only the day, because every capture would compute another minute. A time
    from a listing is not printed on the page: the result is (None, True).
    """
    if published_at is None or source.startswith("listing"):
        return None, True
    is_date_only = precision not in (
        TimePrecision.SECOND,
        TimePrecision.MINUTE,
    ) or not _YEAR.search(raw)
    return (
        published_at.replace(hour=0, minute=0, second=0, microsecond=0)
        if is_date_only
        else published_at
    ), is_date_only


def to_compared_version(row: AnyRow, *, own_agency: bool) -> ComparedVersion:
    """Converts a row of `version`. `own_agency`: the outlet translates its reports, as KCNA does."""
    published_at, is_date_only = printed_publication_time(
        row.published_at, row.published_precision, row.published_source, row.published_raw
    )
    return ComparedVersion(
        title=row.title,
        text=row.text,
        lead=row.lead,
        authors=tuple(row.authors or ()),
        captions=tuple(row.captions or ()),
        published_at=published_at,
        is_date_only=is_date_only,
        modified_at=row.modified_at,
        language=row.language,
        rules=row.rules_version,
        absent_fields=fields_known_absent(row.details),
        translated=own_agency and not _HANGUL.search(f"{row.title} {row.text[:500]}"),
    )


def is_own_agency(outlet: str, rank: int) -> bool:
    """Returns whether the outlet is a state agency: rank 0, or named KCNA in an imported corpus."""
    return rank == 0 or outlet.startswith(("kcna.", "kcna-")) or outlet == "kcna"
