from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Update, update

from storage import open_database
from storage.counts import Count
from storage.records import RunOutcome
from storage.tables.runs import run as run_table

NOW = datetime.now(UTC)


def _execute(statement: Update, connection: Connection) -> None:
    connection.execute(statement)


@pytest.fixture
def ran(an_empty_folder: Path) -> list[int]:
    """Three runs: an old one that failed, one that went well, one that goes on."""
    with open_database("sqlite:///data/nkwire.db") as database:
        ids = []
        for outlet, outcome, hours in (
            ("kcna", RunOutcome.FAILED, 72),
            ("rodong", RunOutcome.OK, 1),
            ("kcna", None, 0),
        ):
            run = database.runs.begin(outlet)
            begun = NOW - timedelta(hours=hours)
            moved = update(run_table).where(run_table.c.id == run.id).values(started_at=begun)
            database.write(partial(_execute, moved))
            if outcome:
                run.outcome, run.ended_at = outcome, begun + timedelta(seconds=12.5)
                run.counts = {"source.ok": 2, "stored.new": 3, "page.error": 1}
                run.cause = "3 exceptions\x1b[31m" if outcome is RunOutcome.FAILED else ""
                database.runs.finish(run)
            ids.append(run.id)
    return ids


def test_runs_are_listed_the_latest_first(nkwire: Callable[..., Any], ran: list[int]) -> None:
    said = nkwire("runs")
    lines = said.out.splitlines()
    assert (said.code, len(lines)) == (0, 4)
    assert [line.split()[3:6:2] for line in lines[1:]] == [
        ["kcna", "running"],
        ["rodong", "ok"],
        ["kcna", "failed"],
    ]
    assert "12.5" in lines[2]
    assert "3 new, 2 sources answered, 1 page without an article" in lines[2]
    assert "3 exceptions\\x1b[31m (3 new" in lines[3]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (("--outlet", "kcna"), [2, 0]),
        (("--since", f"{NOW - timedelta(days=1):%Y-%m-%d}"), [2, 1]),
        (("--outcome", "failed"), [0]),
        (("--outcome", "running"), [2]),
        (("--limit", "1"), [2]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_shown_can_be_chosen(
    options: tuple[str, ...], shown: list[int], nkwire: Callable[..., Any], ran: list[int]
) -> None:
    said = nkwire("runs", *options, "--json")
    assert [row["run"] for row in said.json] == [ran[i] for i in shown]


def test_a_run_as_json_has_counts_and_length(nkwire: Callable[..., Any], ran: list[int]) -> None:
    running, ok, _ = nkwire("runs", "--json").json
    assert (ok["seconds"], ok["counts"]["stored.new"], ok["kind"]) == (12.5, 3, "crawl")
    assert (running["outcome"], running["seconds"], running["ended_at"]) == ("running", None, None)


def test_a_run_says_for_which_time_of_the_schedule_it_was(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    slot = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
    with open_database("sqlite:///data/nkwire.db") as database:
        database.runs.begin("kcna", slot_at=slot)
    assert nkwire("runs").out.splitlines()[1].split()[2] == "12:34:56"
    assert nkwire("runs", "--json").json[0]["slot_at"] == "2026-03-01T12:34:56Z"


def test_an_unknown_outcome_is_the_users_error(nkwire: Callable[..., Any], ran: list[int]) -> None:
    said = nkwire("runs", "--outcome", "great")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "the outcomes are ok, quiet, empty" in said.err


def test_a_list_of_runs_says_that_it_stops(nkwire: Callable[..., Any], ran: list[int]) -> None:
    assert nkwire("runs", "--limit", "1").err == "1 of 3 runs shown; --limit 3 shows all\n"
    filtered = nkwire("runs", "--limit", "1", "--outlet", "kcna", "--json")
    assert filtered.err == "1 of 2 runs shown; --limit 2 shows all\n"
    assert nkwire("runs", "--limit", "1", "--outcome", "running").err == ""
    assert nkwire("runs", "--outlet", "rodong", "--outcome", "failed").err == (
        "no runs with --outlet and --outcome: leave out or change an option\n"
    )


def test_a_run_is_told_in_words_and_not_in_counters(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    with open_database("sqlite:///data/nkwire.db") as database:
        run = database.runs.begin("kcna")
        run.outcome, run.ended_at = RunOutcome.OK, NOW
        run.counts = {each.value: 2 for each in Count}
        database.runs.finish(run)
    out = nkwire("runs").out
    assert "2 pages gone" in out
    assert not [each for each in Count if "." in each and each in out]
