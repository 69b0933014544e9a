"""Decides which recordings of runs may be deleted or archived, and records what was done.

The columns of `run`: `expired_at` is when its recording (WARC file) was deleted for its age, here and
in the archive. `archived_at` is since when the archive with the address `archived_to` has it, with
`archived_bytes`; NULL if none has it, or none any more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum, auto
from typing import TypeAlias

from sqlalchemy import Connection, func, select, update

from storage.batches import batched
from storage.engine import Facet
from storage.tables.articles import quarantine
from storage.tables.runs import run

# A run's id, outlet and start in whole seconds; the id alone may be that of another database.
RecordedRun: TypeAlias = tuple[int, str, datetime]


class KeepReason(StrEnum):
    """Why a recording is kept."""

    UNKNOWN = "of a run that this database does not know"
    RUNNING = "of a run that has not ended"
    YOUNG = "not old enough"
    LOST = "of a run that lost something"
    QUARANTINE = "with articles in quarantine"


class ArchiveState(Enum):
    """What is to be done with the recording of a run."""

    UNKNOWN = auto()  # the database does not know the run
    RUNNING = auto()  # it has not ended: its file is still written
    DUE = auto()  # it is to be archived
    ARCHIVED = auto()
    EXPIRED = auto()  # it was deleted for its age


@dataclass(frozen=True, slots=True)
class ArchiveTotals:
    """How many recordings the database knows in one archive, and in others.

    `bytes`: of those in this archive. `last_at`: when the last one came there.
    """

    recordings: int
    bytes: int
    last_at: datetime | None
    elsewhere: int


class Recordings(Facet):
    """The recordings (WARC files) of runs."""

    def reasons_to_keep(
        self, runs: Collection[RecordedRun], before: datetime
    ) -> dict[RecordedRun, KeepReason | None]:
        """Returns for each run why its recording must be kept; None if it may be deleted.

        `runs`: parsed from the file names of the recordings. `before`: recordings of runs that
        ended at this time or later are too young.
        """
        return self._database.read(lambda connection: _find_reasons(connection, runs, before))

    def mark_expired(self, runs: Collection[RecordedRun], before: datetime) -> set[RecordedRun]:
        """Records that the recordings of these runs are deleted now, and returns those runs.

        A run whose recording must be kept by now is left out: what was decided before may be
        overtaken by an article that went to quarantine.
        """
        now = datetime.now(UTC)

        def work(connection: Connection) -> set[RecordedRun]:
            reasons = _find_reasons(connection, runs, before)
            expired = {each for each, reason in reasons.items() if reason is None}
            for ids in batched(sorted(run_id for run_id, _, _ in expired)):
                condition = run.c.id.in_(ids) & run.c.expired_at.is_(None)
                connection.execute(update(run).where(condition), {"expired_at": now})
            return expired

        return self._database.write(work)

    def archive_states(
        self, sizes: Mapping[RecordedRun, int], archive: str
    ) -> dict[RecordedRun, ArchiveState]:
        """Returns for each run whether its recording is to be put into the archive at an address.

        `sizes`: the bytes of each file here. One that has grown since it was archived is due again.
        """

        def work(connection: Connection) -> dict[RecordedRun, ArchiveState]:
            states = dict.fromkeys(sizes, ArchiveState.UNKNOWN)
            for ids in batched(sorted({run_id for run_id, _, _ in sizes})):
                for row in connection.execute(select(run).where(run.c.id.in_(ids))):
                    each = (row.id, row.outlet, row.started_at.replace(microsecond=0))
                    if each not in sizes:
                        continue
                    is_there = (row.archived_to, row.archived_bytes) == (archive, sizes[each])
                    states[each] = (
                        ArchiveState.EXPIRED
                        if row.expired_at
                        else ArchiveState.RUNNING
                        if row.ended_at is None
                        else ArchiveState.ARCHIVED
                        if row.archived_at and is_there
                        else ArchiveState.DUE
                    )
            return states

        return self._database.read(work)

    def note_archived(self, recorded_run: RecordedRun, archive: str, size: int) -> None:
        """Records that an archive has the recording of a run now, `size` bytes of it."""
        run_id, outlet, _ = recorded_run
        values = {
            "archived_at": datetime.now(UTC),
            "archived_to": archive,
            "archived_bytes": size,
        }
        condition = (run.c.id == run_id) & (run.c.outlet == outlet)
        self._database.write(
            lambda connection: connection.execute(update(run).where(condition), values)
        )

    def forget_archived(self, recorded_run: RecordedRun) -> None:
        """Records that no archive has the recording of a run any more."""
        values = {"archived_at": None, "archived_to": None, "archived_bytes": None}
        self._database.write(
            lambda connection: connection.execute(
                update(run).where(run.c.id == recorded_run[0]), values
            )
        )

    def archived_before(self, before: datetime, archive: str) -> list[RecordedRun]:
        """Returns the runs that ended before a time and whose recordings an archive has."""
        query = (
            select(run.c.id, run.c.outlet, run.c.started_at)
            .where(
                run.c.ended_at < before,
                run.c.archived_at.is_not(None),
                run.c.archived_to == archive,
            )
            .order_by(run.c.id)
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [(row.id, row.outlet, row.started_at.replace(microsecond=0)) for row in rows]

    def archive_totals(self, archive: str) -> ArchiveTotals:
        """Returns what the database knows of the archive at an address."""
        query = (
            select(
                run.c.archived_to,
                func.count(),
                func.sum(run.c.archived_bytes),
                func.max(run.c.archived_at),
            )
            .where(run.c.archived_at.is_not(None))
            .group_by(run.c.archived_to)
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        recordings, size, elsewhere = 0, 0, 0
        last_at: datetime | None = None
        for address, number, total, latest in rows:
            if address == archive:
                recordings, size, last_at = number, int(total or 0), latest
            else:
                elsewhere += number
        return ArchiveTotals(recordings, size, last_at, elsewhere)

    def expired_at(self, run_id: int) -> datetime | None:
        """Returns when the recording of a run was deleted for its age; None if it was not."""
        query = select(run.c.expired_at).where(run.c.id == run_id)
        return self._database.read(lambda connection: connection.scalar(query))


def _find_reasons(
    connection: Connection, runs: Collection[RecordedRun], before: datetime
) -> dict[RecordedRun, KeepReason | None]:
    reasons: dict[RecordedRun, KeepReason | None] = dict.fromkeys(runs, KeepReason.UNKNOWN)
    for ids in batched(sorted({recorded_run[0] for recorded_run in runs})):
        query = select(quarantine.c.run_id).where(quarantine.c.run_id.in_(ids))
        quarantined_ids = set(connection.scalars(query))
        run_query = select(run.c.id, run.c.outlet, run.c.started_at, run.c.ended_at, run.c.counts)
        for run_id, outlet, started_at, ended_at, counts in connection.execute(
            run_query.where(run.c.id.in_(ids))
        ):
            recorded_run = (run_id, outlet, started_at.replace(microsecond=0))
            if recorded_run in reasons:
                reasons[recorded_run] = _reason_to_keep(
                    ended_at, counts or {}, run_id in quarantined_ids, before
                )
    return reasons


def _reason_to_keep(
    ended_at: datetime | None, counts: Mapping[str, int], in_quarantine: bool, before: datetime
) -> KeepReason | None:
    if ended_at is None:
        return KeepReason.RUNNING
    if ended_at >= before:
        return KeepReason.YOUNG
    if any(count for name, count in counts.items() if name.partition(".")[0] == "lost"):
        return KeepReason.LOST
    return KeepReason.QUARANTINE if in_quarantine else None
