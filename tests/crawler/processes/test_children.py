import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.processes.children import ChildResult, ProcessLimits, ProcessPool, wait_for_event
from storage.records import RunOutcome, StopReason
from tests.watching import alive, until

TASKS = """
import os, pathlib, signal, subprocess, time
from datetime import UTC, datetime
from storage.records import Run, RunOutcome

def _run(outlet, outcome=RunOutcome.OK):
    return Run(outlet=outlet, started_at=datetime.now(UTC), outcome=outcome)

def by_name(outlet, folder):
    return globals()[outlet](outlet, folder)

def fine(outlet, folder):
    pathlib.Path(folder, "fine").write_text(str(os.getpid()))
    return _run(outlet)

def partly(outlet, folder):
    return _run(outlet, RunOutcome.DEGRADED)

def failed(outlet, folder):
    return _run(outlet, RunOutcome.FAILED)

def raises(outlet, folder):
    raise RuntimeError("planned")

def is_misconfigured(outlet, folder):
    from crawler.config.config import load_config
    os.chdir(folder)
    pathlib.Path("nkwire.toml").write_text("home = [")
    load_config()

def segfaults(outlet, folder):
    os.kill(os.getpid(), signal.SIGSEGV)

def hangs(outlet, folder):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    helper = subprocess.Popen(["sleep", "600"])
    path = pathlib.Path(folder, "hangs")
    path.with_suffix(".tmp").write_text(f"{os.getpid()} {helper.pid}")
    path.with_suffix(".tmp").rename(path)
    while True:
        time.sleep(0.1)

def hangs_in_c(outlet, folder):
    import re
    path = pathlib.Path(folder, "hangs")
    path.with_suffix(".tmp").write_text(str(os.getpid()))
    path.with_suffix(".tmp").rename(path)
    re.match(r"(a+)+b", "a" * 60)

def swells(outlet, folder):
    held = bytearray(250 << 20)
    while held:
        time.sleep(0.1)

def leaps(outlet, folder):
    return _run(outlet, RunOutcome.OK if len(bytearray(1 << 31)) else RunOutcome.EMPTY)
"""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of tasks that children can import, as a reference."""
    (tmp_path / "childtasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "childtasks:by_name"


@pytest.fixture
def run_all(tasks: str, tmp_path: Path) -> Callable[..., dict[str, ChildResult]]:
    def run(*names: str, limits: ProcessLimits) -> dict[str, ChildResult]:
        async def together() -> dict[str, ChildResult]:
            crew = ProcessPool(tasks, lambda _: str(tmp_path), limits)
            endings = await asyncio.gather(*(crew.run(name) for name in names))
            return {ending.outlet: ending for ending in endings if ending}

        return asyncio.run(together())

    return run


@pytest.mark.parametrize("turns", range(5))
def test_a_wait_that_is_cancelled_in_the_turn_of_its_event_is_cancelled(turns: int) -> None:
    # On Python 3.11 asyncio.wait_for returns instead, and the service would never stop.
    async def wait_and_cancel() -> None:
        event = asyncio.Event()
        waiting = asyncio.create_task(wait_for_event(event, 60))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        event.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled() == cancelled

    asyncio.run(wait_and_cancel())


def test_a_child_that_cannot_do_its_task_says_why_in_its_run(
    run_all: Callable[..., dict[str, ChildResult]],
) -> None:
    endings = run_all("raises", "is_misconfigured", limits=ProcessLimits())
    runs = {name: ending.to_run() for name, ending in endings.items()}
    assert {run.outcome for run in runs.values()} == {RunOutcome.FAILED}
    assert runs["raises"].cause == "RuntimeError: planned"
    assert runs["is_misconfigured"].cause.startswith("nkwire.toml is no TOML: ")
    assert [ending.exit_code for ending in endings.values()] == [1, 1]


def test_the_exit_code_tells_how_much_went_well(
    run_all: Callable[..., dict[str, ChildResult]],
) -> None:
    endings = run_all("fine", "partly", "failed", limits=ProcessLimits())
    assert {name: ending.exit_code for name, ending in endings.items()} == {
        "fine": 0,
        "partly": 3,
        "failed": 1,
    }
    assert {name: ending.run and ending.run.outcome for name, ending in endings.items()} == {
        "fine": RunOutcome.OK,
        "partly": RunOutcome.DEGRADED,
        "failed": RunOutcome.FAILED,
    }


@pytest.mark.threats("S5", "R17")
def test_what_befalls_one_child_touches_no_other(
    run_all: Callable[..., dict[str, ChildResult]],
) -> None:
    endings = run_all("raises", "segfaults", "fine", limits=ProcessLimits())
    assert endings["raises"].exit_code == 1
    assert endings["segfaults"].cause == "killed by SIGSEGV"
    assert endings["fine"].exit_code == 0


@pytest.mark.threats("S5", "R17")
@pytest.mark.parametrize("name", ["hangs", "hangs_in_c"])
def test_a_hung_child_is_killed_at_its_deadline_with_its_helpers(
    name: str, run_all: Callable[..., dict[str, ChildResult]], tmp_path: Path
) -> None:
    ending = run_all(name, limits=ProcessLimits(deadline=4, grace=0.5))[name]
    assert ending.cause == "deadline of 4 s passed"
    pids = [int(pid) for pid in (tmp_path / "hangs").read_text().split()]
    assert until(lambda: not any(map(alive, pids)))


@pytest.mark.threats("R17")
def test_a_child_that_swells_is_stopped(run_all: Callable[..., dict[str, ChildResult]]) -> None:
    ending = run_all("swells", limits=ProcessLimits(memory=200 << 20))["swells"]
    assert ending.cause.endswith("MB of memory, 200 allowed")


@pytest.mark.threats("S5", "R17")
def test_a_leap_in_memory_fails_in_the_child(
    run_all: Callable[..., dict[str, ChildResult]],
) -> None:
    assert run_all("leaps", limits=ProcessLimits(memory=300 << 20))["leaps"].exit_code == 1


def test_a_stopped_crew_starts_nothing_and_leaves_nothing(tasks: str, tmp_path: Path) -> None:
    async def stop_early() -> list[ChildResult | None]:
        crew = ProcessPool(tasks, lambda _: str(tmp_path), ProcessLimits(parallel=1, grace=0.5))
        runs = [asyncio.create_task(crew.run(name)) for name in ("hangs", "fine")]
        while not (tmp_path / "hangs").exists():
            await asyncio.sleep(0.05)
        await crew.stop(StopReason.SERVICE_STOPPED, "the test is over")
        return await asyncio.gather(*runs)

    hung, never = asyncio.run(stop_early())
    assert hung is not None
    assert hung.cause == "the test is over"
    assert never is None
    assert not (tmp_path / "fine").exists()


PARENT = """
import asyncio, sys
from crawler.processes.children import ProcessPool, ProcessLimits

