"""What remains on the terminal after the service has stopped."""

from pathlib import Path

import pytest

from cli.service.farewell import farewell_lines
from crawler.processes.run_report import RunReport
from storage.records import RunOutcome

SQLITE = "sqlite:////srv/nkwire.db"
LOGS = Path("/srv/logs")
PLACES = "database: /srv/nkwire.db, logs: /srv/logs"


def test_the_runs_are_counted_by_outcome_and_the_places_are_said() -> None:
    report = RunReport()
    report.outcomes.update({RunOutcome.KILLED: 4, RunOutcome.UNREACHABLE: 20})
    assert farewell_lines(report, SQLITE, LOGS) == [
        "24 runs: 20 unreachable, 4 killed; 0 new articles",
        PLACES,
    ]


def test_an_outage_that_goes_on_is_said() -> None:
    report = RunReport()
    report.outcomes[RunOutcome.OK] = report.new_articles = 1
    report.network.question = "Is this machine's network out?"
    assert farewell_lines(report, SQLITE, LOGS) == [
        "1 run: 1 ok; 1 new article",
        "Is this machine's network out?",
        PLACES,
    ]


def test_without_a_run_no_numbers_are_given() -> None:
    assert farewell_lines(RunReport(), SQLITE, LOGS) == ["no run ended", PLACES]


@pytest.mark.parametrize("address", ["postgresql://u:hidden@db.example/nk?password=hidden"])
def test_no_password_of_the_database_is_said(address: str) -> None:
    assert farewell_lines(RunReport(), address, LOGS)[-1] == (
        "database: postgresql://db.example/nk, logs: /srv/logs"
    )
