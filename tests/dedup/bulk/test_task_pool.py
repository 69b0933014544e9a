"""A pool of processes gives what one process gives, in order, and leaves nothing behind."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dedup.bulk.task_pool import MAX_JOBS, TaskProcessEnded, count_cores, open_task_pool
from tests.dedup.bulk import tasks

HELD = """
from dedup.bulk.task_pool import open_task_pool
from tests.dedup.bulk import tasks

if __name__ == "__main__":
    with open_task_pool(2) as pool:
        print(*set(pool.map(tasks.pid_of, range(8))), flush=True)
        for _ in pool.map(tasks.pid_of, range(10_000)):
            pass
"""


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_order_and_batches_are_taken_as_they_are_needed(jobs: int) -> None:
    taken, before = 0, multiprocessing.active_children()

    def numbers() -> Iterator[int]:
        nonlocal taken
        for number in range(60):
            taken += 1
            yield number

    with open_task_pool(jobs) as pool:
        assert pool.jobs == jobs
        for at, result in enumerate(pool.map(tasks.double, numbers())):
            assert result == 2 * at
            assert taken - at <= 4 * jobs + 1
        assert taken == 60
        assert list(pool.map(tasks.double, [])) == []
        # Neither side waits for the other to read what does not fit into the pipe.
        large = [bytes([number]) * 3_000_000 for number in range(2 * jobs + 2)]
        assert list(pool.map(tasks.echo, large)) == large
    assert multiprocessing.active_children() == before


def test_each_process_is_prepared() -> None:
    with open_task_pool(2, tasks.set_environment) as pool:
        names = ["NKWIRE_INVENTED"] * 6
        assert set(pool.map(tasks.environment, names)) == {"prepared"}
    assert "NKWIRE_INVENTED" not in os.environ


def test_an_error_and_a_killed_process_end_the_pool() -> None:
    before = multiprocessing.active_children()
    with pytest.raises(KeyError, match="task 3") as raised, open_task_pool(2) as pool:
        assert list(pool.map(tasks.fail, range(6)))
    assert "in fail" in raised.value.__notes__[0]
    with (
        pytest.raises(TaskProcessEnded, match="a worker process was killed by SIGKILL") as ended,
        open_task_pool(2) as pool,
    ):
        list(pool.map(tasks.die, range(6)))
    assert ended.value.exit_code == 1
    with pytest.raises(TaskProcessEnded, match="ended with code 1"), open_task_pool(2) as pool:
        list(pool.map(repr, [tasks.Unreadable()]))
    assert multiprocessing.active_children() == before


def test_the_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "held.py"
    script.write_text(HELD)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    holder = subprocess.Popen(
        [sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    with holder.stdout as told:
        pids = [int(pid) for pid in told.readline().split()]
    assert len(pids) == 2
    holder.kill()
    holder.wait()
    deadline = time.monotonic() + 60
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, "they outlive it"
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("jobs", [-1, MAX_JOBS + 1])
def test_numbers_of_jobs_that_make_no_sense_are_refused(jobs: int) -> None:
    with pytest.raises(ValueError, match=f"jobs are 0 to {MAX_JOBS}"), open_task_pool(jobs):
        pass


def test_no_number_means_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.bulk.task_pool.count_cores", lambda: 1)
    with open_task_pool(0) as pool:
        assert pool.jobs == 1
    assert count_cores() == len(os.sched_getaffinity(0))