if __name__ == "__main__":
    asyncio.run(ProcessPool("childtasks:by_name", lambda _: sys.argv[1], ProcessLimits()).run(sys.argv[2]))
"""


@pytest.mark.parametrize("name", ["hangs", "hangs_in_c"])
def test_children_die_with_a_parent_that_is_killed(name: str, tasks: str, tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    path = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[3])))
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py"), str(tmp_path), name],
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        assert until((tmp_path / "hangs").exists)
        pids = [int(pid) for pid in (tmp_path / "hangs").read_text().split()]
        assert all(map(alive, pids))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert until(lambda: not any(map(alive, pids)))


RESTS = """
import asyncio, sys
from pathlib import Path
from crawler.processes.children import ProcessPool, ProcessLimits
from storage.records import StopReason
from tests.watching import count_forkservers

started = Path(sys.argv[1], "hangs")

async def work_and_rest():
    crew = ProcessPool("childtasks:by_name", lambda _: sys.argv[1], ProcessLimits(grace=0.5))
    running = asyncio.create_task(crew.run("hangs"))
    while not started.exists():
        await asyncio.sleep(0.05)
    started.unlink()
    await crew.stop_forkserver()
    print(count_forkservers())
    await crew.stop(StopReason.INTERRUPTED, "enough")
    print((await running).cause)
    await crew.stop_forkserver()
    print(count_forkservers())

async def run_while_resting():
    crew = ProcessPool("childtasks:by_name", lambda _: sys.argv[1], ProcessLimits())
    async def again(name):
        return [(await crew.run(name)).exit_code for _ in range(5)]
    runs = asyncio.gather(again("fine"), again("partly"))
    while not runs.done():
        await crew.stop_forkserver()
    print(await runs)

if __name__ == "__main__":
    for _ in range(int(sys.argv[3])):
        asyncio.run(globals()[sys.argv[2]]())
"""


@pytest.mark.parametrize(
    ("what", "times", "told"),
    [
        ("work_and_rest", 2, ["1", "enough", "0"] * 2),
        ("run_while_resting", 1, [f"[{[0] * 5}, {[3] * 5}]"]),
    ],
)
def test_a_crew_that_rests_holds_no_memory_for_children_and_harms_none(
    what: str, times: int, told: list[str], tasks: str, tmp_path: Path
) -> None:
    # In a process of its own: the tests of this one share a forkserver.
    (tmp_path / "rests.py").write_text(RESTS)
    path = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[3])))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "rests.py"), str(tmp_path), what, str(times)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.stdout.splitlines(), done.stderr) == (told, "")
