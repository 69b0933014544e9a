"""Kills every task of nkwire at random moments, and compares what is left with an undisturbed run.

    python -m benchmarks.storm [--kills 1000] [--database sqlite|postgresql|both] [--only crawl,import] [--minutes 50]

The table goes to standard output and to benchmarks/results/storm.md. Exits with 1 if anything was
lost, double, damaged or left behind, or if it was ended before its time.
"""

import argparse
import random
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.storm import backends, corpus, service
from benchmarks.storm.place import KINDS
from benchmarks.storm.report import format_report
from benchmarks.storm.storm import TaskResult
from benchmarks.storm.tasks import TASKS
from benchmarks.storm.workers import Unit, run_units, split_kills

RESULT = Path(__file__).parents[1] / "results/storm.md"
_SERVICE_WEIGHT, _SESSIONS_WEIGHT = 1.5, 4.0
_SERVICE_KILLS = 40
"""Kills of one service, from its start until everything is stored."""


def main() -> int:
    """Runs the storm. Returns 1 if it found something."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="how names of tasks begin: crawl,import")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=inf, help="after these, nothing begins")
    parser.add_argument("--out", type=Path, default=None, help="a file instead of the result")
    arguments = parser.parse_args()
    kinds = KINDS if arguments.database == "both" else (arguments.database,)
    units = make_units(arguments.kills, kinds, tuple(filter(None, arguments.only.split(","))))
    random.Random(arguments.seed).shuffle(units)
    units.sort(key=lambda unit: unit.task != service.NAME)  # the longest ones first
    results: dict[tuple[str, str], TaskResult] = {}
    is_cut_short = True
    began = time.monotonic()
    with (
        TemporaryDirectory() as folder,
        corpus.pressing(Path(folder) / "press") as press,
        suppress(KeyboardInterrupt, BrokenProcessPool),  # what is known so far is told
    ):
        for result in run_units(
            units, arguments.parallel, press, arguments.seed, 60 * arguments.minutes
        ):
            key = (result.task, result.database)
            results.setdefault(key, TaskResult(*key)).add(result)
            _tell(result, sum(each.kills for each in results.values()), began)
        is_cut_short = False
    text = format_report(list(results.values()), " ".join(sys.argv[1:]), time.monotonic() - began)
    print(text)
    if is_cut_short:
        print("the storm was ended before its time", file=sys.stderr)
    is_whole = not (arguments.only or arguments.out or is_cut_short)
    (RESULT if is_whole else arguments.out or Path("/dev/null")).write_text(text, encoding="utf-8")
    return 1 if is_cut_short or any(each.problems for each in results.values()) else 0


def make_units(kills: int, kinds: tuple[str, ...], only: tuple[str, ...]) -> list[Unit]:
    """Returns the parts of the storm. `only`: how the names of its tasks begin; () for all."""
    weights = {(task.name, kind): task.weight for kind in kinds for task in TASKS}
    weights |= {(service.NAME, kind): _SERVICE_WEIGHT for kind in kinds}
    if "postgresql" in kinds:
        weights[backends.NAME, "postgresql"] = _SESSIONS_WEIGHT
    weights = {key: each for key, each in weights.items() if not only or key[0].startswith(only)}
    parameters = {task.name: len(task.parameters) for task in TASKS}
    units = split_kills(weights, kills, parameters)
    services = [unit for unit in units if unit.task == service.NAME]
    wanted = {kind: sum(len(u.numbers) for u in services if u.kind == kind) for kind in kinds}
    return [unit for unit in units if unit not in services] + [
        Unit(service.NAME, kind, tuple(range(first, min(first + _SERVICE_KILLS, number))))
        for kind, number in wanted.items()
        for first in range(0, number, _SERVICE_KILLS)
    ]


def _tell(result: TaskResult, kills: int, began: float) -> None:
    problems = f", {len(result.problems)} problems: {result.problems[0]}" if result.problems else ""
    print(
        f"{time.monotonic() - began:6.0f} s {kills:5} kills: {result.kills} x {result.task}"
        f" on {result.database} in {result.seconds:.0f} s{problems}",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
