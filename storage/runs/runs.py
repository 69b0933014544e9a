"""The crawl's own memory: runs, what is remembered of sources, leases."""

import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Connected
from storage.records import Run, RunOutcome, SourceState
from storage.saving.save import UNRANKED, insert_new
from storage.tables.articles import is_open_run, lease, outlet, run, source_state
from storage.tables.columns import AnyRow

_FOREIGN_RUN_IS_DEAD_AFTER = timedelta(days=1)
UNSAID = "the process ended without a word"
"""The cause of a run that nobody closed."""
ABSURD = timedelta(minutes=10)  # a lease is of seconds
_ENDED = ("Z", "X")  # ended, and not yet reaped: for good in a container without an init


class Runs(Connected):
    """The part of the database that says how the crawl goes."""

    def declare(self, ranks: Mapping[str, int]) -> None:
        """Say how near each outlet stands to the source: 0 the agency itself, 1 a wire, 9 others.

        It decides which member of a story is its lead; call before the outlet's articles are saved.
        """
        held = self.read(lambda c: dict(c.execute(select(outlet.c.name, outlet.c.rank)).all()))
        changed = {name: rank for name, rank in ranks.items() if held.get(name) != rank}
        # Commands that only look should not wait for a writer.
        if changed:
            self.write(lambda connection: _declare(connection, changed))

    def begin_run(
        self,
        outlet: str,
        *,
        pid: int | None = None,
        host: str | None = None,
        kind: str = "crawl",
        slot_at: datetime | None = None,
    ) -> Run:
        """Record that a crawl of an outlet has begun; pid and host default to this process.

        `slot_at`: of the schedule that it is for. A second run for one slot raises StorageError.
        """
        begun = Run(
            outlet=outlet,
            started_at=datetime.now(UTC),
            kind=kind,
            pid=os.getpid() if pid is None else pid,
            host=gethostname() if host is None else host,
            slot_at=slot_at,
        )
        values = asdict(begun)
        del values["id"]

        def work(connection: Connection) -> int:
            add_outlet(connection, outlet)
            return int(connection.scalars(insert(run).returning(run.c.id), values).one())

        begun.id = self.write(work)
        return begun

    def finish_run(self, ended: Run) -> None:
        """Record how a run ended; `ended_at` is now if it is not set."""
        ended.ended_at = ended.ended_at or datetime.now(UTC)
        values = {name: getattr(ended, name) for name in ("ended_at", "outcome", "cause", "counts")}
        self.write(lambda c: c.execute(update(run).where(run.c.id == ended.id), values))

    def runs(
        self,
        outlet: str | None = None,
        limit: int = 50,
        *,
        since: datetime | None = None,
        outcome: str | None = None,
        kind: str | None = None,
    ) -> list[Run]:
        """The latest runs, newest first. `outcome`: "running" for those that have not ended."""
        asked = select(run).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(limit)
        if outlet is not None:
            asked = asked.where(run.c.outlet == outlet)
        if since is not None:
            asked = asked.where(run.c.started_at >= since)
        if kind is not None:
            asked = asked.where(run.c.kind == kind)
        if outcome is not None:
            ended = run.c.outcome == outcome
            asked = asked.where(is_open_run() if outcome == "running" else ended)
        return [as_run(row) for row in self.read(lambda c: c.execute(asked).all())]

    def last_runs(self) -> dict[str, Run]:
        """The newest run of each outlet, ended or not."""
        newest = select(func.max(run.c.id)).group_by(run.c.outlet)
        asked = select(run).where(run.c.id.in_(newest))
        return {row.outlet: as_run(row) for row in self.read(lambda c: c.execute(asked).all())}

    def close_dead_runs(self) -> list[Run]:
        """End runs as KILLED whose process is no more; those of other hosts after a day."""

        def work(connection: Connection) -> list[Run]:
            runs = [as_run(row) for row in connection.execute(select(run).where(is_open_run()))]
            dead = [each for each in runs if _is_dead(each)]
            for each in dead:
                each.ended_at = datetime.now(UTC)
                each.outcome, each.cause = RunOutcome.KILLED, UNSAID
                values = {n: getattr(each, n) for n in ("ended_at", "outcome", "cause")}
                connection.execute(update(run).where(run.c.id == each.id), values)
            return dead

        return self.write(work)

    def source_states(self, outlet: str) -> list[SourceState]:
        """What is remembered of each source of an outlet."""
        asked = select(source_state).where(source_state.c.outlet == outlet).order_by("source")
        rows = self.read(lambda connection: connection.execute(asked).all())
        return [SourceState(**row._mapping) for row in rows]

    def forget_sources(self, outlet: str) -> int:
        """Forget all of an outlet's sources, so that each is asked anew and whole; how many."""
        gone = delete(source_state).where(source_state.c.outlet == outlet)
        returned = gone.returning(source_state.c.source)
        return len(self.write(lambda connection: connection.execute(returned).all()))

    def source_state(self, outlet: str, source: str) -> SourceState | None:
        """What is remembered of a source; None before its first poll."""
        asked = select(source_state).where(
            source_state.c.outlet == outlet, source_state.c.source == source
        )
        row = self.read(lambda c: c.execute(asked).one_or_none())
        return None if row is None else SourceState(**row._mapping)

    def save_source_state(self, state: SourceState) -> None:
        """Remember a source; replaces what was remembered."""

        def work(connection: Connection) -> None:
            add_outlet(connection, state.outlet)
            connection.execute(_upsert_source(connection), asdict(state))

        self.write(work)

    def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew a lease; False while another owner holds it. `token` tells owners apart."""
        return self.write(lambda connection: _lease(connection, name, owner, seconds))

    def lease_left(self, name: str) -> float:
        """Seconds until a lease runs out; 0 if nobody holds it."""
        asked = select(lease.c.expires_at).where(lease.c.name == name)

        def work(connection: Connection) -> float:
            end, now = connection.scalar(asked), clock(connection)
            return (end - now).total_seconds() if end and now < end < now + ABSURD else 0.0

        return self.read(work)

    def token(self, name: str, owner: str) -> int | None:
        """The lease's fencing token, larger with each change of owner; None if it is not held."""
        asked = select(lease.c.token).where(
            lease.c.name == name, lease.c.owner == owner, lease.c.expires_at > bindparam("now")
        )
        return self.read(lambda c: c.scalar(asked, {"now": clock(c)}))

    def release(self, name: str, owner: str) -> None:
        """Give a lease up; without effect if another owner holds it."""
        held = (lease.c.name == name) & (lease.c.owner == owner)
        # The row stays, so that the token never falls back.
        self.write(lambda c: c.execute(update(lease).where(held), {"expires_at": clock(c)}))


