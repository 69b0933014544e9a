"""Converts an article to rows of its tables. Pure functions."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from storage.changes.version_details import HeldVersion, match_held_contents
from storage.changes.witnesses import witness_keys
from storage.records import Article, Capture, CaptureResult, PageClass
from storage.saving.prepare import PreparedArticle, quarantine_payload
from storage.saving.version_history import StoredVersion, VersionCapture, VersionHistory
from storage.tables.articles import DEFAULT_OUTLET_RANK
from storage.tables.columns import AnyRow

_CAPTURE_FIELDS = tuple(field.name for field in fields(Capture))


def capture_values(fetched: Capture, result: CaptureResult) -> dict[str, Any]:
    """Returns the values of a row of `capture`, without article, version and run."""
    values = {name: getattr(fetched, name) for name in _CAPTURE_FIELDS}
    return values | {"outcome": result.outcome, "detail": result.detail}


def capture_row(
    fetched: Capture,
    result: CaptureResult,
    article_id: int,
    version_id: int | None,
    run_id: int | None,
) -> dict[str, Any]:
    """Returns a row of `capture`. `version_id`: the version that it showed, if any."""
    ids = {"article_id": article_id, "version_id": version_id, "run_id": run_id}
    return capture_values(fetched, result) | ids


def ranks_by_outlet(articles: Iterable[Article]) -> dict[str, int]:
    """Returns the rank that each outlet gets if it is new: that of an export, else the default."""
    ranks: dict[str, int] = {}
    for each in articles:
        rank = each.exported.outlet_rank if each.exported else None
        if rank is not None or each.outlet not in ranks:
            ranks[each.outlet] = DEFAULT_OUTLET_RANK if rank is None else rank
    return ranks


def new_article_values(prepared: PreparedArticle, now: datetime) -> dict[str, Any]:
    """Returns the values of `article` for an article that is not stored yet."""
    return current_version_values(prepared) | {
        "outlet": prepared.article.outlet,
        "identity": prepared.identity,
        "key": prepared.article.key,
        "external_id": prepared.article.external_id,
        "first_seen_at": prepared.article.first_seen_at or prepared.captured_at or now,
        "seen_at": prepared.seen_at,
        "last_poll_without_at": prepared.article.last_poll_without_at,
        "last_captured_at": prepared.captured_at,
    }


def current_version_values(prepared: PreparedArticle) -> dict[str, Any]:
    """Returns the values that `article` copies from its current version."""
    return {
        "url": prepared.article.url,
        "canonical_url": prepared.article.canonical_url,
        "page_class": prepared.article.page_class.value,
        "language": prepared.article.language,
        "published_at": prepared.published[0],
        "published_precision": prepared.published[1],
        "statement_level": prepared.statement_level,
    }


def drop_empty_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drops None and "", so that values of an earlier capture stay."""
    return {name: value for name, value in values.items() if value not in (None, "")}


def version_row(
    prepared: PreparedArticle, article_id: int, captured_at: datetime | None, now: datetime
) -> dict[str, Any]:
    """Returns a row of `version`. `captured_at`: None for an imported text."""
    article = prepared.article
    return {
        "article_id": article_id,
        "captured_at": captured_at,
        "stored_at": (article.exported and article.exported.stored_at) or now,
        "content_sha256": prepared.content_sha256,
        "page_class": article.page_class.value,
        "rules_version": article.rules_version,
        "title": article.title,
        "text": article.text,
        "lead": article.lead,
        "authors": article.authors,
        "section": article.section,
        "tags": article.tags,
        "language": article.language,
        "dateline": asdict(article.dateline) if article.dateline else None,
        "captions": article.captions,
        "published_at": article.published_at,
        "published_precision": article.published_precision,
        "published_source": article.published_source,
        "published_raw": article.published_raw,
        "modified_at": article.modified_at,
        "rights": article.rights,
        "evidence": dict(article.evidence),
        "details": prepared.details,
    }


def first_seen_changes(row: AnyRow, prepared: PreparedArticle) -> dict[str, Any]:
    """Returns the changes to `article`: earlier first-seen times, and values missing so far."""
    changes: dict[str, Any] = {}
    first_seen_at = prepared.article.first_seen_at or prepared.captured_at
    if prepared.seen_at and (row.seen_at is None or prepared.seen_at < row.seen_at):
        changes["seen_at"] = prepared.seen_at
    if first_seen_at and first_seen_at < row.first_seen_at:
        changes |= {
            "first_seen_at": first_seen_at,
            "last_poll_without_at": prepared.article.last_poll_without_at,
        }
    published_at, precision = prepared.published
    if row.published_at is None and published_at is not None:
        changes |= {"published_at": published_at, "published_precision": precision}
    for name in ("external_id", "language"):
        if not getattr(row, name) and getattr(prepared.article, name):
            changes[name] = getattr(prepared.article, name)
    return changes


def latest_capture_changes(row: AnyRow, prepared: PreparedArticle) -> dict[str, Any]:
    """Returns the changes to `article` if this is its latest capture; the page is not gone then."""
    captured_at = prepared.captured_at
    if captured_at is None or (row.last_captured_at and captured_at <= row.last_captured_at):
        return {}
    return {"last_captured_at": captured_at, "url": prepared.article.url, "gone_at": None}


def quarantine_row(
    rejected: Article, reason: str, run_id: int | None, now: datetime
) -> dict[str, Any]:
    """Returns a row of `quarantine`: the whole article as ASCII JSON, with the reason."""
    payload = quarantine_payload(rejected)
    return {
        "run_id": run_id,
        "outlet": _to_ascii(rejected.outlet),
        "url": _to_ascii(rejected.url),
        "reason": _to_ascii(reason),
        "payload": payload,
        "payload_sha256": hashlib.sha256(payload.encode()).hexdigest(),
        "added_at": now,
    }


def build_history(
    versions: Sequence[HeldVersion],
    captures: Iterable[VersionCapture],
    prepared: PreparedArticle | None = None,
) -> VersionHistory:
    """Builds the history of an article from its versions and captures.

    `prepared`: a further capture. The versions that show the same as it, details included, get its
    content hash; also those that were stored with characters that no reader sees.
    """
    stored_versions, shown_versions = [], list(captures)
    contents = [row.content_sha256 for row in versions]
    if prepared is not None:
        versions = [_as_stored_today(row, prepared) for row in versions]
        contents = match_held_contents(versions, prepared.content_sha256, prepared.details)
    for row, content in zip(versions, contents, strict=True):
        stored_versions.append(StoredVersion(row.id, content, PageClass(row.page_class)))
        if row.captured_at is None:
            shown_versions.append(VersionCapture(None, row.id))
    return VersionHistory(stored_versions, shown_versions)


def _as_stored_today(row: HeldVersion, prepared: PreparedArticle) -> HeldVersion:
    if row.content_sha256 != prepared.former_sha256:
        return row
    return row._replace(content_sha256=prepared.content_sha256)


def _to_ascii(text: Any) -> str:
    return str(text).encode("ascii", "backslashreplace").decode().replace("\0", "\\0")


def latest_answers(batch: Iterable[PreparedArticle]) -> dict[tuple[str, str], datetime]:
    """Returns the latest capture for each witness key; the order in the batch means nothing."""
    latest: dict[tuple[str, str], datetime] = {}
    for prepared in batch:
        if fetched := prepared.article.capture:
            for key in witness_keys(
                prepared.article.outlet, prepared.article.url, prepared.details
            ):
                latest[key] = max(fetched.fetched_at, latest.get(key, fetched.fetched_at))
    return latest
