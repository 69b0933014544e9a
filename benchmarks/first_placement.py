"""Measures the first placement of a process: of a new interpreter, and of a child of the service.

    python -m benchmarks.first_placement DATABASE BEGUN < TEXT

`BEGUN` is the Unix time at which the process was requested. The process opens the database, places
the text as a new article and then thirty more, and prints the cost as JSON. `benchmarks.placement`
calls it. `measure_forkserver_child` does the same in a child of a forkserver that has loaded the
service's modules.
"""

import json
import multiprocessing
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.memory import peak_memory_mb
from storage import open_database
from storage.records import Article

MORE = 30
_PRELOADED = ("crawler.processes.children", "crawler.processes.run")


def measure_first_placement(path: str, text: str, requested_at: float) -> dict[str, float]:
    """Returns the CPU and wall-clock milliseconds of the first placement.

    The `whole` times count from the start of the process and from `requested_at` (Unix time).

    `mb` is the peak memory of the process in MB after MORE further placements.
    """
    cpu, clock = time.process_time(), time.perf_counter()
    with open_database(f"sqlite:///{path}") as database:
        database.save([_article(text)])
        times = {
            "cpu": time.process_time() - cpu,
            "clock": time.perf_counter() - clock,
            "whole cpu": time.process_time(),
            "whole clock": time.time() - requested_at,
        }
        words = text.split()
        for number in range(MORE):
            database.save([_article(" ".join(words[number:] + words[:number]))])
    return {name: seconds * 1000 for name, seconds in times.items()} | {"mb": peak_memory_mb()}


def measure_new_process(path: Path, text: str) -> dict[str, float]:
    """Measures the first placement of a new interpreter."""
    command = [sys.executable, "-m", "benchmarks.first_placement", str(path), str(time.time())]
    process = subprocess.run(command, input=text, capture_output=True, check=True, text=True)
    return dict(json.loads(process.stdout))


def measure_forkserver_child(path: Path, text: str) -> dict[str, float]:
    """Measures the first placement of a child of a running forkserver, as the service has one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    for task in (_send_nothing, _send_measurement):  # the first one starts the forkserver
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=task, args=(str(path), text, time.time(), sender))
        child.start()
        sender.close()
        result: dict[str, float] = receiver.recv()
        child.join()
    return result


def _send_nothing(path: str, text: str, requested_at: float, sender: Connection) -> None:
    sender.send({})


def _send_measurement(path: str, text: str, requested_at: float, sender: Connection) -> None:
    sender.send(measure_first_placement(path, text, requested_at))


def _article(text: str) -> Article:
    url = f"https://new.test/first/{time.time_ns()}"
    return Article(outlet="outlet0", url=url, title="New", text=text)


if __name__ == "__main__":
    print(json.dumps(measure_first_placement(sys.argv[1], sys.stdin.read(), float(sys.argv[2]))))
