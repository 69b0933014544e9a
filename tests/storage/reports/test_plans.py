"""What reports cost must not grow with the database: no statement may read a table as a whole."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from storage import Database, open_database
from storage.records import Article
from storage.reports.carriage import load_carriage
from storage.reports.provenance import load_report_provenance
from storage.reports.working_out import load_lag, work_out
from tests.storage.invented_reports import NOON, MakeCarrier

LARGE = {
    *("article", "version", "story", "relation", "attribution", "carrier", "carrying_story"),
    *("report", "carried", "report_redirect"),
}


def steps_of(database: Database, work: Callable[[], object]) -> list[str]:
    """How SQLite would go about the queries of some work."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, ___: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")) and not many:
            asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    work()
    event.remove(database.engine, "before_cursor_execute", note)
    with database.reading() as connection:
        return [
            step.detail
            for statement, values in asked
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]


def test_reports_are_worked_out_and_read_by_index(
    tmp_path: Path, carriers: list[Article], make_carrier: MakeCarrier
) -> None:
    with open_database(f"sqlite:///{tmp_path / 'corpus.db'}") as database:
        database.save(carriers)
        work_out(database)

        def work() -> None:
            database.save([make_carrier(40, 1), make_carrier(1, 0, 1, at=1)])
            work_out(database)
            kept = load_carriage(
                database,
                since=NOON,
                until=NOON + timedelta(days=1),
                min_outlets=2,
                agency_only=True,
            )
            assert kept == []
            load_carriage(database, since=NOON, until=NOON + timedelta(days=1))
            load_carriage(database, report_id=1)
            load_report_provenance(database, 1)
            database.read(load_lag)

        steps = steps_of(database, work)
    assert any(step.startswith("SEARCH carrying_story") for step in steps)
    assert any(step.startswith("SEARCH carried") for step in steps)
    scans = [step.split() for step in steps if step.startswith("SCAN")]
    assert not [step for step in scans if step[1] in LARGE]
