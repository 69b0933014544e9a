"""The revisit intervals that an operator set outlive their move to the row of the outlet."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from storage import open_database
from tests.storage.migrations.conftest import MakeOld

OLD = """
INSERT INTO outlet (name, rank, added_at, ladder) VALUES
 ('agency', 9, '2026-03-01 12:00:00', '[7200]'), ('daily', 9, '2026-03-01 12:00:00', '[3600]');
INSERT INTO meta (key, value) VALUES ('revisit:agency', '[7200]'), ('revisits', 'another value')
"""
HOUR = timedelta(hours=1)


def test_what_the_operator_set_stays_set(database_url: str, make_old: MakeOld) -> None:
    make_old("0012", OLD)
    with open_database(database_url) as database:
        database.revisit_intervals.declare("agency", (5 * HOUR,))
        agency, daily = database.revisit_intervals.summary(datetime.now(UTC), HOUR)
        assert (agency.intervals, agency.is_override) == ((2 * HOUR,), True)
        assert (daily.intervals, daily.is_override) == ((HOUR,), False)
        keys = database.read(
            lambda connection: set(connection.scalars(text("SELECT key FROM meta")))
        )
        assert "revisits" in keys
        assert "revisit:agency" not in keys
        database.revisit_intervals.override("agency", None, declared=(5 * HOUR,))
        agency, _ = database.revisit_intervals.summary(datetime.now(UTC), HOUR)
        assert (agency.intervals, agency.is_override) == ((5 * HOUR,), False)
