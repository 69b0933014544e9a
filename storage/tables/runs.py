"""Defines the table of runs: every crawl of every outlet."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Named,
    Table,
    Text,
    TypedColumns,
    false,
)

from storage.tables.articles import metadata
from storage.tables.columns import Id, JsonText, UtcDateTime


class RunColumns(TypedColumns):
    """`slot_at`: the slot that it serves. `missed`: slots just before that one, which none took.
    `machine`, `owner`, `job`: as in `storage.records.Run`; "", "" and NULL in older runs.
    `archived_*` and `expired_at` tell of its recording: `storage.runs.recordings`.
    """

    id: Named[int] = Column(Id, primary_key=True)
    outlet: Named[str] = Column(Text, ForeignKey("outlet.name"))
    kind: Named[str] = Column(Text)
    host: Named[str] = Column(Text)
    pid: Named[int] = Column(Integer)
    started_at: Named[datetime] = Column(UtcDateTime)
    ended_at: Named[datetime | None] = Column(UtcDateTime)
    outcome: Named[str | None] = Column(Text)
    cause: Named[str] = Column(Text)
    counts: Named[dict[str, int] | None] = Column(JsonText)
    slot_at: Named[datetime | None] = Column(UtcDateTime)
    missed: Named[int] = Column(Integer, server_default="0")
    stop_reason: Named[str | None] = Column(Text)
    retry_at: Named[datetime | None] = Column(UtcDateTime)
    selective: Named[bool] = Column(Boolean, server_default=false())
    own_network: Named[bool] = Column(Boolean, server_default=false())
    expired_at: Named[datetime | None] = Column(UtcDateTime)
    machine: Named[str] = Column(Text, server_default="")
    owner: Named[str] = Column(Text, server_default="")
    archived_at: Named[datetime | None] = Column(UtcDateTime)
    archived_to: Named[str | None] = Column(Text)
    archived_bytes: Named[int | None] = Column(BigInteger)
    job: Named[int | None] = Column(BigInteger)


run = Table(
    "run",
    metadata,
    RunColumns,
    Index(None, "outlet", "started_at"),
    *(Index(None, name) for name in ("started_at", "ended_at")),
)


def is_unfinished_run() -> ColumnElement[bool]:
    """Selects runs without a recorded end."""
    return run.c.ended_at.is_(None)
