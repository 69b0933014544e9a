"""Starts the processes of the storm on hosts of their own: UTS namespaces with other names."""

import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class HostProcess:
    """A clock or a worker on its host, started again after each kill."""

    kind: str
    host: str
    url: str
    folder: Path
    module: str = "benchmarks.fleet.processes"
    process: "subprocess.Popen[bytes] | None" = None
    starts: int = 0
    suspended: bool = field(default=False)

    def start(self) -> None:
        """Starts it under its host name."""
        home = self.folder / self.host
        home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", self.module, self.kind, self.url, str(home)]
        line = f"hostname {self.host}; exec {shlex.join(command)}"
        with (self.folder / f"{self.kind}-{self.host}.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "-u", "sh", "-c", line],
                cwd=ROOT,
                env={**os.environ, "NKWIRE_KEEP_FREE_MB": "0"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1

    @property
    def pid(self) -> int:
        """Its pid: `unshare` and the shell have become the program."""
        return self.process.pid if self.process else 0

    def kill(self) -> None:
        """Kills it at once."""
        if self.process:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        if self.process:
            self.process.send_signal(number)

    def cpu_seconds(self) -> float:
        """Returns the CPU seconds of the process itself (proc(5))."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_megabytes(self) -> float:
        """Returns the memory of the process itself."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
