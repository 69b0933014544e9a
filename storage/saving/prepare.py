"""Cleans and checks an article before the transaction. Pure functions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dedup.statements.statement_level import StatementLevel, find_statement_level
from storage.changes.version_details import Details, digest_details
from storage.clean import (
    clean_line,
    clean_text,
    plausible_time,
    storable_line,
    storable_text,
)
from storage.errors import InvalidRequest
from storage.guard.addresses import NOT_WEB, web_address
from storage.identity import canonicalise, compute_identity, content_sha256, renew_identity
from storage.records import Article, Capture, Dateline, Exported, PageClass, TimePrecision

MAX_TEXT_CHARS = 2_000_000
"""Characters. The longest printed speech so far has a tenth of this; a longer page is broken."""
_MAX_PAYLOAD_CHARS = 200_000


class InvalidArticleError(InvalidRequest):
    """An article cannot be stored; the message says why."""


@dataclass(frozen=True, slots=True)
class RejectedArticle:
    """An article that cannot be stored, and the reason."""

    article: Article
    reason: str


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """A clean article with its identity.

    `content_sha256`: SHA-256 of title and text, in hex. `former_sha256`: that of the same text as
    nkwire stored it before it left out what no reader sees. `details`: short digests of the other
    printed fields; None for an imported text.
    """

    article: Article
    identity: str
    content_sha256: str
    former_sha256: str
    details: Details | None
    statement_level: StatementLevel = StatementLevel.UNKNOWN

    @property
    def seen_at(self) -> datetime | None:
        """When the article was seen; None if only the time of an import is known."""
        if self.article.exported:
            return self.article.exported.seen_at
        return self.article.first_seen_at or self.captured_at

    @property
    def published(self) -> tuple[datetime | None, TimePrecision | None]:
        """When the article was published, and the precision; a version may say another time."""
        source = self.article.exported or self.article
        return source.published_at, source.published_precision

    @property
    def captured_at(self) -> datetime | None:
        """When the page was fetched; None for an imported text."""
        return self.article.capture.fetched_at if self.article.capture else None


def prepare_article(article: Article, now: datetime) -> PreparedArticle:
    """Returns the article in the form in which it is stored.

    `now`: replaces the capture time of an imported text when its times are checked. Raises
    InvalidArticleError.
    """
    cleaned, identity = clean_article(article, now)
    with _wrong_kinds_rejected():
        content = content_sha256(cleaned.title, cleaned.text)
        former = storable_line(article.title), storable_text(article.text).strip()
        is_as_before = former == (cleaned.title, cleaned.text)
        return PreparedArticle(
            article=cleaned,
            identity=identity,
            content_sha256=content,
            former_sha256=content if is_as_before else content_sha256(*former),
            details=digest_details(cleaned),
            statement_level=find_statement_level(cleaned.title, cleaned.text or cleaned.lead),
        )


def clean_article(article: Article, now: datetime) -> tuple[Article, str]:
    """Returns only the clean article and its identity. Arguments and errors as `prepare_article`."""
    with _wrong_kinds_rejected():
        return _clean_article(article, now)


@contextmanager
def _wrong_kinds_rejected() -> Iterator[None]:
    try:
        yield
    except InvalidArticleError:
        raise
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise InvalidArticleError(f"a field has a value of the wrong kind: {error}") from error


def quarantine_payload(article: Article) -> str:
    """Returns the article as ASCII JSON for quarantine, cut after 200,000 characters."""
    try:
        payload = json.dumps(asdict(article), default=str)
    except (TypeError, ValueError):
        payload = json.dumps(repr(article))
    return payload[:_MAX_PAYLOAD_CHARS]


def _clean_article(article: Article, now: datetime) -> tuple[Article, str]:
    capture = _clean_capture(article.capture)
    captured_at = capture.fetched_at if capture else now
    cleaned = replace(
        article,
        **_clean_texts(article),
        **_clean_times(article, captured_at),
        exported=_clean_exported(article.exported, captured_at, now),
        page_class=PageClass(article.page_class),
        dateline=_clean_dateline(article.dateline),
        evidence={
            storable_line(name): storable_line(value) for name, value in article.evidence.items()
        },
        capture=capture,
    )
    _check_article(cleaned)
    return cleaned, _identify(article, cleaned)


def _identify(article: Article, cleaned: Article) -> str:
    if cleaned.exported is None:
        return compute_identity(cleaned.key, cleaned.canonical_url, cleaned.url)
    stated = storable_line(article.canonical_url)
    return renew_identity(cleaned.exported.identity, cleaned.key, stated, cleaned.url)


def _check_article(article: Article) -> None:
    if article.page_class not in (PageClass.ARTICLE, PageClass.STUB):
        raise InvalidArticleError(f"a page of class {article.page_class.value} is not an article")
    if not article.outlet:
        raise InvalidArticleError("no outlet")
    if not article.url:
        raise InvalidArticleError("no url")
    if not web_address(article.url):
        raise InvalidArticleError(f"{NOT_WEB}: {article.url[:80]!r}")
    if not article.title and not article.text:
        raise InvalidArticleError("neither title nor text")
    if len(article.text) > MAX_TEXT_CHARS:
        raise InvalidArticleError(
            f"a text of {len(article.text):,} characters is over {MAX_TEXT_CHARS:,}"
        )


def _clean_texts(article: Article) -> dict[str, Any]:
    url = storable_line(article.url)
    return {
        "outlet": storable_line(article.outlet),
        "url": web_address(url) or url,  # what is no address is refused below, by its text
        "canonical_url": canonicalise(web_address(storable_line(article.canonical_url))),
        "key": storable_line(article.key),
        "title": clean_line(article.title),
        "text": clean_text(article.text).strip(),
        "lead": clean_text(article.lead).strip(),
        "authors": tuple(clean_line(author) for author in article.authors),
        "section": clean_line(article.section),
        "tags": tuple(clean_line(tag) for tag in article.tags),
        "language": storable_line(article.language),
        "captions": tuple(clean_text(caption).strip() for caption in article.captions),
        "published_source": storable_line(article.published_source),
        "rights": storable_line(article.rights),
        "external_id": storable_line(article.external_id),
        "rules_version": storable_line(article.rules_version),
    }


def _clean_times(article: Article, captured_at: datetime) -> dict[str, Any]:
    published_at = plausible_time(article.published_at, captured_at)
    raw = storable_line(article.published_raw)
    if published_at is None and article.published_at is not None:
        raw = raw or article.published_at.isoformat()
    return {
        "published_at": published_at,
        "published_precision": article.published_precision if published_at else None,
        "published_raw": raw,
        "modified_at": plausible_time(article.modified_at, captured_at),
        "first_seen_at": plausible_time(article.first_seen_at, captured_at),
        "last_poll_without_at": plausible_time(article.last_poll_without_at, captured_at),
    }


def _clean_capture(capture: Capture | None) -> Capture | None:
    if capture is None:
        return None
    if capture.fetched_at.tzinfo is None:
        raise InvalidArticleError(f"the capture time {capture.fetched_at.isoformat()} has no zone")
    return replace(
        capture,
        url=web_address(storable_line(capture.url)),
        fetched_at=capture.fetched_at.astimezone(UTC),
        etag=storable_line(capture.etag),
        last_modified=storable_line(capture.last_modified),
    )


def _clean_exported(
    exported: Exported | None, captured_at: datetime, now: datetime
) -> Exported | None:
    if exported is None:
        return None
    return replace(
        exported,
        seen_at=plausible_time(exported.seen_at, captured_at),
        stored_at=plausible_time(exported.stored_at, now),
        published_at=plausible_time(exported.published_at, now),
    )


def _clean_dateline(dateline: Dateline | None) -> Dateline | None:
    if dateline is None:
        return None
    return Dateline(
        *(clean_line(part) for part in (dateline.place, dateline.date, dateline.agency))
    )
