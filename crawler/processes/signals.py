"""SIGTERM, SIGINT and SIGHUP in a process with an event loop."""

import asyncio
import math
import os
import signal
from collections.abc import Callable

STOP_SECONDS = 15.0  # a stop takes at most so long: SIGALRM comes a second before
INTERRUPTED_CODE = 130  # as a shell reports SIGINT


def on_stop_signal(
    stop: Callable[[], object], kill_after_seconds: float = STOP_SECONDS - 1
) -> None:
    """Calls `stop` on SIGTERM, SIGINT, or SIGHUP unless that is ignored (nohup).

    A second signal, or `kill_after_seconds`, ends the process at once.
    """
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)

    def once() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, _end_at_once)
        # SIGALRM ends this process, and so its children.
        signal.setitimer(signal.ITIMER_REAL, kill_after_seconds)
        stop()

    for number in numbers:
        loop.add_signal_handler(number, once)


def seconds_to_stop() -> float:
    """Returns the seconds until SIGALRM ends a stop; infinity if no stop has begun."""
    return signal.getitimer(signal.ITIMER_REAL)[0] or math.inf


def _end_at_once(*_: object) -> None:
    """Ends this process, and so its children, without waiting for anything."""
    shown = b"\x1b[?25h" if os.isatty(2) else b""  # a table of runs has hidden the cursor
    os.write(2, shown + b"nkwire: interrupted\n")
    os._exit(INTERRUPTED_CODE)
