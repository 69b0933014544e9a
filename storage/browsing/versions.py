"""Reads versions of articles: their texts with all fields, or only what a list of them needs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from dedup.changes.change_classifier import classify_change
from dedup.changes.records import Change
from storage.changes.version_details import (
    fields_known_absent,
    is_own_agency,
    to_compared_version,
)
from storage.engine import TransactionalEngine
from storage.reading.redirects import found_or_raise
from storage.records import Dateline, PageClass
from storage.stated_time import StatedTime, make_stated_time
from storage.tables.articles import article, outlet, version
from storage.tables.columns import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionHead:
    """A version without its text. `captured_at`: None if it was imported. `length`: characters."""

    id: int
    captured_at: datetime | None
    stored_at: datetime
    current: bool
    page_class: PageClass
    title: str
    length: int
    content_sha256: str
    rules_version: str

    @property
    def seen_at(self) -> datetime:
        """When the version was captured, or else stored."""
        return self.captured_at or self.stored_at


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """A version with all its fields.

    `captured_at`: None if it was imported. `evidence`: by field, the rule or selector that gave it.
    `absent_fields`: fields that the page is known to lack. Any other empty field may be an error of
    the extraction.
    """

    id: int
    article_id: int
    captured_at: datetime | None
    stored_at: datetime
    page_class: PageClass
    title: str
    text: str
    lead: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    language: str
    dateline: Dateline | None
    captions: tuple[str, ...]
    published: StatedTime | None
    published_source: str
    published_raw: str
    modified_at: datetime | None
    rights: str
    rules_version: str
    content_sha256: str
    evidence: Mapping[str, str]
    absent_fields: frozenset[str]

    @property
    def seen_at(self) -> datetime:
        """When the version was captured, or else stored."""
        return self.captured_at or self.stored_at


def load_version_heads(database: TransactionalEngine, article_id: int) -> tuple[VersionHead, ...]:
    """Returns the versions of an article in order of capture, imported ones first.

    [] for an unknown article.
    """
    names = [name for name in VersionHead.__dataclass_fields__ if name not in ("current", "length")]
    query = (
        select(
            *(version.c[name] for name in names),
            func.length(version.c.text).label("length"),
            (version.c.id == article.c.version_id).label("current"),
        )
        .join_from(version, article, article.c.id == version.c.article_id)
        .where(version.c.article_id == article_id)
        .order_by(version.c.captured_at.asc().nulls_first(), version.c.id)
    )
    rows = database.read(lambda connection: connection.execute(query).all())
    return tuple(_make_head(row) for row in rows)


def load_version(database: TransactionalEngine, version_id: int) -> VersionText:
    """Returns one version. Raises NotFound."""
    texts = database.read(lambda connection: load_version_texts(connection, {version_id}))
    return found_or_raise(texts.get(version_id), "version", version_id)


def load_version_texts(
    connection: Connection, ids: Collection[int], *, max_chars: int | None = None
) -> dict[int, VersionText]:
    """Returns the versions with these ids; unknown ids are left out.

    `max_chars`: of a longer text only the beginning is read.
    """
    query: Select[*tuple[Any, ...]] = select(version).where(version.c.id.in_(ids))
    if max_chars is not None:
        columns = [column for column in version.c if column.name != "text"]
        text = func.substr(version.c.text, 1, max_chars).label("text")
        query = select(*columns, text).where(version.c.id.in_(ids))
    return {row.id: _make_text(row) for row in connection.execute(query)} if ids else {}


def classify_versions(database: TransactionalEngine, old_id: int, new_id: int) -> Change | None:
    """Returns what changed from one version of an article to another, by the current rules.

    None: no field differs. Raises NotFound.
    """
    query = (
        select(version, article.c.outlet, outlet.c.rank)
        .join_from(version, article, article.c.id == version.c.article_id)
        .join(outlet, outlet.c.name == article.c.outlet)
        .where(version.c.id.in_((old_id, new_id)))
    )
    rows = database.read(lambda connection: connection.execute(query).all())
    compared = {
        row.id: to_compared_version(row, own_agency=is_own_agency(row.outlet, row.rank))
        for row in rows
    }
    old, new = (
        found_or_raise(compared.get(version_id), "version", version_id)
        for version_id in (old_id, new_id)
    )
    return classify_change(old, new)


def _make_head(row: AnyRow) -> VersionHead:
    values = {name: row._mapping[name] for name in VersionHead.__dataclass_fields__}
    converted = {"page_class": PageClass(row.page_class), "current": bool(row.current)}
    return VersionHead(**{**values, **converted})


_CONVERTED = {
    *("page_class", "authors", "tags", "captions", "dateline"),
    *("published", "evidence", "absent_fields"),
}
_COPIED = tuple(name for name in VersionText.__dataclass_fields__ if name not in _CONVERTED)


def _make_text(row: AnyRow) -> VersionText:
    return VersionText(
        **{name: row._mapping[name] for name in _COPIED},
        page_class=PageClass(row.page_class),
        authors=tuple(row.authors or ()),
        tags=tuple(row.tags or ()),
        captions=tuple(row.captions or ()),
        dateline=Dateline(**row.dateline) if row.dateline else None,
        published=make_stated_time(row.published_at, row.published_precision, row.published_source),
        evidence=row.evidence or {},
        absent_fields=fields_known_absent(row.details),
    )
