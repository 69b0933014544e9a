import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import inspect, update

from storage import Database, open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import StorageError
from storage.runs.slots import ScheduleOverride
from storage.schema import alembic_config
from storage.tables.articles import lease

SLOT = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def take(database: Database, owner: str, slot: datetime = SLOT, missed: int = 0) -> bool:
    return database.schedule.take_slot("kcna", slot, owner, lease_name="scheduler", missed=missed)


def test_a_slot_is_taken_once_and_only_by_who_leads(database: Database) -> None:
    assert not take(database, "a")
    assert database.leases.acquire("scheduler", "a", 60)
    assert take(database, "a")
    assert not take(database, "a")
    assert not take(database, "b", SLOT + HOUR)
    past = update(lease).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    database.write(lambda connection: connection.execute(past))
    assert not take(database, "a", SLOT + HOUR)
    assert [(each.slot_at, each.owner) for each in database.schedule.slots("kcna")] == [(SLOT, "a")]


def test_of_many_that_take_one_slot_at_once_one_has_it(database: Database, corpus_url: str) -> None:
    database.leases.acquire("scheduler", "a", 60)
    others = [open_database(corpus_url) for _ in range(6)]

    async def at_once() -> list[bool]:
        return await asyncio.gather(*(asyncio.to_thread(take, each, "a") for each in others))

    assert sum(asyncio.run(at_once())) == 1
    for other in others:
        other.close()


def test_no_slot_has_two_runs(database: Database) -> None:
    begun = database.runs.begin("kcna", slot_at=SLOT)
    assert database.runs.latest("kcna")[0].slot_at == SLOT
    with pytest.raises(StorageError):
        database.runs.begin("kcna", slot_at=SLOT)
    assert database.runs.begin("rodong", slot_at=SLOT).id != begun.id
    database.runs.begin("kcna")
    database.runs.begin("kcna")


def test_what_was_taken_and_missed_is_seen(database: Database) -> None:
    database.leases.acquire("scheduler", "a", 60)
    now = datetime.now(UTC)
    take(database, "a", SLOT)
    take(database, "a", SLOT + 5 * HOUR, missed=4)
    take(database, "a", SLOT + 7 * HOUR, missed=1)
    found = database.schedule.last_taken(now)["kcna"]
    assert (found.slot_at, found.missed) == (SLOT + 7 * HOUR, 5)
    assert database.schedule.last_taken(now + timedelta(days=8))["kcna"].missed == 0


def test_all_that_an_operator_overrides_is_kept(database: Database) -> None:
    said = ScheduleOverride(None, None, "*/20 * * * *", timedelta(0), "23:00-06:00 Asia/Seoul")
    database.schedule.set_override("kcna", said)
    assert database.schedule.overrides() == {"kcna": said}


OLD = """
INSERT INTO outlet (name, rank, added_at, every_seconds) VALUES ('kcna', 0, '2026-03-01 12:00:00', 600);
INSERT INTO run (id, outlet, kind, host, pid, started_at, ended_at, outcome, cause)
 VALUES (1, 'kcna', 'crawl', 'h', 1, '2026-03-02 12:00:00', '2026-03-02 12:01:00', 'ok', '');
INSERT INTO run (id, outlet, kind, host, pid, started_at, ended_at, outcome, cause)
 VALUES (2, 'kcna', 'crawl', 'h', 1, '2026-03-02 13:00:00', '2026-03-02 13:01:00', 'ok', '')
"""


def test_the_overrides_and_runs_of_an_older_database_are_kept(database_url: str) -> None:
    old = TransactionalEngine(make_engine(parse_url(database_url), create=True))
    with old.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        for statement in OLD.split(";"):
            connection.exec_driver_sql(statement)
    old.close()
    with open_database(database_url) as database:
        assert database.schedule.overrides() == {
            "kcna": ScheduleOverride(every=timedelta(minutes=10))
        }
        found = database.schedule.last_taken(SLOT)["kcna"]
        assert (found.slot_at, found.taken_at) == (None, None)
        assert [each.slot_at for each in database.runs.latest("kcna", kind="crawl")] == [None, None]
        assert database.read(lambda c: inspect(c).has_table("slot"))