def clock(connection: Connection) -> datetime:
    """Now, by the one clock that all hosts share: the server's, or on SQLite this machine's."""
    if connection.dialect.name == "postgresql":
        at = connection.scalar(select(func.clock_timestamp()))
        if isinstance(at, datetime):
            return at.astimezone(UTC)
    return datetime.now(UTC)


def _lease(connection: Connection, name: str, owner: str, seconds: float) -> bool:
    now = clock(connection)
    values = {
        "name": name,
        "owner": owner,
        "token": 1,
        "expires_at": now + timedelta(seconds=seconds),
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(lease)
    mine = lease.c.owner == new.excluded.owner
    taken = new.on_conflict_do_update(
        index_elements=[lease.c.name],
        set_={
            "owner": new.excluded.owner,
            "token": case((mine, lease.c.token), else_=lease.c.token + 1),
            "expires_at": new.excluded.expires_at,
        },
        # One that ends far in the future was taken before the clock was set back.
        where=or_(mine, lease.c.expires_at <= now, lease.c.expires_at >= now + ABSURD),
    ).returning(lease.c.token)
    return connection.execute(taken, values).one_or_none() is not None


def _declare(connection: Connection, ranks: Mapping[str, int]) -> None:
    for name, rank in sorted(ranks.items()):
        add_outlet(connection, name, rank)
        connection.execute(update(outlet).where(outlet.c.name == name), {"rank": rank})


def add_outlet(connection: Connection, name: str, rank: int = UNRANKED) -> None:
    """Add an outlet that is not there yet."""
    row = {"name": name, "rank": rank, "added_at": datetime.now(UTC)}
    connection.execute(insert_new(connection, outlet), row)


def _upsert_source(connection: Connection) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(source_state)
    keys = ["outlet", "source"]
    changed = {c.name: new.excluded[c.name] for c in source_state.c if c.name not in keys}
    return new.on_conflict_do_update(index_elements=keys, set_=changed)


def as_run(row: AnyRow) -> Run:
    """A run as the table has it."""
    values = {field.name: getattr(row, field.name) for field in fields(Run)}
    values["counts"] = row.counts or {}
    values["outcome"] = RunOutcome(row.outcome) if row.outcome else None
    return Run(**values)


def _is_dead(open_run: Run) -> bool:
    if open_run.host != gethostname():
        return datetime.now(UTC) - open_run.started_at > _FOREIGN_RUN_IS_DEAD_AFTER
    return not _is_alive(open_run.pid, since=open_run.started_at)


def _is_alive(pid: int, since: datetime) -> bool:
    """Whether the process that had this pid at that time still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    state, began = _state(pid)
    return state not in _ENDED and (began is None or began <= since + timedelta(seconds=5))


def _state(pid: int) -> tuple[str, datetime | None]:
    """State and beginning of a process where the system tells (Linux); its pid is given out again."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        age = uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return "", None
    return fields[0], datetime.now(UTC) - timedelta(seconds=age)
