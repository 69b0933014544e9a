import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import inspect, update

from storage import Database, open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.runs.slots import ScheduleOverride
from storage.schema import alembic_config
from storage.tables.processes import lease

SLOT = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def take(database: Database, owner: str, slot: datetime = SLOT) -> bool:
    return database.schedule.take_slot("kcna", slot, owner, lease_name="scheduler")


@pytest.mark.threats("R14", "R15")
def test_a_slot_is_taken_once_and_only_by_who_leads(database: Database) -> None:
    assert not take(database, "a")
    assert database.leases.acquire("scheduler", "a", 60)
    assert take(database, "a")
    assert not take(database, "a")
    assert not take(database, "b", SLOT + HOUR)
    past = update(lease).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    database.write(lambda connection: connection.execute(past))
    assert not take(database, "a", SLOT + HOUR)
    assert database.schedule.last_taken(SLOT)["kcna"].slot_at == SLOT


@pytest.mark.threats("R15")
def test_a_slot_before_the_last_one_is_not_taken(database: Database) -> None:
    database.leases.acquire("scheduler", "a", 60)
    assert take(database, "a")
    assert not take(database, "a", SLOT - HOUR)
    assert take(database, "a", SLOT + HOUR)


@pytest.mark.threats("R16")
def test_a_slot_in_the_future_stops_nothing_after_the_clock_was_set_back(
    database: Database,
) -> None:
    database.leases.acquire("scheduler", "a", 60)
    now = datetime.now(UTC)
    assert take(database, "a", now + 24 * HOUR)
    assert take(database, "a", now)
    assert not take(database, "a", now)
    assert database.schedule.last_taken(now)["kcna"].slot_at == now


@pytest.mark.threats("R14")
def test_of_many_that_take_one_slot_at_once_one_has_it(database: Database, corpus_url: str) -> None:
    database.leases.acquire("scheduler", "a", 60)
    others = [open_database(corpus_url) for _ in range(6)]

    async def at_once() -> list[bool]:
        return await asyncio.gather(*(asyncio.to_thread(take, each, "a") for each in others))

    assert sum(asyncio.run(at_once())) == 1
    for other in others:
        other.close()


def test_what_was_taken_and_missed_is_seen(database: Database) -> None:
    database.leases.acquire("scheduler", "a", 60)
    now = datetime.now(UTC)
    for slot, missed in ((SLOT, 0), (SLOT + 5 * HOUR, 4), (SLOT + 7 * HOUR, 1)):
        assert take(database, "a", slot)
        database.runs.begin("kcna", slot_at=slot, missed=missed)
    assert database.runs.latest("kcna")[0].slot_at == SLOT + 7 * HOUR
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


def make_old_database(url: str, version: str, statements: str) -> None:
    old = TransactionalEngine(make_engine(parse_url(url), create=True))
    with old.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        for statement in statements.split(";"):
            connection.exec_driver_sql(statement)
    old.close()


def test_the_overrides_and_runs_of_an_older_database_are_kept(database_url: str) -> None:
    make_old_database(database_url, "0007", OLD)
    with open_database(database_url) as database:
        assert database.schedule.overrides() == {
            "kcna": ScheduleOverride(every=timedelta(minutes=10))
        }
        found = database.schedule.last_taken(SLOT)["kcna"]
        assert (found.slot_at, found.taken_at) == (None, None)
        assert [each.slot_at for each in database.runs.latest("kcna", kind="crawl")] == [None, None]


def test_the_missed_slots_of_an_older_database_are_kept(database_url: str) -> None:
    taken = "UPDATE run SET slot_at = '2026-03-02 13:00:00' WHERE id = 2"
    missed = (
        "INSERT INTO slot VALUES ('kcna', '2026-03-02 13:00:00', '2026-03-02 13:00:00', 'a', 3)"
    )
    make_old_database(database_url, "0012", f"{OLD};{taken};{missed}")
    with open_database(database_url) as database:
        assert [each.missed for each in database.runs.latest("kcna", kind="crawl")] == [3, 0]
        assert database.schedule.last_taken(SLOT + 2 * HOUR)["kcna"].missed == 3
        assert not database.read(lambda connection: inspect(connection).has_table("slot"))
