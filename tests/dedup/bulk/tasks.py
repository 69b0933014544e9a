"""Functions that the processes of a pool call: they must be importable by name."""

import os
import signal
import time
from collections.abc import Callable
from typing import NoReturn


def double(number: int) -> int:
    """Returns twice the number; small numbers take longer, so they are ready later."""
    time.sleep(max(0, 3 - number) / 50)
    return 2 * number


def echo(data: bytes) -> bytes:
    return data[::-1]


def fail(number: int) -> int:
    if number == 3:
        raise KeyError(f"task {number}")
    return number


def die(_: int) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def refuse() -> NoReturn:
    raise MemoryError("no room for this task")


class Unreadable:
    """A task that cannot be read where it arrives."""

    def __reduce__(self) -> tuple[Callable[[], NoReturn], tuple[()]]:
        return refuse, ()


def pid_of(_: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def environment(name: str) -> str:
    return os.environ.get(name, "")


def set_environment() -> None:
    os.environ["NKWIRE_INVENTED"] = "prepared"


def die_soon() -> NoReturn:
    die(0)
