"""How often articles are looked at again: what the operator sets, and what it costs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.app import run
from cli.commands.revisits import parse_ages
from storage import Database, open_database
from storage.changes.revisit_intervals import (
    DEFAULT_INTERVALS,
    LEADER_REPORT_INTERVALS,
    count_revisits,
)
from storage.errors import NotFound
from storage.records import Article, Capture
from storage.wording.durations import format_duration

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(hours: float) -> datetime:
    return START + hours * HOUR


def article(number: int = 1, title: str = "Farm opened", outlet: str = "agency") -> Article:
    url = f"https://{outlet}.test/{number}"
    return Article(
        outlet=outlet,
        url=url,
        title=title,
        text=f"Milk {number}.",
        capture=Capture(url, START, 200),
    )


def due(database: Database, hours: float, outlet: str = "agency") -> list[str]:
    return [each.url for each in database.revisits.due(outlet, at(hours), 99)]


def test_the_operator_s_ladder_holds_for_what_is_held_and_what_comes(database: Database) -> None:
    database.outlets.declare_ranks({"agency": 9})
    database.save([article(1)])
    assert database.revisit_intervals.override("agency", (5 * HOUR, 9 * DAY)) == 1
    database.save([article(2)])
    assert due(database, 4.9) == []
    assert len(due(database, 5)) == 2


def test_a_declaration_does_not_take_the_operator_s_ladder_away(database: Database) -> None:
    database.outlets.declare_ranks({"agency": 9})
    database.revisit_intervals.override("agency", (5 * HOUR,))
    database.revisit_intervals.declare("agency", (2 * HOUR,))
    database.save([article()])
    assert due(database, 4) == []
    database.revisit_intervals.override("agency", None, declared=(2 * HOUR,))
    assert len(due(database, 2)) == 1
    database.revisit_intervals.declare("agency", (HOUR,))
    database.save([article(2)])
    assert len(due(database, 1)) == 1


def test_an_outlet_can_be_left_alone(database: Database) -> None:
    database.outlets.declare_ranks({"agency": 0, "other": 9})
    leader = article(1, "Respected Comrade Kim Jong Un Visits Farm")
    database.save([leader, article(1, outlet="other")])
    database.revisit_intervals.override("agency", ())
    database.save([article(2)])
    assert due(database, 99_999) == []
    assert len(due(database, 99_999, "other")) == 1
    agency, other = database.revisit_intervals.summary(at(0), DAY)
    assert (agency.intervals, other.intervals) == ((), None)
    database.revisit_intervals.override("agency", None)
    assert len(due(database, 99_999)) == 2


def test_reports_on_the_leader_keep_their_closer_rungs(database: Database) -> None:
    database.outlets.declare_ranks({"agency": 0})
    database.revisit_intervals.override("agency", (20 * HOUR,))
    database.save([article(1), article(2, "Respected Comrade Kim Jong Un Visits Farm")])
    assert due(database, 0.3) == ["https://agency.test/2"]


def test_an_outlet_that_nobody_knows_is_told(database: Database) -> None:
    with pytest.raises(NotFound, match="nobody"):
        database.revisit_intervals.override("nobody", (HOUR,))
    assert all(each.outlet != "nobody" for each in database.revisit_intervals.summary(START, DAY))


def test_what_is_watched_and_due_is_counted(database: Database) -> None:
    database.outlets.declare_ranks({"agency": 9, "other": 9})
    database.save([article(1), article(2)])
    agency, other = database.revisit_intervals.summary(at(0.5), DAY)
    assert (agency.articles, agency.due, agency.due_soon, agency.is_override) == (2, 2, 2, False)
    assert (other.articles, other.intervals) == (0, None)


@pytest.mark.parametrize(
    ("minutes", "rungs", "expected"),
    [
        (0, DEFAULT_INTERVALS, [4, 6, 7, 8]),
        (20, DEFAULT_INTERVALS, [4, 6, 7, 8]),
        (60, DEFAULT_INTERVALS, [3, 5, 6, 7]),
        (180, DEFAULT_INTERVALS, [2, 4, 5, 6]),
        (360, DEFAULT_INTERVALS, [2, 4, 5, 6]),
        (60, LEADER_REPORT_INTERVALS, [5, 9, 10, 11]),
        (60, (), [0, 0, 0, 0]),
    ],
)
def test_the_cost_of_a_ladder_is_as_documented(
    minutes: int, rungs: tuple[timedelta, ...], expected: list[int]
) -> None:
    every = timedelta(minutes=minutes)
    assert [count_revisits(days, rungs, every) for days in (1, 30, 365, 730)] == expected


@pytest.mark.parametrize("every", [timedelta(0), timedelta(minutes=20), HOUR, 6 * HOUR])
def test_the_computed_cost_is_what_the_database_asks_for(
    empty_sqlite: Path, tmp_path: Path, every: timedelta
) -> None:
    path = tmp_path / "nkwire.db"
    path.write_bytes(empty_sqlite.read_bytes())
    database = open_database(f"sqlite:///{path}")
    database.save([article()])
    looks, now = 0, START
    while (now := now + (every or timedelta(minutes=15))) <= START + 30 * DAY:
        if len(due(database, (now - START) / HOUR)):
            fetched = article()
            fetched.capture = Capture(fetched.url, now, 200)
            database.save([fetched])
            looks += 1
    database.close()
    assert looks == count_revisits(30, DEFAULT_INTERVALS, every)


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def nkwire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", f"sqlite:///{tmp_path / 'nkwire.db'}")

    def call(*arguments: str) -> Said:
        code = run(["revisits", *arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


def test_the_command_sets_shows_and_takes_back(nkwire: Callable[..., Said]) -> None:
    assert nkwire("kcna", "--ages", "2h, 1d").code == 0
    (row,) = json.loads(nkwire("kcna", "--json").out)
    assert (row["set_by"], row["ages_seconds"]) == ("you", [7200, 86400])
    assert row["month_per_1000"] == 31_000  # after two hours, then once a day
    assert nkwire("kcna", "--off").code == 0
    assert json.loads(nkwire("kcna", "--json").out)[0]["month_per_1000"] == 0
    assert "never" in nkwire("kcna").out
    assert nkwire("kcna", "--default").code == 0
    (row,) = json.loads(nkwire("kcna", "--json").out)
    assert (row["set_by"], row["month_per_1000"]) == ("default", 5000)
    assert row["leader_month_per_1000"] == 9000


def test_a_dry_run_tells_the_cost_and_sets_nothing(nkwire: Callable[..., Said]) -> None:
    nkwire("kcna", "--default")
    (row,) = json.loads(nkwire("kcna", "--ages", "1d", "--dry-run", "--json").out)
    assert (row["set_by"], row["month_per_1000"]) == ("dry run", 30_000)
    assert json.loads(nkwire("kcna", "--json").out)[0]["set_by"] == "default"


@pytest.mark.parametrize(
    "arguments",
    [
        ("kcna", "--ages", "soon"),
        ("kcna", "--ages", "0m"),
        ("kcna", "--ages", "1h", "--off"),
        ("--ages", "1h"),
        ("nobody", "--off"),
    ],
    ids=["no-age", "no-time", "both", "no-outlet", "unknown"],
)
def test_what_cannot_be_set_is_told(
    nkwire: Callable[..., Said], arguments: tuple[str, ...]
) -> None:
    said = nkwire(*arguments)
    assert said.code == 2
    assert said.err.count("\n") == 1


def test_ages_are_read_in_any_order() -> None:
    assert parse_ages("1d 15m,3h") == (timedelta(minutes=15), 3 * HOUR, DAY)


AGES = st.lists(
    st.integers(60, 36_500 * 86_400).map(lambda seconds: timedelta(seconds=seconds)), min_size=1
)


@given(AGES)
def test_ages_that_are_printed_can_be_typed(ages: list[timedelta]) -> None:
    assert parse_ages(" ".join(map(format_duration, ages))) == tuple(sorted(set(ages)))
