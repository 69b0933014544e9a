"""Decides which recordings of runs may be deleted because of their age, and records deletions."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import Connection, select, update

from storage.batches import batched
from storage.engine import Facet
from storage.tables.articles import quarantine, run

# A run's id, outlet and start in whole seconds; the id alone may be that of another database.
RecordedRun: TypeAlias = tuple[int, str, datetime]


class KeepReason(StrEnum):
    """Why a recording is kept."""

    UNKNOWN = "of a run that this database does not know"
    RUNNING = "of a run that has not ended"
    YOUNG = "not old enough"
    LOST = "of a run that lost something"
    QUARANTINE = "with articles in quarantine"


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
