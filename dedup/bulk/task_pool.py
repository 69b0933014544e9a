"""Applies functions to batches: in this process, or in a pool of processes that ends with it.

The results come in the order of the batches, so they are the same for any number of processes. The
processes are started anew (spawned), because a fork of a process with threads can hang.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from dedup.errors import DedupError

B = TypeVar("B")
R = TypeVar("R")
Prepare = Callable[[], object]

MAX_JOBS = 256
_TASKS_PER_WORKER = 2
"""One that it works on and one that waits, so that it need not wait for this process."""

_MAX_HELD_TASKS_PER_WORKER = 4
"""Batches that are given out or whose results wait for an earlier one. This bounds memory."""

_SECONDS_TO_END = 10
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class TaskProcessEnded(DedupError):
    """Raised if a process of the pool was killed or could not start."""

    exit_code = 1


class TaskPool(Protocol):
    """Applies functions to batches."""

    jobs: int

    def map(self, function: Callable[[B], R], batches: Iterable[B]) -> Iterator[R]:
        """Yields `function(batch)` of each batch, in order.

        Takes a bounded number of batches ahead. With processes, `function` is a function of a
        module, and it, the batches and the results are pickled. Raises what `function` raises, and
        TaskProcessEnded.
        """


class ThisProcess:
    """Applies functions in this process (implements `TaskPool`)."""

    jobs = 1

    def map(self, function: Callable[[B], R], batches: Iterable[B]) -> Iterator[R]:
        return map(function, batches)


def count_cores() -> int:
    """Returns the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def open_task_pool(jobs: int, prepare: Prepare | None = None) -> Iterator[TaskPool]:
    """Opens a pool: this process if `jobs` is 1, else so many processes; 0 means one a core.

    `prepare`: called once in each process of the pool, before its first batch. Raises ValueError if
    `jobs` is negative or over `MAX_JOBS`. At the end of the block all processes have ended, also
    after an error. If this process is killed, they end by themselves.
    """
    if not 0 <= jobs <= MAX_JOBS:
        raise ValueError(f"jobs are 0 to {MAX_JOBS}, not {jobs}")
    jobs = jobs or min(count_cores(), MAX_JOBS)
    if jobs == 1:
        yield ThisProcess()
        return
    with ExitStack() as stack:
        yield _Pool([stack.enter_context(_start_worker(prepare)) for _ in range(jobs)])


class _Worker:
    """One process of the pool and the numbers of its tasks."""

    def __init__(self, process: BaseProcess, pipe: "Connection[Any, Any]") -> None:
        self.pipe = pipe
        self.tasks: set[int] = set()
        self._process = process

    def send(self, task: int, function: Callable[[B], R], batch: B) -> None:
        try:
            self.pipe.send((task, function, batch))
        except OSError:
            raise self.ended() from None
        self.tasks.add(task)

    def receive(self) -> tuple[int, Any]:
        """Returns the number and the result of a task; raises what the task raised."""
        try:
            task, result, error = self.pipe.recv()
        except (EOFError, OSError):
            raise self.ended() from None
        self.tasks.discard(task)
        if error is not None:
            raise error
        return task, result

    def ended(self) -> TaskProcessEnded:
        """Returns the error that says how the process ended."""
        self._process.join(_SECONDS_TO_END)
        code = self._process.exitcode
        if code is not None and code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
        else:
            how = f"ended with code {code}"
        return TaskProcessEnded(
            f"a worker process {how}, so nothing was stored; if memory ran out, use fewer jobs"
        )


class _Pool:
    """Applies functions in processes (implements `TaskPool`)."""

    def __init__(self, pool: list[_Worker]) -> None:
        self.jobs = len(pool)
        self._pool = pool
        self._numbers = count()

    def map(self, function: Callable[[B], R], batches: Iterable[B]) -> Iterator[R]:
        remaining = iter(batches)
        order: list[int] = []
        results: dict[int, R] = {}
        is_exhausted = False
        while True:
            while not is_exhausted and len(order) < _MAX_HELD_TASKS_PER_WORKER * self.jobs:
                worker = min(self._pool, key=lambda each: len(each.tasks))
                if len(worker.tasks) >= _TASKS_PER_WORKER:
                    break
                try:
                    batch = next(remaining)
                except StopIteration:
                    is_exhausted = True
                    break
                order.append(number := next(self._numbers))
                worker.send(number, function, batch)
            if not order:
                return
            busy = [worker for worker in self._pool if worker.tasks]
            ready = set(wait([worker.pipe for worker in busy]))
            for worker in busy:
                if worker.pipe in ready:
                    number, result = worker.receive()
                    results[number] = result
            while order and order[0] in results:
                yield results.pop(order.pop(0))


@contextmanager
def _start_worker(prepare: Prepare | None) -> Iterator[_Worker]:
    context = multiprocessing.get_context("spawn")
    pipe, its_pipe = context.Pipe()
    process = context.Process(target=_serve, args=(its_pipe, prepare), daemon=True)
    resource_tracker.ensure_running()  # its start, which the first worker's needs, unblocks signals
    try:
        try:
            with _signals_deferred():
                process.start()
        finally:
            its_pipe.close()  # else the end of the process would not end the pipe
        yield _Worker(process, pipe)
    finally:
        pipe.close()  # the process ends
        if process.pid is not None:
            process.join(_SECONDS_TO_END)
            if process.exitcode is None:
                process.kill()
                process.join()
        process.close()


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Defers the signals that end a command, so that no process is started by half.

    A process that is started meanwhile has them blocked: Ctrl-C reaches all processes of a
    terminal, and only this one handles it.
    """
    came: list[int] = []
    handlers: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING_SIGNALS:
            if signal.getsignal(number) not in (None, signal.SIG_IGN):
                handlers[number] = signal.signal(number, lambda each, _: came.append(each))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for each in came:
            signal.raise_signal(each)


def _serve(pipe: "Connection[Any, Any]", prepare: Prepare | None) -> None:
    """Works on the tasks of the pipe until the other process closes it or ends."""
    for number in _ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # it ends when the other process does
    if prepare:
        prepare()
    tasks: SimpleQueue[tuple[int, Callable[[Any], Any], Any]] = SimpleQueue()
    threading.Thread(target=_receive, args=(pipe, tasks), daemon=True).start()
    while True:
        task, function, batch = tasks.get()
        answer: tuple[int, Any, Exception | None]
        try:
            answer = (task, function(batch), None)
        except Exception as error:  # noqa: BLE001 - the other process raises it
            error.add_note(traceback.format_exc())  # a traceback cannot be pickled
            answer = (task, None, error)
        pipe.send(answer)


def _receive(
    pipe: "Connection[Any, Any]", tasks: "SimpleQueue[tuple[int, Callable[[Any], Any], Any]]"
) -> None:
    """Takes tasks from the pipe at once, so that neither process waits for the other to read."""
    try:
        while True:
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(0)  # also in the middle of a task: nobody waits for its result
    except Exception:  # noqa: BLE001 - such as MemoryError: else both processes would wait for ever
        traceback.print_exc()
        os._exit(1)
