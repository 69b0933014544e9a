"""Outages of our own network, told from those of outlets."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from storage import Database
from storage.health.assessment import HealthState
from storage.records import Run, RunOutcome, SourceState
from storage.tables.runs import run as run_table

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OUTLETS = ("kcna", "rodong", "yonhap", "kbs", "nhk")
GOOD = {"answered": 3, "source.ok": 1, "listed": 9, "page.fetched": 1, "stored.new": 1}
NOTHING = {"source.unreachable": 1, "why.dns": 1}
ERROR_PAGE = {"answered": 1, "source.unreachable": 1}


def crawl(database: Database, outlet: str, at: datetime, counts: dict[str, int]) -> None:
    """A run of a minute, with the judgement after it."""
    run = database.runs.begin(outlet)
    run.ended_at, run.counts = at + timedelta(minutes=1), counts
    run.outcome = RunOutcome.OK if counts is GOOD else RunOutcome.UNREACHABLE
    database.runs.finish(run)
    begun = update(run_table).where(run_table.c.id == run.id)
    database.write(lambda connection: connection.execute(begun, {"started_at": at}))
    database.health.assess(outlet, at + timedelta(minutes=2))


def rounds(
    database: Database, number: int, counts: dict[str, int], of: Sequence[str] = OUTLETS
) -> None:
    """So many rounds of all outlets, a quarter of an hour each; those not named in `of` are well."""
    last = max((run.started_at for run in database.runs.latest()), default=NOON)
    for each in range(1, number + 1):
        for place, outlet in enumerate(OUTLETS):
            at = last + timedelta(minutes=15 * each + 2 * place)
            crawl(database, outlet, at, counts if outlet in of else GOOD)


def states(database: Database) -> set[HealthState]:
    return {health.state for health in database.health.current().values()}


def test_what_befalls_all_outlets_breaks_none(database: Database) -> None:
    rounds(database, 4, GOOD)
    rounds(database, 12, NOTHING)
    assert states(database) == {HealthState.OK}
    outage = database.own_network.last_outage()
    assert outage is not None
    assert (outage.outlets, outage.over_at) == (5, None)
    marked = [run for run in database.runs.latest(limit=500) if run.own_network]
    assert len(marked) >= 12 * 5 - len(OUTLETS)
    rounds(database, 1, GOOD)
    assert states(database) == {HealthState.OK}
    assert all(change.told_at for change in database.health.changes())


@pytest.mark.parametrize(
    ("counts", "of"),
    [(NOTHING, OUTLETS[:1]), (NOTHING, OUTLETS[:3]), (ERROR_PAGE, OUTLETS)],
    ids=["one", "some", "all answer with errors"],
)
def test_what_is_no_outage_of_ours_breaks_outlets_as_ever(
    database: Database, counts: dict[str, int], of: Sequence[str]
) -> None:
    rounds(database, 4, GOOD)
    rounds(database, 3, counts, of)
    broken = {
        name
        for name, health in database.health.current().items()
        if health.state == HealthState.BROKEN
    }
    assert broken == set(of)
    assert database.own_network.last_outage() is None


def test_an_outlet_that_stays_away_after_the_outage_is_broken(database: Database) -> None:
    rounds(database, 4, GOOD)
    rounds(database, 4, NOTHING)
    rounds(database, 2, NOTHING, ["kcna"])
    assert states(database) == {HealthState.OK}
    rounds(database, 2, NOTHING, ["kcna"])
    assert database.health.current()["kcna"].state == HealthState.BROKEN


def test_a_second_outage_is_another(database: Database) -> None:
    rounds(database, 4, GOOD)
    rounds(database, 4, NOTHING)
    first = database.own_network.last_outage()
    assert first is not None
    database.own_network.record_announcement(first, NOON)
    rounds(database, 8, GOOD)
    over = database.own_network.last_outage()
    assert over is not None
    assert (over.since_at, over.told_at) == (first.since_at, NOON)
    assert "seems to have been out from 2026-03-02 13:23 to" in over.format_line()
    rounds(database, 4, NOTHING)
    second = database.own_network.last_outage()
    assert second is not None
    assert (second.told_at, second.over_at) == (None, None)
    assert second.since_at > first.since_at


def test_no_source_is_spared_for_an_outage_of_ours(database: Database) -> None:
    rounds(database, 4, GOOD)
    later = NOON + timedelta(days=1)
    away = SourceState(
        outlet="kcna", source="feed", failures=4, failing_since=NOON + timedelta(hours=2)
    )
    for state in (
        away,
        SourceState(outlet="rodong", source="feed", failures=9, failing_since=NOON),
    ):
        state.next_at = later
        database.sources.save(state)
    rounds(database, 4, NOTHING)
    waits = [database.sources.state(outlet, "feed") for outlet in ("kcna", "rodong")]
    assert [state and state.next_at for state in waits] == [None, later]


def test_runs_that_asked_nobody_tell_nothing(database: Database) -> None:
    rounds(database, 4, GOOD)
    rounds(database, 3, {"source.put_off": 1})
    assert database.own_network.last_outage() is None
    assert not any(isinstance(each, Run) and each.own_network for each in database.runs.latest())
