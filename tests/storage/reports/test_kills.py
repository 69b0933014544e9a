"""Processes that are killed while they save or work out reports, and several at once."""

import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event

import pytest

from storage import Database, open_database
from storage.invariants import check_invariants
from storage.records import Article
from storage.reports import day_plan
from storage.reports.carriage import load_carriage
from storage.reports.working_out import load_lag, rebuild_reports, work_out

# A fork has all modules at once. Python 3.12 warns of threads in the parent: those of numpy's
# algebra, which no child calls.
CONTEXT = multiprocessing.get_context("fork")
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(autouse=True)
def _plans_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few stories would all be in one plan."""
    monkeypatch.setattr(day_plan, "MAX_STORIES_PER_PLAN", 3)


@pytest.fixture
def dated(carriers: list[Article]) -> list[Article]:
    """The order of undated articles is that of their arrival, which differs from run to run."""
    return [each for each in carriers if each.published_at]


def kept(database: Database) -> set[frozenset[tuple[str, str]]]:
    """What is kept, without numbers."""
    return {
        frozenset((each.url, each.manner.value) for each in report.articles)
        for report in load_carriage(database)
    }


def save_and_work_out(url: str, articles: Sequence[Article], ready: Event) -> None:
    """Saves one after another and works out after each, over and over."""
    with open_database(url, patience=60) as database:
        ready.set()
        while True:
            for each in articles:
                database.save([each])
                work_out(database)
            rebuild_reports(database)


@pytest.mark.threats("R10")
@pytest.mark.parametrize("kind", KINDS)
def test_a_process_killed_at_any_instant_leaves_reports_that_the_next_one_completes(
    kind: str, new_corpus: Callable[[str], str], dated: list[Article]
) -> None:
    chance = random.Random()
    with open_database(new_corpus(kind)) as whole:
        whole.save(dated)
        work_out(whole)
        expected = kept(whole)
    url = new_corpus(kind)
    for _ in range(8):
        ready = CONTEXT.Event()
        process = CONTEXT.Process(target=save_and_work_out, args=(url, dated, ready))
        process.start()
        assert ready.wait(60)
        time.sleep(chance.uniform(0, 0.6))
        process.kill()
        process.join()
        with open_database(url) as database:
            assert check_invariants(database) == []
    with open_database(url) as database:
        database.save(dated)
        assert work_out(database)
        assert not database.read(load_lag).is_behind
        assert check_invariants(database) == []
        assert kept(database) == expected


def save_part(url: str, articles: Sequence[Article], ready: Event) -> None:
    """Saves its part in small batches, and works out after each."""
    with open_database(url, patience=60) as database:
        ready.wait(60)
        for start in range(0, len(articles), 2):
            database.save(articles[start : start + 2])
            work_out(database)


@pytest.mark.parametrize("kind", KINDS)
def test_processes_that_work_out_at_the_same_time_leave_the_same_reports(
    kind: str, new_corpus: Callable[[str], str], dated: list[Article]
) -> None:
    with open_database(new_corpus(kind)) as whole:
        whole.save(dated)
        work_out(whole)
        expected = kept(whole)
    url, ready = new_corpus(kind), CONTEXT.Event()
    shuffled = random.Random(5).sample(dated, len(dated))
    processes = [
        CONTEXT.Process(target=save_part, args=(url, shuffled[part::3], ready)) for part in range(3)
    ]
    for process in processes:
        process.start()
    ready.set()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    with open_database(url) as database:
        assert not database.read(load_lag).is_behind
        assert check_invariants(database) == []
        assert kept(database) == expected
