"""Defines the tables of edits and deletions of articles.

All tables except `ruling` and `listed` are derived from versions and captures. They are stored
because comparing two texts takes milliseconds, and a query for the edits of a month must not
compare a hundred thousand pairs. Their rows are written in the transaction of the capture, so a
killed process leaves no version without its change. `Changes.rebuild` computes them again.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from dedup.changes.records import ChangeKind, ChangeNature
from storage.tables.articles import metadata
from storage.tables.columns import EnumText, Id, UtcDateTime

# The columns named after a kind: whether the change is of this kind.
change = Table(
    "change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("old_id", ForeignKey("version.id"), nullable=False),
    Column("new_id", ForeignKey("version.id"), nullable=False),
    Column("after_at", UtcDateTime),
    Column("before_at", UtcDateTime),
    Column("found_at", UtcDateTime, nullable=False),
    *(Column(kind.value, Boolean, nullable=False, server_default=false()) for kind in ChangeKind),
    Column("nature", EnumText(ChangeNature), nullable=False),
    Column("added", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("share", Float, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("boring", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Index(None, "article_id"),
    Index(None, "found_at", "id"),
)

# What a person decided about a change: whether it is `boring`. Version ids never change.
ruling = Table(
    "ruling",
    metadata,
    Column("old_id", ForeignKey("version.id"), primary_key=True),
    Column("new_id", ForeignKey("version.id"), primary_key=True),
    Column("boring", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
)

transition = Table(
    "transition",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("was", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("after_at", UtcDateTime),
    Column("before_at", UtcDateTime, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    Column("how", Text, nullable=False),
    Index(None, "article_id"),
    Index(None, "found_at", "id"),
)

# A period in which a source listed an article. `missed_at`: the first later poll that should have
# listed it and did not; `dropped_at`: the same time, once a second poll confirmed it. `open`: the
# period may still go on.
listed = Table(
    "listed",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("first_at", UtcDateTime, primary_key=True),
    Column("last_at", UtcDateTime, nullable=False),
    Column("missed_at", UtcDateTime),
    Column("dropped_at", UtcDateTime),
    Column("open", Boolean, nullable=False),
    Index(None, "source", "open"),
)

# The last time that an article with a URL of this shape was fetched successfully.
witness = Table(
    "witness",
    metadata,
    Column("outlet", ForeignKey("outlet.name"), primary_key=True),
    Column("shape", Text, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("run_id", BigInteger),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", ForeignKey("outlet.name"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("checks", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Index(None, "outlet", "raised_at"),
)
