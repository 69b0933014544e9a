"""Work that costs too much ends in a copy of the process, and its cause is told."""

import asyncio
import ctypes
import gc
import mmap
import os
import resource
import signal
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler import trial
from crawler.trial import HostileError, NeedsTrialError, UntriedError

pytestmark = pytest.mark.threats("S6", "R17")


def dangerous(work: Callable[[], object]) -> Callable[[], object]:
    """The same work, behind a source that is not cheap."""

    def tried() -> object:
        trial.require(lambda: False)
        return work()

    return tried


def _spin() -> None:
    while True:
        pass


def _raise_memory() -> None:
    raise MemoryError


def _parser_out_of_memory() -> None:
    # Mapped, so that they do not come from memory that the process has set free before.
    blocks = [mmap.mmap(-1, trial.MEMORY_BYTES // 5) for _ in range(3)]
    raise RuntimeError(f"cannot parse after {len(blocks)} blocks")


HOSTILE: dict[str, tuple[Callable[[], object], str]] = {
    "endless loop": (_spin, r"0\.2 s of CPU"),
    "endless memory": (lambda: bytearray(2 * trial.MEMORY_BYTES), "MB of memory"),
    "memory in pieces": (lambda: [bytearray(1 << 20) for _ in range(4096)], "MB of memory"),
    "a parser that says something else": (_parser_out_of_memory, "MB of memory"),
    "memory error": (_raise_memory, "MB of memory"),
    "address zero": (lambda: ctypes.string_at(0), "SIGSEGV"),
    "abort": (os.abort, "SIGABRT"),
    "bus error": (lambda: os.kill(os.getpid(), signal.SIGBUS), "SIGBUS"),
}


@pytest.mark.parametrize(("work", "cause"), HOSTILE.values(), ids=HOSTILE)
def test_work_that_costs_too_much_is_told_with_its_cause(
    work: Callable[[], object], cause: str
) -> None:
    with pytest.raises(HostileError, match=cause):
        # To fill what a large process has set free before takes longer than 0.2 s.
        trial.bounded(dangerous(work), cpu=0.2 if work is _spin else None)


def test_the_result_of_dangerous_work_that_ends_well_is_made_here() -> None:
    places: list[int] = []

    def work() -> str:
        places.append(os.getpid())
        return "read"

    assert trial.bounded(dangerous(work)) == "read"
    assert places == [os.getpid()]  # what the copy appended stayed in the copy


def test_cheap_work_is_done_once_and_without_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", None)
    done: list[int] = []

    def work() -> None:
        trial.require(lambda: True)
        done.append(1)

    trial.bounded(work)
    assert done == [1]


def test_an_error_of_the_work_is_raised_as_it_is() -> None:
    def work() -> None:
        raise ValueError("not a selector")

    with pytest.raises(ValueError, match="not a selector"):
        trial.bounded(dangerous(work))


def test_work_inside_of_work_keeps_to_the_outer_limit() -> None:
    def work() -> None:
        trial.bounded(dangerous(_spin), cpu=1000)

    with pytest.raises(HostileError, match=r"0\.2 s"):
        trial.bounded(work, cpu=0.2)


def test_a_source_read_outside_of_any_work_is_not_held_up() -> None:
    trial.require(lambda: False)
    assert not issubclass(NeedsTrialError, HostileError)


def test_a_copy_that_only_sleeps_or_is_stopped_says_nothing_about_the_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trial, "WALL_SECONDS", 0.3)
    children = _children()
    for work in (lambda: time.sleep(60), lambda: os.kill(os.getpid(), signal.SIGSTOP)):
        with pytest.raises(UntriedError):
            trial.bounded(dangerous(work))
    assert _children() == children


def test_a_copy_that_the_system_kills_says_nothing_about_the_source() -> None:
    with pytest.raises(UntriedError, match="SIGKILL"):
        trial.bounded(dangerous(lambda: os.kill(os.getpid(), signal.SIGKILL)))


def test_signals_for_the_process_do_not_end_the_copy() -> None:
    def work() -> str:
        if trial.is_tried() and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
        return "read"

    here = os.getpid()
    assert trial.bounded(dangerous(work)) == "read"


@pytest.mark.parametrize("call", ["fork", "socketpair"])
def test_without_room_for_a_copy_the_source_is_not_read(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(f"crawler.trial.{'os' if call == 'fork' else 'socket'}.{call}", refuse)
    with pytest.raises(UntriedError, match="unavailable"):
        trial.bounded(dangerous(lambda: "read"))


def test_no_descriptor_and_no_process_is_left() -> None:
    before, children = len(list(Path("/proc/self/fd").iterdir())), _children()
    for _ in range(20):
        trial.bounded(dangerous(lambda: None))
        with pytest.raises(HostileError):
            trial.bounded(dangerous(os.abort))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert _children() == children


def test_the_copy_leaves_databases_files_and_output_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    database = sqlite3.connect(tmp_path / "a.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE a (b)")
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO a VALUES (1)")
    with (tmp_path / "text").open("w") as file:
        file.write("once ")  # in a buffer that the copy inherits

        def work() -> None:
            gc.collect()
            if os.getpid() != here:
                os.write(1, b"said by the copy")

        here = os.getpid()
        trial.bounded(dangerous(work))
        file.write("only")
    database.commit()
    assert database.execute("SELECT count(*) FROM a").fetchone() == (1,)
    database.close()
    assert (tmp_path / "text").read_text() == "once only"
    assert capfd.readouterr().out == ""


def test_threads_that_hold_locks_do_not_hang_the_copy() -> None:
    ends = threading.Event()
    threads = [threading.Thread(target=_churn, args=(ends,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(20):
                assert trial.bounded(dangerous(lambda: sum(range(1000)))) == 499500
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def test_a_trial_in_an_event_loop_with_children_of_its_own() -> None:
    async def work() -> tuple[int, object]:
        other = await asyncio.create_subprocess_exec("sh", "-c", "sleep 0.2; exit 7")
        said = trial.bounded(dangerous(lambda: "read"))
        with pytest.raises(HostileError):
            trial.bounded(dangerous(_spin), cpu=0.1)
        return await other.wait(), said

    assert asyncio.run(work()) == (7, "read")


def test_a_copy_dies_with_the_process_that_made_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"

    def sleep_in_copy() -> None:
        told.write_text(str(os.getpid()))
        time.sleep(60)

    parent = os.fork()
    if not parent:
        try:
            trial.bounded(dangerous(sleep_in_copy))
        finally:
            os._exit(0)
    while not (told.exists() and told.read_text()):
        time.sleep(0.01)
    copy = int(told.read_text())
    os.kill(copy, signal.SIGSTOP)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    while _is_alive(copy):
        time.sleep(0.01)


def test_the_limits_of_the_process_itself_stay() -> None:
    kinds = (resource.RLIMIT_DATA, resource.RLIMIT_CORE, resource.RLIMIT_CPU)
    before = [resource.getrlimit(kind) for kind in kinds]
    trial.bounded(dangerous(lambda: None))
    assert [resource.getrlimit(kind) for kind in kinds] == before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def _churn(ends: threading.Event) -> None:
    while not ends.is_set():
        sorted(bytes(range(256)) * 100)


def _children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
