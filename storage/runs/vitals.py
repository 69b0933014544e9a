"""How crawl and database do, in numbers that are cheap enough to be asked for every few seconds."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from storage.engine import Connected
from storage.records import RunOutcome
from storage.tables.articles import article, run


@dataclass(frozen=True, slots=True)
class Ended:
    """Runs of one outlet that ended alike: how many, and when the last of them did."""

    outlet: str
    outcome: RunOutcome
    number: int
    last_at: datetime


class Vitals(Connected):
    """The part of the database that tells how things stand."""

    def ping(self) -> None:
        """Raises StorageError if the database does not answer."""
        self.read(lambda connection: connection.execute(select(1)).all())

    def ended_runs(
        self, after: datetime | None = None, until: datetime | None = None
    ) -> list[Ended]:
        """Runs that ended later than `after` and not later than `until`, by outlet and outcome."""
        asked = (
            select(run.c.outlet, run.c.outcome, func.count(), func.max(run.c.ended_at))
            .where(run.c.ended_at.is_not(None))
            .group_by(run.c.outlet, run.c.outcome)
        )
        if after is not None:
            asked = asked.where(run.c.ended_at > after)
        if until is not None:
            asked = asked.where(run.c.ended_at <= until)
        rows = self.read(lambda connection: connection.execute(asked).all())
        return [Ended(name, RunOutcome(outcome), n, at) for name, outcome, n, at in rows]

    def article_total(self) -> int:
        """How many articles and stubs are held."""
        asked = select(func.count()).select_from(article)
        return self.read(lambda connection: connection.scalar(asked)) or 0

    def bytes_used(self) -> int:
        """What the database takes up on disk, its write-ahead log among it."""
        if self.engine.dialect.name == "postgresql":
            return self.read(_server_bytes)
        file = Path(str(self.engine.url.database))
        return sum(_size(file.with_name(file.name + end)) for end in ("", "-wal", "-shm"))


def _server_bytes(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
