"""Defines the tables of articles, stories and the dedup index, and predicates on them.

Identity is not content: `article` holds what survives every edit, `version` holds the printed text
and the time of its capture (insert-only), `capture` holds each fetch. Times are UTC.

`band` and `fingerprint` are the inverted index of `dedup`: one row for each key of a text, with the
key first, so that no second index is needed. The `signature` row keeps the keys of its text, so
that exactly these rows can be deleted again.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Named,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    func,
    select,
)

from dedup.statements.statement_level import StatementLevel
from storage.records import CaptureOutcome
from storage.tables.columns import EnumText, Id, IntervalList, JsonText, UtcDateTime

DEFAULT_OUTLET_RANK = 9
"""The rank of an outlet whose declaration does not set one."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class OutletColumns(TypedColumns):
    """`enabled`, `every_seconds`, `cron`, `jitter_seconds`, `quiet`, `ladder_override`: the operator's
    overrides; NULL means as declared. `slot_at`: the last slot that a scheduler took, at `taken_at`.
    `ladder`: the ages of revisits as declared; NULL: the default ages; an empty list: never.
    """

    name: Named[str] = Column(Text, primary_key=True)
    rank: Named[int] = Column(Integer)
    enabled: Named[bool | None] = Column(Boolean)
    every_seconds: Named[int | None] = Column(Integer)
    cron: Named[str | None] = Column(Text)
    jitter_seconds: Named[int | None] = Column(Integer)
    quiet: Named[str | None] = Column(Text)
    slot_at: Named[datetime | None] = Column(UtcDateTime)
    taken_at: Named[datetime | None] = Column(UtcDateTime)
    added_at: Named[datetime] = Column(UtcDateTime)
    ladder: Named[tuple[timedelta, ...] | None] = Column(IntervalList)
    ladder_override: Named[tuple[timedelta, ...] | None] = Column(IntervalList)


outlet = Table("outlet", metadata, OutletColumns)

