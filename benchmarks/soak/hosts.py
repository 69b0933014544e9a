"""Starts processes as on hosts of their own: with another host name, process table and home.

Linux namespaces (unshare(1)) stand for hosts: the pids of one mean nothing on another, and the death
of a host takes all its processes at once. Clock, disk and loopback interface are shared.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from socket import gethostname

NAMESPACES = (
    *("unshare", "--user", "--map-root-user", "--uts", "--pid", "--mount-proc"),
    *("--fork", "--kill-child", "--"),
)
# The shell stays as init, whose signals are others than those of an ordinary process.
_INIT = ("sh", "-c", 'echo "$0" > /proc/sys/kernel/hostname && "$@"; exit $?')
_SIGNALLED = 128  # plus the signal: the exit code of a shell whose command was killed


class Host:
    """A service on a host. `name`: "" for this host, where its process is an ordinary one."""

    def __init__(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.name = name or gethostname()
        self._is_apart = bool(name)
        self._process = process
        self._pid = 0 if name else process.pid

    @property
    def pid(self) -> int:
        """The pid of the service as it is seen from here; 0 if it has ended before it had one."""
        while not self._pid and self._process.poll() is None:
            shells = child_pids(self._process.pid)
            self._pid = next((pid for shell in shells for pid in child_pids(shell)), 0)
            time.sleep(0 if self._pid else 0.01)
        return self._pid

    def poll(self) -> int | None:
        """Returns the exit code; None while the service runs."""
        return self._exit_code(self._process.poll())

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end of the service. Raises subprocess.TimeoutExpired."""
        return self._exit_code(self._process.wait(timeout)) or 0

    def kill(self) -> None:
        """Kills the service, and all else on its host if that is one of its own."""
        self._process.kill()

    def terminate(self) -> None:
        """Asks the service to stop."""
        with suppress(ProcessLookupError):
            os.kill(self.pid or self._process.pid, signal.SIGTERM)

    def _exit_code(self, code: int | None) -> int | None:
        return _SIGNALLED - code if self._is_apart and code and code > _SIGNALLED else code


def host_command(name: str, command: list[str]) -> list[str]:
    """Returns the command that runs `command` on a host of that name; "" is this one."""
    return [*NAMESPACES, *_INIT, name, *command] if name else command


def can_make_hosts() -> bool:
    """Whether this user may make namespaces."""
    try:
        command = host_command("another", ["true"])
        return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


def child_pids(pid: int) -> list[int]:
    """Returns the children of all threads of a process, or none if the process has ended."""
    with suppress(OSError):
        child_files = Path(f"/proc/{pid}/task").glob("*/children")
        return [int(child) for file in child_files for child in file.read_text().split()]
    return []


def own_pid(pid: int) -> int:
    """Returns the pid that a process has on its own host (proc(5), NSpid); 0 if it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return 0
