"""Ends a child process as soon as the process that started it is gone."""

import fcntl
import multiprocessing
import os
import select
import signal
import threading


def die_with_parent() -> None:
    """Asks the kernel to kill this session as soon as the parent process is gone.

    This works while all threads are busy: the kernel signals the readers of a pipe when its last
    writer is gone (fcntl(2), F_SETSIG). PR_SET_PDEATHSIG would come too late, since the forkserver
    outlives the parent.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    pipe = parent.sentinel
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([pipe], [], [], 0)[0]:
            os.killpg(0, signal.SIGKILL)
    else:
        threading.Thread(target=_die_when_closed, args=(pipe,), daemon=True).start()


def _die_when_closed(pipe: int) -> None:
    select.select([pipe], [], [])
    os.killpg(0, signal.SIGKILL)
