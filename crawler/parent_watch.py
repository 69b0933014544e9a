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
    if not die_when_closed(parent.sentinel, -os.getpgrp()):
        threading.Thread(target=_wait_and_die, args=(parent.sentinel,), daemon=True).start()


def die_when_closed(pipe: int, owner: int) -> bool:
    """Asks the kernel to kill `owner` as soon as the other end of a pipe or socket is closed.

    `owner`: a process, or a process group as a negative number (fcntl(2), F_SETOWN). Returns False if
    the system cannot do that.
    """
    if not hasattr(fcntl, "F_SETSIG"):
        return False
    fcntl.fcntl(pipe, fcntl.F_SETOWN, owner)
    fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if _is_closed(pipe):
        os.kill(owner, signal.SIGKILL)
    return True


def _is_closed(pipe: int) -> bool:
    poll = select.poll()  # unlike select(), it takes descriptors above 1023
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(0))


def _wait_and_die(pipe: int) -> None:
    select.select([pipe], [], [])
    os.killpg(0, signal.SIGKILL)
