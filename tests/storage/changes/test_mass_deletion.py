"""Alarms on mass deletions: each article counts once, however often it is looked for."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from storage import Database
from storage.changes.mass_deletion import RevisitCounts, is_mass_deletion
from storage.records import Article, Capture, CaptureOutcome, CaptureResult, RunOutcome
from storage.statistics import binomial_tail
from storage.tables.runs import run as runs

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
DAYS = 20  # that the agency was watched before
WITNESS = 0


def at(hours: float) -> datetime:
    return START + timedelta(days=DAYS, hours=hours)


def url(number: int) -> str:
    return f"https://agency.test/article/detail/{number:032x}"


def shown(number: int, when: datetime) -> Article:
    return Article(
        outlet="agency",
        url=url(number),
        title=f"Farm {number} opened",
        text=f"Farm {number} was opened in the town of Hamju.",
        language="en",
        capture=Capture(url(number), when, 200),
    )


def ended(database: Database, when: datetime, **counts: int) -> int:
    """A run of then with its counts."""
    run = database.runs.begin("agency")
    run.outcome = RunOutcome.OK
    run.counts = {f"revisit.{what}": number for what, number in counts.items()}
    database.runs.finish(run)
    begun = update(runs).where(runs.c.id == run.id)
    database.write(lambda connection: connection.execute(begun, {"started_at": when}))
    return run.id


def look(database: Database, hours: float, missed: range, *, witness: bool = True) -> None:
    """A run that finds 30 articles where they were, and does not find those that are missed."""
    run = ended(database, at(hours), present=30, missing=len(missed))
    if witness:
        database.save([shown(WITNESS, at(hours))], run)
    held = {each.url: each for each in database.revisits.due("agency", at(99_999), 999)}
    for number in missed:
        gone = Capture(url(number), at(hours + 0.01), 404)
        assert database.record_capture(
            "agency", held[url(number)].identity, gone, CaptureResult(CaptureOutcome.GONE), run
        )


@pytest.fixture
def watched(database: Database) -> Database:
    """Forty articles of an agency that lost none in twenty days of sixty looks."""
    database.save([shown(number, START) for number in range(40)])
    for day in range(DAYS - 3):
        ended(database, START + timedelta(days=day), present=60)
    return database


def test_an_alarm_is_raised_once(watched: Database) -> None:
    look(watched, 0, range(1, 23))
    (alarm,) = watched.alarms.raise_new("agency", at(0))
    assert (alarm.kind, alarm.missing, alarm.checks) == ("mass-deletion", 22, 52)
    assert alarm.since_at == at(0.01)
    assert watched.alarms.raise_new("agency", at(8)) == []
    assert [each.id for each in watched.alarms.latest()] == [alarm.id]


def test_an_article_that_is_looked_for_again_and_again_counts_once(watched: Database) -> None:
    for hours in range(0, 40, 4):
        look(watched, hours, range(1, 5))
        assert watched.alarms.raise_new("agency", at(hours)) == []


def test_a_purge_counts_that_no_sibling_witnessed_at_first(watched: Database) -> None:
    look(watched, 0, range(1, 5), witness=False)
    assert watched.alarms.raise_new("agency", at(0)) == []
    look(watched, 8, range(1, 5))
    look(watched, 16, range(5, 9))
    (alarm,) = watched.alarms.raise_new("agency", at(16))
    assert (alarm.kind, alarm.missing) == ("mass-deletion", 8)


def test_what_nothing_answered_may_turn_out_to_be_a_deletion(watched: Database) -> None:
    look(watched, 0, range(1, 16), witness=False)
    (alarm,) = watched.alarms.raise_new("agency", at(0))
    assert (alarm.kind, alarm.missing) == ("nothing answers", 15)
    look(watched, 8, range(1, 13))
    assert [each.kind for each in watched.alarms.raise_new("agency", at(8))] == ["mass-deletion"]
    assert watched.alarms.raise_new("agency", at(16)) == []


def test_what_is_back_again_raises_no_alarm(watched: Database) -> None:
    look(watched, 0, range(1, 9))
    watched.save([shown(number, at(8)) for number in range(1, 9)])
    assert watched.alarms.raise_new("agency", at(8)) == []


def test_an_outlet_that_loses_as_many_every_other_day_raises_none(watched: Database) -> None:
    for number in range(1, 31, 6):
        look(watched, -24 * 2.5 * (number // 6), range(number, number + 6))
    assert watched.alarms.raise_new("agency", at(0)) == []


@pytest.mark.parametrize(
    ("now", "usual", "expected"),
    [
        (RevisitCounts(80, 20), RevisitCounts(5000, 10), True),
        (RevisitCounts(20, 4), RevisitCounts(5000, 10), False),
        (RevisitCounts(99, 1), RevisitCounts(5000, 10), False),
        (RevisitCounts(90, 10), RevisitCounts(900, 100), False),
        (RevisitCounts(0, 40), RevisitCounts(), True),
        (RevisitCounts(95, 5), RevisitCounts(), False),
    ],
    ids=[
        "purge",
        "too-few",
        "as-usual",
        "an-outlet-that-loses-many",
        "young-outlet",
        "first-losses",
    ],
)
def test_mass_deletions_are_told_from_usual_losses(
    now: RevisitCounts, usual: RevisitCounts, expected: bool
) -> None:
    assert is_mass_deletion(now, usual) is expected


def test_the_chance_of_many_hits_is_binomial() -> None:
    assert binomial_tail(2, 3, 0.5) == pytest.approx(0.5)
    assert binomial_tail(0, 3, 0.5) == 1