source_state = Table(
    "source_state",
    metadata,
    Column("outlet", ForeignKey("outlet.name"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("body_sha256", Text, nullable=False),
    Column("polled_at", UtcDateTime),
    Column("changed_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("points", Float, nullable=False, server_default="0"),
    Column("failure", Text, nullable=False, server_default=""),
    Column("problem", Text, nullable=False, server_default=""),
    Column("failing_since", UtcDateTime),
    Column("next_at", UtcDateTime),
)


class StoryColumns(TypedColumns):
    """`merged_into`: the story that this number leads to now. `lead_id` of such a number: its last
    lead document, which the number follows. A row is never deleted. `size`, `outlets`: the number of
    its articles, and of their outlets. `last_at`: the time of its latest article (`article_time`).
    These three are written by `storage.index.story_figures`; a merged story has 0, 0 and NULL.
    """

    id: Named[int] = Column(Id, primary_key=True)
    lead_id: Named[int | None] = Column(BigInteger)
    created_at: Named[datetime] = Column(UtcDateTime)
    merged_into: Named[int | None] = Column(Id, ForeignKey("story.id"))
    size: Named[int] = Column(Integer, default=0, server_default="0")
    outlets: Named[int] = Column(Integer, default=0, server_default="0")
    last_at: Named[datetime | None] = Column(UtcDateTime)


# AUTOINCREMENT: SQLite would give the highest number again after its row is deleted.
story = Table(
    "story", metadata, StoryColumns, Index(None, "merged_into"), sqlite_autoincrement=True
)


class ArticleColumns(TypedColumns):
    """`version_id`: the current version; no foreign key, since `version` refers to `article` already.
    `suspect_since`: the first of the latest revisits in a row that did not find the article.
    `next_check_at`: the next revisit; NULL means never. `statement_level`: of the current version.
    """

    id: Named[int] = Column(Id, primary_key=True)
    outlet: Named[str] = Column(Text, ForeignKey("outlet.name"))
    identity: Named[str] = Column(Text)
    key: Named[str] = Column(Text)
    url: Named[str] = Column(Text)
    canonical_url: Named[str] = Column(Text)
    external_id: Named[str] = Column(Text)
    page_class: Named[str] = Column(Text)
    language: Named[str] = Column(Text)
    published_at: Named[datetime | None] = Column(UtcDateTime)
    published_precision: Named[str | None] = Column(Text)
    first_seen_at: Named[datetime] = Column(UtcDateTime)
    seen_at: Named[datetime | None] = Column(UtcDateTime)
    last_poll_without_at: Named[datetime | None] = Column(UtcDateTime)
    last_captured_at: Named[datetime | None] = Column(UtcDateTime)
    gone_at: Named[datetime | None] = Column(UtcDateTime)
    version_id: Named[int | None] = Column(BigInteger)
    story_id: Named[int | None] = Column(Id, ForeignKey("story.id"))
    run_id: Named[int | None] = Column(Id, ForeignKey("run.id"))
    state: Named[str] = Column(Text, default="live", server_default="live")
    suspect_since: Named[datetime | None] = Column(UtcDateTime)
    next_check_at: Named[datetime | None] = Column(UtcDateTime)
    statement_level: Named[StatementLevel] = Column(
        EnumText(StatementLevel), default=StatementLevel.UNKNOWN, server_default="unknown"
    )


article = Table(
    "article",
    metadata,
    ArticleColumns,
    UniqueConstraint("outlet", "identity"),
    Index(None, "outlet", "next_check_at"),
)


class VersionColumns(TypedColumns):
    """`details`: digests of the fields beside title and text (`storage.changes.version_details`)."""

    id: Named[int] = Column(Id, primary_key=True)
    article_id: Named[int] = Column(Id, ForeignKey("article.id"))
    content_sha256: Named[str] = Column(Text)
    page_class: Named[str] = Column(Text)
    captured_at: Named[datetime | None] = Column(UtcDateTime)
    stored_at: Named[datetime] = Column(UtcDateTime)
    rules_version: Named[str] = Column(Text)
    title: Named[str] = Column(Text)
    text: Named[str] = Column(Text)
    lead: Named[str] = Column(Text)
    authors: Named[list[str] | None] = Column(JsonText)
    section: Named[str] = Column(Text)
    tags: Named[list[str] | None] = Column(JsonText)
    language: Named[str] = Column(Text)
    dateline: Named[dict[str, Any] | None] = Column(JsonText)
    captions: Named[list[str] | None] = Column(JsonText)
    published_at: Named[datetime | None] = Column(UtcDateTime)
    published_precision: Named[str | None] = Column(Text)
    published_source: Named[str] = Column(Text)
    published_raw: Named[str] = Column(Text)
    modified_at: Named[datetime | None] = Column(UtcDateTime)
    rights: Named[str] = Column(Text)
    evidence: Named[dict[str, str] | None] = Column(JsonText)
    details: Named[dict[str, str | None] | None] = Column(JsonText)


version = Table("version", metadata, VersionColumns, Index(None, "article_id"))


class CaptureColumns(TypedColumns):
    """`outcome`, `detail`: see `storage.records.CaptureResult`. `witnessed`: for a page that was not
    found, whether a page with a similar URL answered in this run.
    """

    id: Named[int] = Column(Id, primary_key=True)
    article_id: Named[int] = Column(Id, ForeignKey("article.id"))
    version_id: Named[int | None] = Column(Id, ForeignKey("version.id"))
    run_id: Named[int | None] = Column(Id, ForeignKey("run.id"))
    fetched_at: Named[datetime] = Column(UtcDateTime)
    outcome: Named[CaptureOutcome] = Column(EnumText(CaptureOutcome))
    detail: Named[str] = Column(Text, server_default="")
    url: Named[str] = Column(Text)
    status: Named[int] = Column(Integer)
    body_sha256: Named[str] = Column(Text)
    etag: Named[str] = Column(Text)
    last_modified: Named[str] = Column(Text)
    warc_file: Named[str] = Column(Text)
    warc_offset: Named[int] = Column(BigInteger)
    truncated: Named[bool] = Column(Boolean)
    witnessed: Named[bool | None] = Column(Boolean)


capture = Table(
    "capture",
    metadata,
    CaptureColumns,
    Index(None, "article_id", "fetched_at", unique=True),
)


class SignatureColumns(TypedColumns):
    """`bands`, `fingerprints`: the keys in the two tables below, int64 little-endian. `signature`: the
    MinHash signature, uint32 little-endian.
    """

    article_id: Named[int] = Column(
        Id, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    scheme: Named[str] = Column(Text)
    text_hash: Named[bytes] = Column(LargeBinary)
    shingles: Named[int] = Column(Integer)
    signature: Named[bytes] = Column(LargeBinary)
    bands: Named[bytes] = Column(LargeBinary)
    fingerprints: Named[bytes] = Column(LargeBinary)


signature = Table("signature", metadata, SignatureColumns, Index(None, "text_hash", "article_id"))


def _make_postings_table(name: str) -> Table:
    """Makes the table of an inverted index.

    It has no foreign key: a check for each of about 100 rows of a text would double the cost.
    """
    return Table(
        name,
        metadata,
        Column("hash", BigInteger, nullable=False),
        Column("article_id", BigInteger, nullable=False),
        PrimaryKeyConstraint("hash", "article_id"),
        sqlite_with_rowid=False,
    )


band = _make_postings_table("band")
fingerprint = _make_postings_table("fingerprint")

# Articles whose keys differ from the two tables above, one row for each change. If the article has
# no signature, it was removed from the index.
unposted = Table(
    "unposted",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

relation = Table(
    "relation",
    metadata,
    Column("a", ForeignKey("article.id"), primary_key=True),
    Column("b", ForeignKey("article.id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("merges", Boolean, nullable=False),
    Column("jaccard", Float, nullable=False),
    Column("containment_ab", Float, nullable=False),
    Column("containment_ba", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", BigInteger, nullable=False),
    Index(None, "b"),
)

attribution = Table(
    "attribution",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("agency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "article_id"),
    Index(None, "agency", "article_id"),
)

decision = Table(
    "decision",
    metadata,
    Column("a", ForeignKey("article.id"), primary_key=True),
    Column("b", ForeignKey("article.id"), primary_key=True),
    Column("verb", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Index(None, "b"),
)

# No foreign key: a URL may be fetched before its outlet has a row.
visit = Table(
    "visit",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("visited_at", UtcDateTime, nullable=False),
    Column("outcome", EnumText(CaptureOutcome), nullable=False),
    Index(None, "visited_at"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", ForeignKey("run.id")),
    Column("outlet", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_sha256", Text, nullable=False, unique=True),
    Column("added_at", UtcDateTime, nullable=False),
)


def is_article() -> ColumnElement[bool]:
    """Selects whole articles. Stubs are stored too, but never compared."""
    return article.c.page_class == "article"


def edited_article_ids() -> Select[int]:
    """Selects the ids of the articles with more than one version."""
    return select(version.c.article_id).group_by(version.c.article_id).having(func.count() > 1)


def revisit_ladder() -> ColumnElement[Any]:
    """Selects, as `ladder`, the ages at which articles of an outlet are revisited."""
    return func.coalesce(outlet.c.ladder_override, outlet.c.ladder).label("ladder")


def is_unmerged_story() -> ColumnElement[bool]:
    """Selects stories that are not redirects to another story."""
    return story.c.merged_into.is_(None)


def involves_article(table: Table, article_id: int) -> ColumnElement[bool]:
    """Selects the rows of `relation` or `decision` that have this article at either end."""
    return (table.c.a == article_id) | (table.c.b == article_id)
