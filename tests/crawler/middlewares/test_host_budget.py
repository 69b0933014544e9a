import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol, cast

import pytest
from scrapy.http import Request
from scrapy.settings import Settings

from crawler.crawl.causes import ForbiddenRequestError
from crawler.middlewares import host_budget
from crawler.middlewares.host_budget import HostBudget
from storage import Database, open_database
from storage.records import RunOutcome, StopReason
from tests.crawler.conftest import Declare, Site, World

Budget = Callable[[float], HostBudget]
Delays = dict[str, dict[str, float]]


class Counting:
    """A database of which is known how often it was asked for a turn."""

    def __init__(self, database: Database) -> None:
        self.asked = 0
        self.hosts = self
        self.ended: list[str] = []  # reasons for which the crawl was ended
        self.is_crawling = True
        self._database = database

    def reserve_turn(self, name: str, gap: float) -> tuple[float, float]:
        self.asked += 1
        return self._database.hosts.reserve_turn(name, gap)


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@pytest.fixture
def counting(tmp_path: Path) -> Counting:
    return Counting(open_database(f"sqlite:///{tmp_path}/nkwire.db"))


@pytest.fixture
def delays() -> Delays:
    """What robots.txt asks for, by host."""
    return {}


@pytest.fixture
def budget(counting: Counting, delays: Delays) -> Budget:
    def build(gap: float) -> HostBudget:
        settings = Settings({"DOWNLOAD_DELAY": gap, "NKWIRE_LONGEST_WAIT": 60})
        engine = SimpleNamespace(downloader=SimpleNamespace(per_slot_settings=delays))
        return budget_of(counting, settings, engine)

    return build


def budget_of(counting: Counting, settings: Settings, engine: object) -> HostBudget:
    class Crawler:
        @property
        def crawling(self) -> bool:
            return counting.is_crawling

    crawler, session = Crawler(), SimpleNamespace(database=counting, count=lambda name: None)
    session.end_early = lambda _, reason: counting.ended.append(reason)
    vars(crawler).update(settings=settings, engine=engine)
    return HostBudget(cast("Any", crawler), cast("Any", session))


async def ask(budget: HostBudget, times: int) -> None:
    for number in range(times):
        await budget.process_request(Request(f"https://outlet.test/{number}"))


def test_turns_of_one_second_are_taken_at_once(budget: Budget, counting: Counting) -> None:
    asyncio.run(ask(budget(0.001), 50))
    assert counting.asked < 10


def test_a_gap_of_a_second_or_more_takes_each_turn_by_itself(
    budget: Budget, counting: Counting
) -> None:
    asyncio.run(ask(budget(1.0), 2))
    assert counting.asked == 2


def test_turns_that_were_kept_too_long_are_given_up(
    budget: Budget, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_budget, "RESERVATION_SECONDS", 0.05)
    middleware = budget(0.01)
    asyncio.run(ask(middleware, 1))
    time.sleep(0.06)
    asyncio.run(ask(middleware, 1))
    assert counting.asked == 2


def test_a_longer_gap_asked_for_meanwhile_is_not_cut_short(
    budget: Budget, counting: Counting, delays: Delays
) -> None:
    middleware = budget(0.01)
    asyncio.run(ask(middleware, 1))
    delays["outlet.test"] = {"delay": 10.0}
    asyncio.run(ask(middleware, 1))
    assert counting.asked == 2


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keeps everybody else from writing to an SQLite file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def stopped(server: PostgresServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def outage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Counting, Callable[[], Any]]]:
    """A database, and how to take it away for a while."""
    monkeypatch.setattr(host_budget, "SILENCE_SECONDS", 0.0)
    monkeypatch.setattr(host_budget, "STOP_CHECK_SECONDS", 0.01)
    file = tmp_path / "nkwire.db"
    is_file = request.param == "sqlite"
    url = f"sqlite:///{file}" if is_file else request.getfixturevalue("postgres_url")
    server = None if is_file else request.getfixturevalue("postgres_server")
    with open_database(url) as database:
        yield Counting(database), lambda: stopped(server) if server else locked(file)


@pytest.mark.threats("R11")
def test_who_cannot_ask_waits_until_the_database_is_back(
    outage: tuple[Counting, Callable[[], Any]], caplog: pytest.LogCaptureFixture
) -> None:
    counting, take_away = outage
    told = "the database does not answer: no request is sent until it does"

    async def wait() -> None:
        engine = SimpleNamespace(downloader=SimpleNamespace(per_slot_settings={}))
        settings = Settings({"DOWNLOAD_DELAY": 2.0, "NKWIRE_LONGEST_WAIT": 60})
        middleware = budget_of(counting, settings, engine)
        with take_away():
            turn = asyncio.ensure_future(middleware.process_request(Request("https://a.test/1")))
            while told not in caplog.text:
                assert not turn.done()
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            assert not turn.done()
        await turn

    with caplog.at_level(logging.WARNING):
        asyncio.run(wait())
    assert caplog.text.count(told) == 1
    assert caplog.text.count("the database answers again") == 1
    assert counting.ended == []


def test_a_stop_ends_the_wait(outage: tuple[Counting, Callable[[], Any]]) -> None:
    counting, take_away = outage

    async def stop() -> None:
        engine = SimpleNamespace(downloader=SimpleNamespace(per_slot_settings={}))
        settings = Settings({"DOWNLOAD_DELAY": 2.0, "NKWIRE_LONGEST_WAIT": 60})
        middleware = budget_of(counting, settings, engine)
        with take_away():
            turn = asyncio.ensure_future(middleware.process_request(Request("https://a.test/1")))
            while not counting.asked:
                await asyncio.sleep(0.01)
            counting.is_crawling = False
            with pytest.raises(ForbiddenRequestError, match="the crawl was stopped"):
                await turn

    asyncio.run(stop())


def test_a_run_whose_turns_are_lost_sends_nothing_more_and_fails(
    site: Site, world: World, declare: Declare
) -> None:
    site.put_feed([1, 2, 3])
    for number in (1, 2, 3):
        site.put_article(number)

    def lose_turns(handler: Any) -> None:
        with closing(sqlite3.connect(world.home / "nkwire.db")) as other:
            other.execute("DROP TABLE IF EXISTS host")
        handler.send_response(404)  # there are no rules
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    site.answers["/robots.txt"] = lose_turns
    run = world.crawl(declare(delay=0.6))  # so long a gap keeps no turns for later
    assert (run.outcome, run.stop_reason) == (RunOutcome.FAILED, StopReason.DATABASE)
    assert run.cause == "the crawl ended early: the database is gone"
    assert site.paths() == []
    with open_database(world.url) as database:
        assert database.runs.latest() == [run]
