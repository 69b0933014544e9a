from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.show.health import CHART_DAYS, format_chart
from storage import open_database
from storage.health.days import HealthDay
from storage.records import RunOutcome

TODAY = date(2026, 3, 31)


@pytest.fixture
def two_outlets(an_empty_folder: Path) -> None:
    """One outlet that is read as it should be, and one whose name has no address any more."""
    with open_database(f"sqlite:///{an_empty_folder / 'data' / 'nkwire.db'}") as database:
        for name, outcome, counts in (
            ("rodong", RunOutcome.UNREACHABLE, {"source.unreachable": 1, "why.dns": 1}),
            ("kcna", RunOutcome.OK, {"source.ok": 1, "listed": 9, "stored.new": 9}),
        ):
            for _ in range(3):
                run = database.runs.begin(name)
                run.outcome, run.counts = outcome, counts
                run.cause = "" if outcome is RunOutcome.OK else "1 of 1 sources unreachable"
                database.runs.finish(run)
                database.health.assess(name)


@pytest.mark.usefixtures("two_outlets")
def test_status_says_what_is_broken_and_why_first(nkwire: Callable[..., Any]) -> None:
    lines = nkwire("status").out.splitlines()
    assert lines[1].startswith("rodong")
    assert "broken: dns" in lines[1]
    assert "3 runs in a row: 1 of 1 sources" in lines[1]
    assert "·×" in lines[1]
    assert "·█" in lines[2]
    kcna, rodong = nkwire("status", "--json").json
    assert (kcna["health"], kcna["health_cause"], kcna["evidence"]) == ("ok", None, "")
    assert (rodong["health"], rodong["health_cause"]) == ("broken", "dns")
    today = datetime.now(UTC).date()
    assert rodong["days"][-1]["failed"] == 3
    assert today - date.fromisoformat(kcna["days"][0]["day"]) <= timedelta(days=1)


def test_the_chart_has_a_sign_for_each_day() -> None:
    days = [
        HealthDay(day=TODAY, runs=24, new=80),
        HealthDay(day=TODAY - timedelta(days=1), runs=24, new=1),
        HealthDay(day=TODAY - timedelta(days=2), runs=24),
        HealthDay(day=TODAY - timedelta(days=3), runs=24, bad=24),
        HealthDay(day=TODAY - timedelta(days=5), runs=24, bad=2, new=40),
        HealthDay(day=TODAY - timedelta(days=99), runs=24, new=40),
    ]
    drawn = format_chart(days, TODAY)
    assert len(drawn) == CHART_DAYS
    assert drawn.lstrip("·") == "▄·×_▁█"
    assert set(format_chart([], TODAY)) == {"·"}
