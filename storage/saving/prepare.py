"""An article made fit for the tables, before any transaction. Pure."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from storage.changes.wording import details
from storage.clean import clean, clean_line, plausible
from storage.identity import canonicalise, identity
from storage.records import Article, Capture, Dateline, PageClass

LONGEST_TEXT = 2_000_000
"""Characters. The longest speech printed so far has a tenth of it; a page that has more is broken."""
_PAYLOAD = 200_000


class Poison(ValueError):
    """An article that cannot be kept; the message says why."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clean article with its identity. `content`: SHA-256 of title and text, in hex.

    `details`: what is printed beside title and text, in short; None for an imported text.
    """

    article: Article
    identity: str
    content: str
    details: str | None

    @property
    def captured_at(self) -> datetime | None:
        """When the page was fetched; None for an imported text."""
        return self.article.capture.fetched_at if self.article.capture else None


def prepare(article: Article, now: datetime) -> Prepared:
    """The article as it will be kept. Raises Poison."""
    try:
        return _prepare(article, now)
    except Poison:
        raise
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise Poison(f"a field has a value of the wrong kind: {error}") from error


def payload(article: Article) -> str:
    """The whole article as ASCII JSON, for quarantine; of a huge one the beginning."""
    try:
        whole = json.dumps(asdict(article), default=str)
    except (TypeError, ValueError):
        whole = json.dumps(repr(article))
    return whole[:_PAYLOAD]


def _prepare(article: Article, now: datetime) -> Prepared:
    capture = _clean_capture(article.capture)
    neat = replace(
        article,
        **_texts(article),
        **_times(article, capture.fetched_at if capture else now),
        page_class=PageClass(article.page_class),
        dateline=_clean_dateline(article.dateline),
        evidence={clean_line(k): clean_line(v) for k, v in article.evidence.items()},
        capture=capture,
    )
    _refuse(neat)
    return Prepared(
        article=neat,
        identity=identity(neat.key, neat.canonical_url, neat.url),
        content=hashlib.sha256(f"{neat.title}\0{neat.text}".encode()).hexdigest(),
        details=details(neat),
    )


def _refuse(article: Article) -> None:
    if article.page_class not in (PageClass.ARTICLE, PageClass.STUB):
        raise Poison(f"a page of class {article.page_class.value} is not an article")
    if not article.outlet:
        raise Poison("no outlet")
    if not article.url:
        raise Poison("no url")
    if not article.title and not article.text:
        raise Poison("neither title nor text")
    if len(article.text) > LONGEST_TEXT:
        raise Poison(f"a text of {len(article.text):,} characters is over {LONGEST_TEXT:,}")


def _texts(article: Article) -> dict[str, Any]:
    url = clean_line(article.url)
    return {
        "outlet": clean_line(article.outlet),
        "url": url,
        "canonical_url": canonicalise(clean_line(article.canonical_url)),
        "key": clean_line(article.key),
        "title": clean_line(article.title),
        "text": clean(article.text).strip(),
        "lead": clean(article.lead).strip(),
        "authors": tuple(clean_line(author) for author in article.authors),
        "section": clean_line(article.section),
        "tags": tuple(clean_line(tag) for tag in article.tags),
        "language": clean_line(article.language),
        "captions": tuple(clean(caption).strip() for caption in article.captions),
        "published_source": clean_line(article.published_source),
        "rights": clean_line(article.rights),
        "external_id": clean_line(article.external_id),
        "rules_version": clean_line(article.rules_version),
    }


def _times(article: Article, captured_at: datetime) -> dict[str, Any]:
    published = plausible(article.published_at, captured_at)
    raw = clean_line(article.published_raw)
    if published is None and article.published_at is not None:
        raw = raw or article.published_at.isoformat()
    return {
        "published_at": published,
        "published_precision": article.published_precision if published else None,
        "published_raw": raw,
        "modified_at": plausible(article.modified_at, captured_at),
        "first_seen_at": plausible(article.first_seen_at, captured_at),
        "last_poll_without_at": plausible(article.last_poll_without_at, captured_at),
    }


def _clean_capture(capture: Capture | None) -> Capture | None:
    if capture is None:
        return None
    if capture.fetched_at.tzinfo is None:
        raise Poison(f"the capture time {capture.fetched_at.isoformat()} has no zone")
    return replace(
        capture,
        url=clean_line(capture.url),
        fetched_at=capture.fetched_at.astimezone(UTC),
        etag=clean_line(capture.etag),
        last_modified=clean_line(capture.last_modified),
    )


def _clean_dateline(dateline: Dateline | None) -> Dateline | None:
    if dateline is None:
        return None
    return Dateline(*(clean_line(p) for p in (dateline.place, dateline.date, dateline.agency)))
