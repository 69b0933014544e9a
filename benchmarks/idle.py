"""Measures CPU and memory of all processes of the service while no outlet is due.

    python -m benchmarks.idle > benchmarks/results/idle.md

Forty invented outlets on loopback are read once. Then nothing is due for hours.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak import mock_press
from benchmarks.soak.hosts import child_pids
from benchmarks.soak.soak import ROOT
from storage import open_database

CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
SETTLE_SECONDS = 25.0  # after the last run; by then the service has noticed that nothing is due


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of one process since its start, and its memory in bytes.

    `proportional_bytes` is the proportional set size (proc(5)). It divides shared memory among the
    processes that share it.
    """

    cpu: float
    resident_bytes: int
    proportional_bytes: int


def costs(pid: int) -> dict[str, Cost]:
    """Returns the costs of a service and its children by kind of process."""
    costs_by_kind = {"service": cost(pid)}
    for child in child_pids(pid):
        with suppress(OSError):
            command_line = Path(f"/proc/{child}/cmdline").read_bytes()
            name = "resource tracker" if b"resource_tracker" in command_line else "forkserver"
            costs_by_kind[name] = cost(child)
    return costs_by_kind


def cost(pid: int) -> Cost:
    """Returns the cost of a process, read from /proc (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    sizes: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, size = line.partition(":")
        sizes[name] = int(size.split()[0]) << 10
    return Cost(
        (int(fields[11]) + int(fields[12])) / CLOCK_TICKS_PER_SECOND, sizes["Rss"], sizes["Pss"]
    )


@contextmanager
def run_service(folder: Path, outlets: int) -> Iterator[int]:
    """Runs a service of invented outlets that are due once a day. Yields its process id."""
    day = 86400.0
    plan = mock_press.Plan(
        begin=time.time(), outlets=outlets, every=day, faults_until=0, news_until=0
    )
    mock_press.write_plan(plan, folder / "plan.json")
    env = {**os.environ, "NKWIRE_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    processes = []
    with (folder / "log").open("ab") as log:
        for arguments in (
            ("benchmarks.soak.mock_press", str(folder)),
            ("benchmarks.soak.service", f"sqlite:///{folder}/nkwire.db", "2"),
        ):
            command = [sys.executable, "-m", *arguments]
            processes.append(subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=ROOT))
    try:
        yield processes[1].pid
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(30)


def wait_until_read(folder: Path, outlets: int, pid: int) -> dict[str, Cost]:
    """Waits until each outlet was read once. Returns the costs while the forkserver was running."""
    ready_costs: dict[str, Cost] = {}
    while True:
        time.sleep(0.5)
        with suppress(OSError):
            # A running child would lower the forkserver's proportional set size.
            current_costs = (
                {} if any(child_pids(child) for child in child_pids(pid)) else costs(pid)
            )
            ready_costs = current_costs if "forkserver" in current_costs else ready_costs
        if not (folder / "nkwire.db").exists():
            continue
        with open_database(f"sqlite:///{folder}/nkwire.db") as database:
            runs = database.runs.last_by_outlet().values()
            if len(runs) == outlets and all(run.outcome for run in runs):
                return ready_costs


def table(title: str, costs_by_kind: dict[str, Cost]) -> None:
    """Prints the memory of each process as a Markdown table."""
    print(f"\n{title}:\n\n| process | resident | its share |\n|---|---|---|")
    for kind, process_cost in costs_by_kind.items():
        print(
            f"| {kind} | {process_cost.resident_bytes >> 20} MB | {process_cost.proportional_bytes >> 20} MB |"
        )
    print(
        f"| all | | {sum(process_cost.proportional_bytes for process_cost in costs_by_kind.values()) >> 20} MB |"
    )


def main() -> None:
    """Measures and prints the result as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--outlets", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=90)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nkwire-idle-") as name:
        folder = Path(name)
        with run_service(folder, arguments.outlets) as pid:
            ready_costs = wait_until_read(folder, arguments.outlets, pid)
            time.sleep(SETTLE_SECONDS)
            before = cost(pid)
            time.sleep(arguments.seconds)
            idle = costs(pid)
    used = (idle["service"].cpu - before.cpu) / arguments.seconds
    print(
        f"# The idle service\n\n`python -m benchmarks.idle`: {arguments.outlets} outlets; SQLite,"
    )
    print(f"Python {platform.python_version()}. What processes share counts once among them.")
    print(f"CPU while nothing is due, over {arguments.seconds:.0f} s: {used:.2%} of a core.")
    table("Nothing due for the next ten minutes", idle)
    table("Between runs that follow each other sooner", ready_costs)
    print(f"\nCPU that it takes to start a forkserver: {loading_cpu_seconds():.1f} s.")


def loading_cpu_seconds() -> float:
    """Returns the CPU seconds that it takes to load the modules that children need."""
    command = [sys.executable, "-c", "import crawler.processes.children, cli.service.tasks"]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
