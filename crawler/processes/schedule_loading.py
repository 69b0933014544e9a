"""Loads the state of an outlet's schedule."""

from datetime import UTC, datetime

from storage import Database
from storage.runs.schedule_state import (
    MAX_SLOT_LEAD,
    RUN_HISTORY_LENGTH,
    ScheduleProgress,
    ScheduleState,
    compute_schedule_state,
)
from storage.runs.slots import Cadence


def load_schedule_state(
    database: Database, cadence: Cadence, progress: ScheduleProgress, is_starting: bool
) -> ScheduleState:
    """Computes the state of an outlet's schedule from its last runs. Raises StorageError.

    `progress`: its last taken slot. `is_starting`: as in `compute_schedule_state`.
    """
    now = datetime.now(UTC)
    runs = database.runs.latest(
        cadence.outlet, limit=RUN_HISTORY_LENGTH, kind="crawl", until=now + MAX_SLOT_LEAD
    )
    return compute_schedule_state(cadence, progress, runs, now, is_starting=is_starting)
