"""A database of the revision before is brought up to date with all that it holds."""

from datetime import UTC, datetime

from storage import open_database
from storage.records import RunOutcome
from tests.storage.migrations.conftest import MakeOld

OLD = """
INSERT INTO outlet (name, rank, added_at) VALUES ('kcna', 0, '2026-03-01 12:00:00');
INSERT INTO run (id, outlet, kind, host, pid, started_at, ended_at, outcome, cause, counts) VALUES
 (7, 'kcna', 'crawl', 'here', 1, '2026-03-01 12:00:00', '2026-03-01 12:10:00', 'ok', '',
 '{"stored.new": 2}')
"""


def test_runs_of_the_revision_before_are_kept_and_have_not_expired(
    database_url: str, make_old: MakeOld
) -> None:
    make_old("0008", OLD)
    with open_database(database_url) as upgraded:
        (kept,) = upgraded.runs.latest()
        assert (kept.id, kept.outcome, kept.counts) == (7, RunOutcome.OK, {"stored.new": 2})
        assert upgraded.recordings.expired_at(kept.id) is None
        run = (kept.id, kept.outlet, kept.started_at)
        assert upgraded.recordings.mark_expired([run], datetime.now(UTC)) == {run}
        at = upgraded.recordings.expired_at(kept.id)
        assert at is not None
        assert (datetime.now(UTC) - at).total_seconds() < 600
