import asyncio
import time

import pytest
from alembic import command
from sqlalchemy import update

from storage import Database, open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.schema import alembic_config
from storage.tables.processes import host


def test_turns_at_a_host_lie_a_gap_apart(database: Database) -> None:
    assert database.hosts.reserve_turn("kcna.kp", 100) == (0, 0)
    wait, _ = database.hosts.reserve_turn("kcna.kp", 100)
    assert 90 < wait <= 100
    wait, _ = database.hosts.reserve_turn("kcna.kp", 5)
    assert 190 < wait <= 200
    assert database.hosts.reserve_turn("rodong.rep.kp", 100) == (0, 0)


def test_processes_that_ask_at_once_get_turns_of_their_own(
    database: Database, corpus_url: str
) -> None:
    others = [open_database(corpus_url) for _ in range(5)]

    async def at_once() -> list[tuple[float, float]]:
        return await asyncio.gather(
            *(asyncio.to_thread(each.hosts.reserve_turn, "kcna.kp", 100.0) for each in others)
        )

    waits = sorted(wait for wait, _ in asyncio.run(at_once()))
    assert [round(wait / 100) for wait in waits] == [0, 1, 2, 3, 4]
    for other in others:
        other.close()


@pytest.mark.threats("R1")
def test_a_host_that_wants_to_be_left_alone_is_so_by_all(database: Database) -> None:
    database.hosts.pause("kcna.kp", 500)
    database.hosts.pause("kcna.kp", 20)
    wait, held = database.hosts.reserve_turn("kcna.kp", 5)
    assert wait == 0
    assert held == pytest.approx(500, abs=60)


@pytest.mark.threats("R16")
def test_a_clock_that_was_set_back_holds_nobody_up(database: Database) -> None:
    database.hosts.reserve_turn("kcna.kp", 5)
    far = update(host).values(free_at=time.time() + 7200)
    database.write(lambda connection: connection.execute(far))
    wait, _ = database.hosts.reserve_turn("kcna.kp", 5)
    assert wait == 0


OLD = """
INSERT INTO outlet (name, rank, added_at) VALUES ('kcna', 0, '2026-03-01 12:00:00');
INSERT INTO source_state (outlet, source, etag, last_modified, body_sha256, failures)
 VALUES ('kcna', 'https://kcna.test/feed', 'x', '', '', 4)
"""


def test_the_sources_of_an_older_database_are_kept(database_url: str) -> None:
    old = TransactionalEngine(make_engine(parse_url(database_url), create=True))
    with old.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        for statement in OLD.split(";"):
            connection.exec_driver_sql(statement)
    old.close()
    with open_database(database_url) as database:
        [state] = database.sources.states("kcna")
        assert (state.etag, state.failures, state.points, state.next_at) == ("x", 4, 0.0, None)
        assert database.hosts.reserve_turn("kcna.kp", 5) == (0, 0)
