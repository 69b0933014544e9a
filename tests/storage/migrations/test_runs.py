"""What was read out of a run's cause and counts, and its missed slots, are columns after the upgrade."""

from datetime import UTC, datetime

import pytest

from storage import open_database
from storage.records import StopReason
from tests.storage.migrations.conftest import MakeOld

OLD = """
INSERT INTO outlet (name, rank, added_at) VALUES ('agency', 9, '2026-03-01 12:00:00');
INSERT INTO run (id, outlet, kind, host, pid, started_at, ended_at, outcome, cause, counts, slot_at)
 VALUES (1, 'agency', 'crawl', 'h', 1, '2026-03-01 12:00:00', '2026-03-01 12:01:00',
 '{outcome}', '{cause}', '{counts}', '2026-03-01 12:00:00')
"""
SLOT = """
INSERT INTO slot (outlet, slot_at, taken_at, owner, missed) VALUES
 ('agency', '2026-03-01 12:00:00', '2026-03-01 12:00:00', 'host 1', 4)
"""
CAUSES = {
    ("killed", "the service was stopped"): StopReason.SERVICE_STOPPED,
    ("killed", "lease lost"): StopReason.LEASE_LOST,
    ("killed", "stopped by a signal before the crawl could end"): StopReason.SIGNAL,
    ("killed", "interrupted"): StopReason.INTERRUPTED,
    ("killed", "the process ended without a word"): StopReason.DIED,
    ("killed", "deadline of 900 s passed"): StopReason.DEADLINE,
    ("killed", "801 MB of memory, 800 allowed"): StopReason.MEMORY,
    ("killed", "killed by SIGKILL"): StopReason.KILLED,
    ("failed", "Unavailable: the database does not answer"): StopReason.DATABASE,
    ("failed", "ValueError: no such page"): None,
    ("ok", ""): None,
}


@pytest.mark.parametrize(("ended", "reason"), CAUSES.items())
def test_a_cause_of_an_older_database_has_its_reason(
    ended: tuple[str, str], reason: StopReason | None, database_url: str, make_old: MakeOld
) -> None:
    outcome, cause = ended
    make_old("0011", OLD.format(outcome=outcome, cause=cause, counts="{}"))
    with open_database(database_url) as database:
        [run] = database.runs.latest()
        assert (run.cause, run.stop_reason) == (cause, reason)


def test_flags_and_times_move_out_of_the_counts(database_url: str, make_old: MakeOld) -> None:
    counts = '{"listed": 3, "own_network": 1, "retry_at": 1772370000, "selective": 1}'
    make_old("0011", OLD.format(outcome="refused", cause="", counts=counts))
    with open_database(database_url) as database:
        [run] = database.runs.latest()
        assert run.counts == {"listed": 3}
        assert (run.selective, run.own_network) == (True, True)
        assert run.retry_at == datetime.fromtimestamp(1772370000, UTC)


def test_missed_slots_are_counted_with_the_run_that_came_after(
    database_url: str, make_old: MakeOld
) -> None:
    recent = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    statements = (OLD.format(outcome="ok", cause="", counts="{}") + ";" + SLOT).replace(
        "2026-03-01 12:00:00", recent
    )
    make_old("0013", statements)
    with open_database(database_url) as database:
        progress = database.schedule.last_taken(datetime.now(UTC))["agency"]
        assert progress.missed == 4
