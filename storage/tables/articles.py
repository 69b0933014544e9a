"""The tables, and the predicates on them that mean something.

Identity is not content: `article` holds what survives every edit, `version` what was printed and
when it was seen (rows are only ever added), `capture` each fetch. Instants are UTC.

`band` and `fingerprint` are the inverted index of `dedup`: one row for each key of a text, found by
key, without a second index. What a text put into them is kept with its `signature`, so that the same
rows can be taken out again.
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
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.columns import Id, JsonText, UtcDateTime

DEFAULT_OUTLET_RANK = 9
"""The rank of an outlet that no declaration has given one."""

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

# `enabled`, `every_seconds`, `cron`, `jitter_seconds`, `quiet`: what the operator overrides of the
# outlet's declaration, else NULL. `slot_at`: its last slot that was taken, at `taken_at`.
# `ladder`: ages in seconds at which its articles are fetched again, else NULL.
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
    Column("ladder", JsonText),
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

# `expired_at`: when its recorded answers were deleted for their age.
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
    Index(None, "outlet", "slot_at", unique=True),
    Column("expired_at", UtcDateTime),
    Index(None, "outlet", "started_at"),
    Index(None, "ended_at"),
)

# Instants of the schedule that a leader took, each once. `missed`: those before it that nobody took.
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

# `version_id` is the version that counts now; it points back, so it is no foreign key. `suspect_since`:
# the first check in a row that did not find the article; `next_check_at`: NULL for never.
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
    Column("details", Text),
    Index(None, "article_id"),
)

# `witnessed`: of a page that was not found, whether a sibling of it was found in the same run.
capture = Table(
    "capture",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("version_id", ForeignKey("version.id")),
    Column("run_id", ForeignKey("run.id")),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
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

# `bands`, `fingerprints`: int64 little-endian, as put into the tables below; `signature`: uint32.
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
    """An inverted index; no foreign key, since a look-up for each of 100 rows would double its cost."""
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

# Articles whose keys are not, or no longer, in the tables above, each row for one change. A row whose
# article has no signature says that it was taken out.
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

# `token` grows with every change of owner: work done under an older token is refused.
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# When a host may be asked next by any process, and until when it wants to be left alone: seconds
# since 1970, since both databases can add those.
host = Table(
    "host",
    metadata,
    Column("name", Text, primary_key=True),
    Column("free_at", Float, nullable=False),
    Column("held_until", Float, nullable=False),
)

# Without a foreign key: an address is visited before anything of its outlet is stored.
visit = Table(
    "visit",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("visited_at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
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
    """Whole articles: what is compared. Stubs are kept, and never compared."""
    return article.c.page_class == "article"


def is_unfinished_run() -> ColumnElement[bool]:
    """Runs that have not said how they ended."""
    return run.c.ended_at.is_(None)


def is_unmerged_story() -> ColumnElement[bool]:
    """Stories that are not redirects to another."""
    return story.c.merged_into.is_(None)


def involves_article(table: Table, article_id: int) -> ColumnElement[bool]:
    """Pairs (of `relation` or `decision`) of which either end is this article."""
    return (table.c.a == article_id) | (table.c.b == article_id)
