"""What the service costs while no outlet is due: CPU and memory of its two processes.

    python -m benchmarks.idle > benchmarks/results/idle.md

Forty invented outlets on loopback are read once, then nothing is due for hours.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak import press
from benchmarks.soak.soak import ROOT, offspring
from storage import open_database

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: seconds of CPU since its start, and bytes of memory.

    `resident` counts shared libraries wholly, `own` is what would be freed with it.
    """

    cpu: float
    resident: int
    own: int


def cost(pid: int) -> Cost:
    """Read from proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    sizes: dict[str, int] = {}
    with suppress(OSError):  # not every system lets it be read
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, _, size = line.partition(":")
            sizes[name] = int(size.split()[0]) << 10
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    own = sizes.get("Private_Clean", 0) + sizes.get("Private_Dirty", 0)
    return Cost((int(fields[11]) + int(fields[12])) / TICK, resident, own)


@contextmanager
def service(folder: Path, outlets: int) -> Iterator[int]:
    """A service of invented outlets that are due once a day; gives its process."""
    day = 86400.0
    plan = press.Plan(begin=time.time(), outlets=outlets, every=day, faults_until=0, news_until=0)
    press.save(plan, folder / "plan.json")
    env = {**os.environ, "NKWIRE_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    started = []
    with (folder / "log").open("ab") as log:
        for arguments in (
            ("benchmarks.soak.press", str(folder)),
            ("benchmarks.soak.service", f"sqlite:///{folder}/nkwire.db", "2"),
        ):
            command = [sys.executable, "-m", *arguments]
            started.append(subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=ROOT))
    try:
        yield started[1].pid
    finally:
        for each in reversed(started):
            each.terminate()
            each.wait(30)


def wait_until_read(folder: Path, outlets: int) -> None:
    """Wait until each outlet was read once and nothing runs."""
    while True:
        time.sleep(2)
        if not (folder / "nkwire.db").exists():
            continue
        with open_database(f"sqlite:///{folder}/nkwire.db") as database:
            runs = database.last_runs().values()
            if len(runs) == outlets and all(run.outcome for run in runs):
                return


def main() -> None:
    """Print the measurement."""
    options = argparse.ArgumentParser()
    options.add_argument("--outlets", type=int, default=40)
    options.add_argument("--seconds", type=float, default=90)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nkwire-idle-") as name:
        folder = Path(name)
        with service(folder, asked.outlets) as pid:
            wait_until_read(folder, asked.outlets)
            time.sleep(5)
            pids = dict(zip(("service", "forkserver"), (pid, *offspring(pid)), strict=True))
            before = {what: cost(each) for what, each in pids.items()}
            time.sleep(asked.seconds)
            after = {what: cost(each) for what, each in pids.items()}
    print(
        f"# The idle service\n\n`python -m benchmarks.idle`: {asked.outlets} outlets, none due, for"
    )
    print(f"{asked.seconds:.0f} s; SQLite, Python {platform.python_version()}.\n")
    print("| process | CPU, of one core | resident | its own alone |\n|---|---|---|---|")
    for what, end in after.items():
        share = (end.cpu - before[what].cpu) / asked.seconds
        print(f"| {what} | {share:.2%} | {end.resident >> 20} MB | {end.own >> 20} MB |")
    total = sum(end.cpu - before[what].cpu for what, end in after.items()) / asked.seconds
    own = sum(end.own for end in after.values()) >> 20
    print(f"| both | {total:.2%} | | {own} MB |")


if __name__ == "__main__":
    main()
