import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy
from alembic import command

from storage import Database, open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.health.assessment import HealthState
from storage.health.days import FIELD_COUNTS
from storage.health.outlet_health import HealthChange, format_health_change
from storage.health.run_evidence import HealthCause
from storage.records import Run, RunOutcome
from storage.schema import alembic_config
from storage.tables.runs import run as run_table

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD = {
    "source.ok": 1,
    "listed": 20,
    "page.fetched": 2,
    "page.article": 2,
    "stored.new": 2,
    **{f"field.{name}": 2 for name in FIELD_COUNTS},
}
DOWN = {"source.unreachable": 1, "why.dns": 1}

Crawl = Callable[..., HealthChange | None]


def crawl(database: Database, hour: int, *, good: bool = True, kind: str = "crawl") -> Run:
    """A run so many hours after noon, recorded but not judged."""
    run = database.runs.begin("kcna", kind=kind)
    run.ended_at = NOON + timedelta(hours=hour, minutes=1)
    run.outcome = RunOutcome.OK if good else RunOutcome.UNREACHABLE
    run.cause = "" if good else "1 of 1 sources unreachable: the host name has no address"
    run.counts = GOOD if good else DOWN
    database.runs.finish(run)
    at = sqlalchemy.update(run_table).where(run_table.c.id == run.id)
    begun = NOON + timedelta(hours=hour)
    database.write(lambda connection: connection.execute(at.values(started_at=begun)))
    return run


def judged(database: Database, hour: int, *, good: bool = True) -> HealthChange | None:
    crawl(database, hour, good=good)
    return database.health.assess("kcna", NOON + timedelta(hours=hour, minutes=2))


def test_a_state_is_kept_with_its_beginning_and_each_change_once(database: Database) -> None:
    changes = [judged(database, hour, good=hour < 3 or hour > 8) for hour in range(10)]
    assert [None if each is None else each.health.state for each in changes] == [
        HealthState.OK, None, None, None, None, HealthState.BROKEN, None, None, None, HealthState.OK,
    ]  # fmt: skip
    health = database.health.current()["kcna"]
    assert (health.state, health.cause) == (HealthState.OK, None)
    kept = database.health.changes("kcna")
    assert [(each.was, each.health.state) for each in kept] == [
        (HealthState.BROKEN, HealthState.OK),
        (HealthState.OK, HealthState.BROKEN),
        (None, HealthState.OK),
    ]
    broken = kept[1].health
    assert (broken.cause, broken.since_at) == (HealthCause.DNS, NOON + timedelta(hours=3))
    assert format_health_change(kept[1]).startswith(
        "kcna is broken (dns) since 2026-03-02 15:00 UTC: 3 runs in a row: 1 of 1 sources"
    )
    assert [each.needs_alert for each in kept] == [True, True, False]


def test_judging_twice_changes_nothing(database: Database) -> None:
    judged(database, 0)
    assert database.health.assess("kcna", NOON + timedelta(hours=1)) is None
    [day] = database.health.days(NOON.date())["kcna"]
    assert (day.runs, day.new, day.read, day.listed) == (1, 2, 2, 20)
    assert day.fields == dict.fromkeys(FIELD_COUNTS, 2)


def test_an_outlet_that_was_never_crawled_has_no_state(database: Database) -> None:
    crawl(database, 0, kind="ingest")
    assert database.health.assess("kcna", NOON) is None
    assert database.health.assess("rodong", NOON) is None
    assert database.health.current() == {}


def test_days_are_kept_apart_and_those_before_the_first_judgement_counted_too(
    database: Database,
) -> None:
    for hour in range(-30, 6):
        crawl(database, hour, good=hour != -20)
    database.health.assess("kcna", NOON + timedelta(hours=6))
    found = database.health.days((NOON - timedelta(days=3)).date())["kcna"]
    assert [(day.day.day, day.runs, day.bad) for day in found] == [
        (1, 18, 1),
        (2, 18, 0),
    ]
    crawl(database, 7)
    database.health.assess("kcna", NOON + timedelta(hours=8))
    assert database.health.days(NOON.date())["kcna"][0].runs == 19


def test_news_waits_until_somebody_was_told_and_for_a_day_at_most(database: Database) -> None:
    for hour in range(4):
        judged(database, hour, good=hour == 0)
    at = NOON + timedelta(hours=4)
    [change] = database.health.unannounced(at)
    assert (change.was, change.health.state, change.attempts) == (
        HealthState.OK,
        HealthState.BROKEN,
        0,
    )
    database.health.record_announcement(change.id, None, "the webhook does not answer")
    [change] = database.health.unannounced(at)
    assert (change.attempts, change.problem) == (1, "the webhook does not answer")
    assert database.health.unannounced(at + timedelta(days=2)) == []
    database.health.record_announcement(change.id, at)
    assert database.health.unannounced(at) == []
    assert database.health.changes()[0].told_at == at


def test_several_that_judge_at_once_note_a_change_once(database: Database, corpus_url: str) -> None:
    for hour in range(4):
        crawl(database, hour, good=hour == 0)
    others = [open_database(corpus_url) for _ in range(4)]

    async def at_once() -> list[HealthChange | None]:
        at = NOON + timedelta(hours=4)
        return await asyncio.gather(
            *(asyncio.to_thread(other.health.assess, "kcna", at) for other in others)
        )

    changes = asyncio.run(at_once())
    for other in others:
        other.close()
    assert sum(change is not None for change in changes) == 1
    assert len(database.health.changes()) == 1


OLD = """
INSERT INTO outlet (name, rank, added_at) VALUES ('kcna', 0, '2026-03-01 12:00:00');
INSERT INTO run (id, outlet, kind, host, pid, started_at, ended_at, outcome, cause, counts)
 VALUES (1, 'kcna', 'crawl', 'h', 1, '2026-03-02 12:00:00', '2026-03-02 12:01:00', 'ok', '',
 '{"source.ok":1,"listed":20,"page.fetched":2,"page.article":2,"stored.new":2}')
"""


def test_the_runs_of_an_older_database_are_judged_after_the_upgrade(database_url: str) -> None:
    old = TransactionalEngine(make_engine(parse_url(database_url), create=True))
    with old.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        for statement in OLD.split(";"):
            connection.exec_driver_sql(statement)
    old.close()
    with open_database(database_url) as database:
        change = database.health.assess("kcna", NOON + timedelta(hours=1))
        assert change is not None
        assert change.health.state is HealthState.OK
        [day] = database.health.days(NOON.date())["kcna"]
        assert (day.runs, day.new) == (1, 2)
