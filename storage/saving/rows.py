"""Converts an article to rows of its tables. Pure functions."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from storage.changes.version_details import match_held_contents
from storage.changes.witnesses import witness_keys
from storage.records import Article, Capture, PageClass
from storage.saving.prepare import PreparedArticle, quarantine_payload
from storage.saving.version_history import StoredVersion, VersionCapture, VersionHistory
from storage.tables.columns import AnyRow

_CAPTURE_FIELDS = tuple(field.name for field in fields(Capture))


def capture_values(fetched: Capture, outcome: str) -> dict[str, Any]:
    """Returns the values of a row of `capture`, without article, version and run."""
    return {name: getattr(fetched, name) for name in _CAPTURE_FIELDS} | {"outcome": outcome}


def capture_row(
    fetched: Capture, outcome: str, article_id: int, version_id: int | None, run_id: int | None
) -> dict[str, Any]:
    """Returns a row of `capture`. `version_id`: the version that it showed, if any."""
    own = {"article_id": article_id, "version_id": version_id, "run_id": run_id}
    return capture_values(fetched, outcome) | own


def new_article_values(new: PreparedArticle, now: datetime) -> dict[str, Any]:
    """Returns the values of `article` for an article that is not stored yet."""
    return current_version_values(new) | {
        "outlet": new.article.outlet,
        "identity": new.identity,
        "key": new.article.key,
        "external_id": new.article.external_id,
        "first_seen_at": new.article.first_seen_at or new.captured_at or now,
        "seen_at": new.article.first_seen_at or new.captured_at,
        "last_poll_without_at": new.article.last_poll_without_at,
        "last_captured_at": new.captured_at,
    }


def current_version_values(new: PreparedArticle) -> dict[str, Any]:
    """Returns the values that `article` copies from its current version."""
    return {
        "url": new.article.url,
        "canonical_url": new.article.canonical_url,
        "page_class": new.article.page_class.value,
        "language": new.article.language,
        "published_at": new.article.published_at,
        "published_precision": new.article.published_precision,
    }


def drop_empty_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drops None and "", so that values of an earlier capture stay."""
    return {name: value for name, value in values.items() if value not in (None, "")}


def version_row(
    new: PreparedArticle, article_id: int, captured_at: datetime | None, now: datetime
) -> dict[str, Any]:
    """Returns a row of `version`. `captured_at`: None for an imported text."""
    taken = new.article
    return {
        "article_id": article_id,
        "captured_at": captured_at,
        "stored_at": now,
        "content_sha256": new.content_sha256,
        "page_class": taken.page_class.value,
        "rules_version": taken.rules_version,
        "title": taken.title,
        "text": taken.text,
        "lead": taken.lead,
        "authors": taken.authors,
        "section": taken.section,
        "tags": taken.tags,
        "language": taken.language,
        "dateline": asdict(taken.dateline) if taken.dateline else None,
        "captions": taken.captions,
        "published_at": taken.published_at,
        "published_precision": taken.published_precision,
        "published_source": taken.published_source,
        "published_raw": taken.published_raw,
        "modified_at": taken.modified_at,
        "rights": taken.rights,
        "evidence": dict(taken.evidence),
        "details": new.details,
    }


def first_seen_changes(row: AnyRow, new: PreparedArticle) -> dict[str, Any]:
    """Returns the changes to `article`: earlier first-seen times, and values missing so far."""
    changes: dict[str, Any] = {}
    seen = new.article.first_seen_at or new.captured_at
    if seen and (row.seen_at is None or seen < row.seen_at):
        changes["seen_at"] = seen
    if seen and seen < row.first_seen_at:
        changes |= {
            "first_seen_at": seen,
            "last_poll_without_at": new.article.last_poll_without_at,
        }
    if row.published_at is None and new.article.published_at is not None:
        changes |= {
            "published_at": new.article.published_at,
            "published_precision": new.article.published_precision,
        }
    for name in ("external_id", "language"):
        if not getattr(row, name) and getattr(new.article, name):
            changes[name] = getattr(new.article, name)
    return changes


def latest_capture_changes(row: AnyRow, new: PreparedArticle) -> dict[str, Any]:
    """Returns the changes to `article` if this is its latest capture; the page is not gone then."""
    at = new.captured_at
    if at is None or (row.last_captured_at and at <= row.last_captured_at):
        return {}
    return {"last_captured_at": at, "url": new.article.url, "gone_at": None}


def quarantine_row(
    refused: Article, reason: str, run_id: int | None, now: datetime
) -> dict[str, Any]:
    """Returns a row of `quarantine`: the whole article as ASCII JSON, with the reason."""
    whole = quarantine_payload(refused)
    return {
        "run_id": run_id,
        "outlet": _to_ascii(refused.outlet),
        "url": _to_ascii(refused.url),
        "reason": _to_ascii(reason),
        "payload": whole,
        "payload_sha256": hashlib.sha256(whole.encode()).hexdigest(),
        "added_at": now,
    }


def build_history(
    versions: Sequence[AnyRow], captures: Iterable[AnyRow], new: PreparedArticle | None = None
) -> VersionHistory:
    """Builds the history of an article from its rows of `version` and of `capture`.

    `new`: a further capture. The versions that show the same as it, details included, get its
    content hash.
    """
    held, sightings = (
        [],
        [VersionCapture(row.fetched_at, row.version_id) for row in captures],
    )
    contents = [row.content_sha256 for row in versions]
    if new is not None:
        contents = match_held_contents(versions, new.content_sha256, new.details)
    for row, content in zip(versions, contents, strict=True):
        held.append(StoredVersion(row.id, content, PageClass(row.page_class)))
        if row.captured_at is None:
            sightings.append(VersionCapture(None, row.id))
    return VersionHistory(held, sightings)


def _to_ascii(text: Any) -> str:
    return str(text).encode("ascii", "backslashreplace").decode().replace("\0", "\\0")


def latest_answers(batch: Iterable[PreparedArticle]) -> dict[tuple[str, str], datetime]:
    """Returns the latest capture for each witness key; the order in the batch means nothing."""
    latest: dict[tuple[str, str], datetime] = {}
    for new in batch:
        if fetched := new.article.capture:
            for kind in witness_keys(new.article.outlet, new.article.url, new.details):
                latest[kind] = max(fetched.fetched_at, latest.get(kind, fetched.fetched_at))
    return latest
