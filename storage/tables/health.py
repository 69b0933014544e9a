"""Defines the tables of the health of outlets: current state, daily sums, changes of state."""

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

# Sums derived from `run`; without them the usual values of an outlet need a scan of all its runs.
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

# `was`: the state before, "" for the first assessment. `told_at`: when the alert was delivered,
# NULL while it is due. `attempts`: failed deliveries so far; `problem`: why the last one failed.
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
