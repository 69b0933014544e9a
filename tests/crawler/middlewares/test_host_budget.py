import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.http import Request
from scrapy.settings import Settings

from crawler.middlewares import host_budget
from crawler.middlewares.host_budget import HostBudget
from storage import Database, open_database

Budget = Callable[[float], HostBudget]
Delays = dict[str, dict[str, float]]


class Counting:
    """A database of which is known how often it was asked for a turn."""

    def __init__(self, database: Database) -> None:
        self.asked = 0
        self.hosts = self
        self._database = database

    def reserve_turn(self, name: str, gap: float) -> tuple[float, float]:
        self.asked += 1
        return self._database.hosts.reserve_turn(name, gap)


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
        session = SimpleNamespace(database=counting, count=lambda name: None)
        return HostBudget(
            cast("Any", SimpleNamespace(settings=settings, engine=engine)), cast("Any", session)
        )

    return build


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
