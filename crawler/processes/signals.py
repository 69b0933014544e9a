"""SIGTERM and SIGINT in a process with an event loop."""

import asyncio
import signal
from collections.abc import Callable


def on_stop_signal(stop: Callable[[], object], kill_after_seconds: float = 14.0) -> None:
    """Calls `stop` on SIGTERM or SIGINT.

    A second signal, or `kill_after_seconds`, ends the process at once.
    """
    loop = asyncio.get_running_loop()

    def once() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        # SIGALRM ends this process, and so its children.
        signal.setitimer(signal.ITIMER_REAL, kill_after_seconds)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, once)
