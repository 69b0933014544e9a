"""The live table of the service: what it says, in which order, and that it fits the terminal."""

import asyncio
import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from cli.service.board import ServiceBoard, service_headline
from cli.service.live import format_progress, stopping_line
from crawler.processes.children import Child, ProcessLimits, ProcessPool
from crawler.registry import outlets
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.counts import Count
from storage.records import Run, RunOutcome

NAMES = list(outlets())


class Reading(Child):
    """A child that runs, as far as the table looks at it."""

    def __init__(self, outlet: str) -> None:
        self.outlet = outlet
        self.started_at = datetime.now(UTC) - timedelta(seconds=7)

    @property
    def pid(self) -> int:
        return 7


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database in which sbs is broken, and the last run of ytn had an exception."""
    folder = tmp_path_factory.mktemp("board")
    with open_database(f"sqlite:///{folder}/nkwire.db") as opened:
        for name, number in (("sbs", 3), ("ytn", 1)):
            for _ in range(number):
                run = opened.runs.begin(name)
                run.outcome, run.counts = RunOutcome.FAILED, {"exceptions": 1}
                opened.runs.finish(run)
                opened.health.assess(name)
        run = opened.runs.begin("kcna")
        run.outcome, run.counts = RunOutcome.OK, {"stored.new": 12}
        opened.runs.finish(run)
        yield opened


@pytest.fixture(scope="module")
def scheduler(database: Database) -> Scheduler:
    """A leader of all outlets that reads two of them."""

    async def make() -> Scheduler:
        cadences = [Cadence(outlet=name, every=timedelta(hours=1)) for name in NAMES]
        pool = ProcessPool("os:abort", str, ProcessLimits())
        pool.running.update({name: Reading(name) for name in ("voa", "rodong")})
        return Scheduler(database, pool, cadences)

    made = asyncio.run(make())
    made.is_leader = True
    return made


@pytest.fixture(scope="module")
def board(
    scheduler: Scheduler, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> ServiceBoard:
    made = ServiceBoard(scheduler, database, tmp_path_factory.mktemp("stats"))
    made.load()
    return made


def drawn(board: ServiceBoard, width: int = 120, height: int = 40) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO(), record=True)
    console.print(board)
    return console.export_text().splitlines()


def test_the_table_of_all_outlets_fits_the_terminal_and_counts_the_others(
    board: ServiceBoard,
) -> None:
    lines = drawn(board, height=40)
    assert len(lines) == 39  # the cursor stands on the last one
    assert lines[0] == f"{len(NAMES)} outlets, 2 being read; Ctrl-C stops"
    assert lines[-1] == f"{len(NAMES) - 36} more as planned; nkwire status shows all"


def test_those_in_trouble_come_first_then_those_that_are_read(board: ServiceBoard) -> None:
    lines = drawn(board)
    assert [line.split()[0] for line in lines[2:6]] == ["sbs", "ytn", "rodong", "voa"]
    assert "broken" in lines[2]
    assert "reading 7 s, 0 pages, 0 new" in lines[4]


@given(width=st.integers(60, 200), height=st.integers(6, 120))
@settings(max_examples=25)
def test_a_terminal_of_any_size_is_not_left_and_no_name_is_cut(
    width: int, height: int, board: ServiceBoard
) -> None:
    lines = drawn(board, width, height)
    assert len(lines) <= height - 1
    assert max(map(len, lines)) <= width
    names = {line.split()[0] for line in lines[2:] if "nkwire status shows all" not in line}
    assert names <= set(NAMES)
    hidden = [line for line in lines if "nkwire status shows all" in line]
    assert len(hidden) == (len(names) < len(NAMES))


def test_a_narrow_terminal_loses_the_least_important_columns(board: ServiceBoard) -> None:
    assert drawn(board, 120)[1].split()[-2:] == ["new", "edited"]
    assert drawn(board, 80)[1].split() == ["outlet", "health", "now", "next"]
    assert drawn(board, 60)[1].split() == ["outlet", "health", "now"]


def test_warnings_stand_below_in_one_line_each(
    scheduler: Scheduler, database: Database, tmp_path: Path
) -> None:
    board = ServiceBoard(scheduler, database, tmp_path)
    for text, level in (
        ("\x1b[31m look out " + "x" * 200, logging.WARNING),
        ("note", logging.INFO),
    ):
        board.log.emit(logging.LogRecord("test", level, "", 0, text, None, None))
    lines = drawn(board, 100, 40)
    assert len(lines) == 39
    assert "\\x1b[31m look out" in lines[-1]
    assert not any("note" in line for line in lines)


def test_an_outage_of_our_own_network_is_asked_above_and_excuses_the_outlets(
    scheduler: Scheduler, board: ServiceBoard
) -> None:
    for name in ("ap", "bbc", "cnn", "dw", "nhk"):
        counts = {str(Count.SOURCE_UNREACHABLE): 1}
        run = Run(
            outlet=name, started_at=datetime.now(UTC), outcome=RunOutcome.UNREACHABLE, counts=counts
        )
        scheduler.report.network.observe(run, len(NAMES))
    lines = drawn(board, 60, 40)
    assert lines[1].startswith("Is this machine's network out? 5 outlets of 5")
    assert len(lines) == 39
    scheduler.report.network.observe(
        Run(outlet="ap", started_at=datetime.now(UTC), counts={str(Count.SOURCE_OK): 1}), 71
    )
    assert not any("network" in line for line in drawn(board))


def test_the_headline_says_what_the_service_does(database: Database) -> None:
    async def look() -> list[str]:
        cadences = [Cadence(outlet="kcna", every=timedelta(hours=1))]
        pool = ProcessPool("os:abort", str, ProcessLimits())
        service = Scheduler(database, pool, cadences)
        said = [service_headline(service)]
        service.is_standby, service.leader_line = True, "another scheduler leads"
        said.append(service_headline(service))
        pool.running["kcna"] = Reading("kcna")
        service.held_because = "the disk is full"
        said.append(service_headline(service))
        service.stop()
        said.append(service_headline(service))
        del pool.running["kcna"]
        return [*said, service_headline(service)]

    assert asyncio.run(look()) == [
        "starting; Ctrl-C stops",
        "standing by: another scheduler leads; Ctrl-C stops",
        "nothing is fetched: the disk is full; Ctrl-C stops",
        "stopping, 1 run ends (at most 15 s); a second Ctrl-C or signal ends at once",
        "stopping",
    ]
    assert stopping_line(4).startswith("stopping, 4 runs end (at most 15 s)")


def test_the_table_is_drawn_again_and_again_until_it_is_cancelled(
    board: ServiceBoard, tmp_path: Path
) -> None:
    async def look() -> str:
        console = Console(width=100, height=20, file=io.StringIO(), force_terminal=True)
        showing = asyncio.create_task(board.show(console))
        await asyncio.sleep(0.6)
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    assert "2 being read" in asyncio.run(look())


def test_a_board_without_outlets_is_drawn_in_a_terminal_of_any_size(
    database: Database, tmp_path: Path
) -> None:
    async def make() -> Scheduler:
        return Scheduler(database, ProcessPool("os:abort", str, ProcessLimits()), [])

    empty = ServiceBoard(asyncio.run(make()), database, tmp_path)
    assert drawn(empty, width=8, height=3)[0] == "starting"


def test_one_page_is_not_called_pages(tmp_path: Path) -> None:
    stat = tmp_path / "kcna.json"
    stat.write_text(f'{{"counts": {{"{Count.PAGE_FETCHED}": 1, "{Count.STORED_NEW}": 1}}}}')
    assert format_progress(stat) == "1 page, 1 new"
