import multiprocessing
import random
import time

import pytest

from storage import open_database
from storage.invariants import check_invariants
from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Declare, Site, World

ARTICLES = 60


def crawl_and_kill(world: World, outlet: dict[str, object], after: float) -> None:
    """Start a crawl in a process of its own and kill it, wherever it is by then."""
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=child.run_crawl, args=(outlet, world.options()))
    process.start()
    time.sleep(after)
    process.kill()
    process.join()


@pytest.mark.threats("R10")
@pytest.mark.parametrize("kills", [2, pytest.param(6, marks=pytest.mark.slow)])
def test_r10_a_crawl_killed_anywhere_loses_nothing_and_goes_on(
    kills: int, site: Site, declare: Declare, world: World
) -> None:
    site.put_feed(range(1, ARTICLES + 1))
    for number in range(1, ARTICLES + 1):
        site.put_article(number, f"Only report {number} has the word lantern{number}.")
    outlet = declare(delay=0.01)
    chance = random.Random(7)
    stored: set[str] = set()
    for _ in range(kills):
        crawl_and_kill(world, outlet, chance.uniform(0.1, 1.5))
        now = {row.url for row in world.articles()}
        assert stored <= now
        stored = now
    run = world.crawl(outlet)
    assert run.outcome in (RunOutcome.OK, RunOutcome.QUIET)
    rows = world.articles()
    assert sorted(row.url for row in rows) == sorted(
        site.url(f"/news/{n}") for n in range(1, ARTICLES + 1)
    )
    assert all(row.story_id for row in rows)
    database = open_database(world.url)
    try:
        assert check_invariants(database) == []
        dead = database.runs.close_dead()
        assert all(each.outcome is RunOutcome.KILLED for each in dead)
    finally:
        database.close()
