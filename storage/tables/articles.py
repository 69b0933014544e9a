"""Defines the tables of articles, runs, stories and the dedup index, and predicates on them.

Identity is not content: `article` holds what survives every edit, `version` holds the printed text
and the time of its capture (insert-only), `capture` holds each fetch. Times are UTC.

`band` and `fingerprint` are the inverted index of `dedup`: one row for each key of a text, with the
key first, so that no second index is needed. The `signature` row keeps the keys of its text, so
that exactly these rows can be deleted again.
"""

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
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    select,
)

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

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# `enabled`, `every_seconds`, `cron`, `jitter_seconds`, `quiet`: the operator's overrides of the
# declaration; NULL means as declared. `slot_at`: the last slot that a scheduler took, at
# `taken_at`. `ladder`: the ages at which its articles are revisited; NULL: the default ages; an
# empty list: never.
outlet = Table(
    "outlet",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("enabled", Boolean),
    Column("every_seconds", Integer),
    Column("cron", Text),
    Column("jitter_seconds", Integer),
    Column("quiet", Text),
    Column("slot_at", UtcDateTime),
    Column("taken_at", UtcDateTime),
    Column("added_at", UtcDateTime, nullable=False),
    Column("ladder", IntervalList),
)

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

# `expired_at`: when its recording (WARC file) was deleted because of its age.
run = Table(
    "run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", ForeignKey("outlet.name"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", Text),
    Column("cause", Text, nullable=False),
    Column("counts", JsonText),
    Column("slot_at", UtcDateTime),
    Column("stop_reason", Text),
    Column("retry_at", UtcDateTime),
    Column("selective", Boolean, nullable=False, server_default=false()),
    Column("own_network", Boolean, nullable=False, server_default=false()),
    Index(None, "outlet", "slot_at", unique=True),
    Column("expired_at", UtcDateTime),
    Index(None, "outlet", "started_at"),
    Index(None, "ended_at"),
)

# The slots that a leader took, each only once. `missed`: slots just before it that nobody took.
slot = Table(
    "slot",
    metadata,
    Column("outlet", ForeignKey("outlet.name"), primary_key=True),
    Column("slot_at", UtcDateTime, primary_key=True),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("owner", Text, nullable=False),
    Column("missed", Integer, nullable=False),
    Index(None, "taken_at"),
)

story = Table(
    "story",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lead_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("merged_into", ForeignKey("story.id")),
    Index(None, "merged_into"),
)

# `version_id`: the current version; no foreign key, since `version` refers to `article` already.
# `suspect_since`: the first of the latest revisits in a row that did not find the article.
# `next_check_at`: the next revisit; NULL means never.
article = Table(
    "article",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", ForeignKey("outlet.name"), nullable=False),
    Column("identity", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("page_class", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("published_at", UtcDateTime),
    Column("published_precision", Text),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime),
    Column("last_poll_without_at", UtcDateTime),
    Column("last_captured_at", UtcDateTime),
    Column("gone_at", UtcDateTime),
    Column("version_id", BigInteger),
    Column("story_id", ForeignKey("story.id")),
    Column("run_id", ForeignKey("run.id")),
    Column("state", Text, nullable=False, default="live", server_default="live"),
    Column("suspect_since", UtcDateTime),
    Column("next_check_at", UtcDateTime),
    UniqueConstraint("outlet", "identity"),
    Index(None, "story_id"),
    Index(None, "published_at"),
    Index(None, "outlet", "next_check_at"),
)

# `details`: digests of the fields beside title and text: see `storage.changes.version_details`.
version = Table(
    "version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("page_class", Text, nullable=False),
    Column("captured_at", UtcDateTime),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("lead", Text, nullable=False),
    Column("authors", JsonText),
    Column("section", Text, nullable=False),
    Column("tags", JsonText),
    Column("language", Text, nullable=False),
    Column("dateline", JsonText),
    Column("captions", JsonText),
    Column("published_at", UtcDateTime),
    Column("published_precision", Text),
    Column("published_source", Text, nullable=False),
    Column("published_raw", Text, nullable=False),
    Column("modified_at", UtcDateTime),
    Column("rights", Text, nullable=False),
    Column("evidence", JsonText),
    Column("details", JsonText),
    Index(None, "article_id"),
)

# `outcome`, `detail`: see `storage.records.CaptureResult`. `witnessed`: for a page that was not
# found, whether a page with a similar URL answered in this run.
capture = Table(
    "capture",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("version_id", ForeignKey("version.id")),
    Column("run_id", ForeignKey("run.id")),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("outcome", EnumText(CaptureOutcome), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body_sha256", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("warc_file", Text, nullable=False),
    Column("warc_offset", BigInteger, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("witnessed", Boolean),
    Index(None, "article_id", "fetched_at", unique=True),
)

# `bands`, `fingerprints`: the keys in the two tables below, int64 little-endian. `signature`: the
# MinHash signature, uint32 little-endian.
signature = Table(
    "signature",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True, autoincrement=False),
    Column("scheme", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("shingles", Integer, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("bands", LargeBinary, nullable=False),
    Column("fingerprints", LargeBinary, nullable=False),
    Index(None, "text_hash", "article_id"),
)


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

# `token` is a fencing token: it grows with every change of owner.
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# `free_at`: when any process may send the next request. `held_until`: no requests before this time.
# Both are seconds since 1970, because both databases can add numbers.
host = Table(
    "host",
    metadata,
    Column("name", Text, primary_key=True),
    Column("free_at", Float, nullable=False),
    Column("held_until", Float, nullable=False),
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


def edited_article_ids() -> Select[tuple[int]]:
    """Selects the ids of the articles with more than one version."""
    return select(version.c.article_id).group_by(version.c.article_id).having(func.count() > 1)


def is_unfinished_run() -> ColumnElement[bool]:
    """Selects runs without a recorded end."""
    return run.c.ended_at.is_(None)


def is_unmerged_story() -> ColumnElement[bool]:
    """Selects stories that are not redirects to another story."""
    return story.c.merged_into.is_(None)


def involves_article(table: Table, article_id: int) -> ColumnElement[bool]:
    """Selects the rows of `relation` or `decision` that have this article at either end."""
    return (table.c.a == article_id) | (table.c.b == article_id)
