"""The tables of how outlets stand: now, day by day, and when that changed."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text

from storage.tables.articles import metadata
from storage.tables.columns import Id, JsonText, UtcDateTime

health = Table(
    "health",
    metadata,
    Column("outlet", ForeignKey("outlet.name"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("judged_at", UtcDateTime, nullable=False),
)

# Derived from `run`, which would have to be read whole for what is usual at an outlet.
health_day = Table(
    "health_day",
    metadata,
    Column("outlet", ForeignKey("outlet.name"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("edited", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("read", Integer, nullable=False),
    Column("listed", Integer),
    Column("fields", JsonText),
)

# `was`: "" for the first judgement. `told_at`: when everyone was told, NULL while somebody is to be;
# `attempts`: in vain so far, with the last `problem`.
health_change = Table(
    "health_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", ForeignKey("outlet.name"), nullable=False),
    Column("was", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("run_id", BigInteger),
    Column("told_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Index(None, "outlet", "changed_at"),
    Index(None, "told_at"),
)
