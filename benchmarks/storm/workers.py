"""Shares the kills among worker processes, each of which has places of its own."""

import multiprocessing
import time
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from math import inf
from multiprocessing.util import Finalize
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.storm.place import Places
from benchmarks.storm.storm import Storm, TaskResult

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

    SynchronizedInt = Synchronized[int]

PRELOADED = (
    *("benchmarks.storm.tasks", "benchmarks.storm.backends", "benchmarks.storm.service"),
    *("benchmarks.storm.preloaded", "crawler.processes.preload"),
)
KILLS_PER_UNIT = 12


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the storm that one worker does at a time. `numbers`: of the kills of the task."""

    task: str
    kind: str
    numbers: tuple[int, ...]


def split_kills(
    weights: Mapping[tuple[str, str], float], kills: int, parameters: Mapping[str, int]
) -> list[Unit]:
    """Shares kills among tasks (by name and kind of database) by their weights.

    `parameters`: how many the tasks with several have. All kills with one parameter are in one unit.
    """
    units: list[Unit] = []
    total = sum(weights.values())
    for (task, kind), weight in weights.items():
        share = max(1, round(kills * weight / total))
        count = parameters.get(task, 1)
        by_parameter = sorted(range(share), key=lambda number: number % count)
        groups = groupby(by_parameter, key=lambda number: number % count)
        units += _join(task, kind, [tuple(group) for _, group in groups])
    return units


def _join(task: str, kind: str, groups: list[tuple[int, ...]]) -> Iterator[Unit]:
    """Yields units of about KILLS_PER_UNIT kills; the only group of a task is cut."""
    if len(groups) == 1:
        groups = [(number,) for number in groups[0]]
    joined: tuple[int, ...] = ()
    for group in groups:
        joined += group
        if len(joined) >= KILLS_PER_UNIT:
            yield Unit(task, kind, joined)
            joined = ()
    if joined:
        yield Unit(task, kind, joined)


def run_units(
    units: list[Unit], parallel: int, press: int, seed: int, seconds: float = inf
) -> Iterator[TaskResult]:
    """Does the units in so many processes. Yields the result of each unit, in order of their ends.

    `seconds`: no unit begins after this time.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED])
    end = time.monotonic() + seconds
    with (
        TemporaryDirectory(prefix="nkwire-storm-") as folder,
        ProcessPoolExecutor(
            parallel,
            mp_context=context,
            initializer=_begin,
            initargs=(folder, press, seed, end, context.Value("i", 0)),
        ) as pool,
    ):
        futures = [pool.submit(_work, unit) for unit in units]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(
                cancel_futures=True
            )  # the units at work still end, and stop their servers
            raise


class _Worker:
    """What one process keeps from unit to unit."""

    def __init__(self, folder: Path, press: int, seed: int, end: float) -> None:
        self.end = end
        self._folder = folder
        self._press = press
        self._seed = seed
        self._storms: dict[str, Storm] = {}
        self.stack = ExitStack()

    def storm(self, kind: str) -> Storm:
        """Returns the storm on this kind of database; begins it at the first call."""
        from benchmarks.storm.server import serving_crashable

        if kind not in self._storms:
            server = self.stack.enter_context(serving_crashable()) if kind != "sqlite" else None
            places = Places(self._folder / kind, server, self._press)
            self._storms[kind] = Storm(kind, places, self._seed)
        return self._storms[kind]


_workers: list[_Worker] = []


def _begin(folder: str, press: int, seed: int, end: float, numbers: "SynchronizedInt") -> None:
    with numbers.get_lock():
        numbers.value += 1
        number = numbers.value
    _workers.append(_Worker(Path(folder) / f"worker-{number}", press, seed + number, end))
    # A process of a pool has no atexit, and must stop its server.
    Finalize(None, _workers[0].stack.close, exitpriority=1)


def _work(unit: Unit) -> TaskResult:
    if time.monotonic() > _workers[0].end:
        return TaskResult(unit.task, unit.kind)
    try:
        return _kill(unit)
    except Exception:  # noqa: BLE001 - the other units are worth their time
        result = TaskResult(unit.task, unit.kind)
        result.note("broken", " | ".join(traceback.format_exc().strip().splitlines()[-4:]))
        return result


def _kill(unit: Unit) -> TaskResult:
    from benchmarks.storm import backends, service
    from benchmarks.storm.tasks import TASKS

    storm = _workers[0].storm(unit.kind)
    if unit.task == backends.NAME:
        return backends.shoot(storm, len(unit.numbers))
    if unit.task == service.NAME:
        return service.kill_service(storm, len(unit.numbers))
    task = next(each for each in TASKS if each.name == unit.task)
    return storm.kill(task, unit.numbers)
