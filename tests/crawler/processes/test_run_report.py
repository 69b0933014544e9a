"""The log has one line for each run, and one for an outage of our own network."""

import logging
from datetime import UTC, datetime

import pytest

from crawler.processes.children import ChildResult
from crawler.processes.run_report import RunReport
from storage.counts import Count
from storage.records import Run, RunOutcome, StopReason

SILENT, OK = {Count.SOURCE_UNREACHABLE: 1}, {Count.SOURCE_OK: 1}


def ended(outlet: str, counts: dict[Count, int], reason: StopReason | None = None) -> ChildResult:
    outcome = RunOutcome.UNREACHABLE if counts == SILENT else RunOutcome.OK
    now = datetime.now(UTC)
    run = Run(
        outlet=outlet,
        started_at=now,
        ended_at=now,
        outcome=RunOutcome.KILLED if reason else outcome,
        stop_reason=reason,
        counts={str(name): number for name, number in counts.items()},
    )
    code = 0 if outcome is RunOutcome.OK else 3
    return ChildResult(
        outlet=outlet, started_at=now, pid=1, exit_code=code, stop_reason=reason, run=run
    )


def test_an_outage_has_one_line_after_those_of_the_first_outlets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "nkwire.scheduler")
    report = RunReport()
    for number in range(71):
        report.add(ended(f"outlet{number}", SILENT), 71, 3, is_stopping=False)
    assert [line.partition(":")[0] for line in caplog.messages[:5]] == [
        f"outlet{number}" for number in range(5)
    ]
    assert caplog.messages[5].startswith("Is this machine's network out? 5 outlets of 5")
    assert len(caplog.messages) == 6
    report.add(ended("outlet0", OK), 71, 3, is_stopping=False)
    assert caplog.messages[6].startswith("outlet0: ok, ")
    assert caplog.messages[7].startswith("the network is back: outlet0 answered")


def test_while_the_service_stops_each_run_says_how_many_are_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "nkwire.scheduler")
    report = RunReport()
    for left in (2, 1, 0):
        report.add(ended("a", SILENT, StopReason.SERVICE_STOPPED), 9, left, is_stopping=True)
    assert [line.partition(";")[2] for line in caplog.messages] == [
        " 2 still run", " 1 still runs", ""
    ]  # fmt: skip
    assert {record.levelno for record in caplog.records} == {logging.INFO}
    assert report.network.question == ""


def test_runs_are_counted_by_outcome_and_their_new_articles_added_up() -> None:
    report = RunReport()
    stored = {Count.SOURCE_OK: 1, Count.STORED_NEW: 3}
    for counts in (SILENT, SILENT, stored, stored):
        report.add(ended("a", counts), 9, 0, is_stopping=False)
    assert report.outcomes == {RunOutcome.UNREACHABLE: 2, RunOutcome.OK: 2}
    assert report.new_articles == 6


def test_during_an_outage_a_run_that_ended_otherwise_still_has_its_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "nkwire.scheduler")
    report = RunReport()
    for number in range(9):
        report.add(ended(f"outlet{number}", SILENT), 71, 0, is_stopping=False)
    caplog.clear()
    report.add(ended("outlet3", SILENT), 71, 0, is_stopping=False)
    assert caplog.messages == []
    report.add(ended("outlet3", SILENT, StopReason.MEMORY), 71, 0, is_stopping=False)
    report.add(ended("outlet3", {}), 71, 0, is_stopping=False)
    assert [line.partition(",")[0] for line in caplog.messages] == [
        "outlet3: killed", "outlet3: ok"
    ]  # fmt: skip
