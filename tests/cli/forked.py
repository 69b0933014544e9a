"""Runs command lines in processes forked from one interpreter that has loaded everything.

A command starts in a hundredth of the time, and what it lacks strikes the command, not its imports.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import nkwire
from tests.cli.exit_code_rows import FORKED_LACKS

ROOT = Path(__file__).parents[2]
STEP = 0.005  # seconds between two looks at the process
Call = dict[str, Any]


class Forks:
    """A process that forks one process for each command line."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self._server = server

    def call(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        out: Path,
        err: Path,
        before: str = "nothing",
        is_stopped: bool = False,
        seconds: float = 120,
        program: str = "nkwire",
    ) -> int:
        """Runs a command line and returns its exit code; -9 is the code of one that hangs.

        `folder`: where it stands. `out`, `err`: files or devices for its output. `before`: what
        strikes it, by its name in BEFORE. `is_stopped`: it gets SIGTERM when it has printed.
        `program`: whose command line it is, by its name in PROGRAMS.
        """
        call: Call = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "streams": [str(out), str(err)],
            "before": before,
            "is_stopped": is_stopped,
            "seconds": seconds,
            "program": program,
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{json.dumps(call)}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        files: Path,
        before: str = "nothing",
        is_stopped: bool = False,
        program: str = "nkwire",
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command line and returns what it says. `files`: the folder of its output."""
        out, err = files / "out", files / "err"
        code = self.call(
            arguments,
            folder,
            environment,
            out=out,
            err=err,
            before=before,
            is_stopped=is_stopped,
            program=program,
        )
        words = out.read_text("utf-8", "replace"), err.read_text("utf-8", "replace")
        return subprocess.CompletedProcess(list(arguments), code, *words)


def _break_database() -> None:
    """Lets the database fail with a fault that names what is secret in the environment."""

    from storage.engine import TransactionalEngine  # after _End

    def broken(*_: object, **__: object) -> NoReturn:
        secrets = (
            "NKWIRE_ALERT_WEBHOOK",
            "NKWIRE_DATABASE",
            "NKWIRE_WEB",
            "NKWIRE_DEDUP",
            "PGPASS",
        )
        told = [value for name, value in os.environ.items() if name.startswith(secrets)]
        raise RuntimeError("cannot go on with " + " ".join(told))

    for name in ("read", "write", "reading"):
        setattr(TransactionalEngine, name, broken)


def _scrapy() -> None:
    from scrapy.cmdline import execute  # after _End

    del sys.modules["crawler.settings"]  # reads the environment
    execute()


PROGRAMS = {"nkwire": nkwire.main, "scrapy": _scrapy}
BEFORE = {**FORKED_LACKS, "broken database": _break_database}


@contextmanager
def forks() -> Iterator[Forks]:
    """Starts the process, and ends it with the block."""
    server = subprocess.Popen(
        [sys.executable, "-c", "from tests.cli.forked import serve; serve()"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        yield Forks(server)
        assert server.stdin is not None
        server.stdin.close()


class _End:
    """Ends a process when its exit functions are done.

    Else Python would take all modules apart, which costs a second of processor time.
    """

    def __init__(self) -> None:
        self.code = 1  # of an error that nobody caught
        atexit.register(self)  # the first is called last

    def __call__(self) -> None:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            self.code = 120  # as Python itself
        os._exit(self.code)


def serve() -> None:
    """Answers each call on standard input with the exit code of its command."""
    end = _End()
    _load_everything()
    gc.freeze()  # so that no child looks through what it shares
    for line in sys.stdin:
        sys.stdout.write(f"{_call(json.loads(line), end)}\n")
        sys.stdout.flush()
    end.code = 0


# Python 3.11 can loop without end if memory runs out within an import: to unwind it needs an integer.
_LIBRARIES = (
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "matplotlib.font_manager",
    "scipy.sparse",
)


def _load_everything() -> None:
    for library in _LIBRARIES:
        importlib.import_module(library)
    for name in nkwire.PROJECT_MODULES:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(getattr(package, "__path__", []), f"{name}."):
            if not found.name.startswith("storage.migrations."):  # alembic loads them
                importlib.import_module(found.name)


def _call(call: Call, finish: _End) -> int:
    streams = [Path(each) for each in call["streams"]]
    for each in streams:
        if each.is_file():  # what a call before it has printed is not its own
            each.write_bytes(b"")
    process = os.fork()
    if not process:
        _become(call, finish)
    # A worker says on standard error that it has begun; others may say there what happens before.
    watched = streams[1:] if "worker" in call["arguments"] else streams[:1]
    end = time.monotonic() + call["seconds"]
    is_told = not call["is_stopped"]
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            break
        if not is_told and any(each.exists() and each.stat().st_size for each in watched):
            os.kill(process, signal.SIGTERM)
            is_told = True
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
        time.sleep(STEP)
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)  # what it left behind
    return os.waitstatus_to_exitcode(status)


def _become(call: Call, finish: _End) -> NoReturn:
    """Turns this forked process into the command. Python ends it as it ends any program."""
    os.setsid()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOCTTY
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(call["streams"], start=1):
        os.dup2(os.open(name, flags), number)
    # The old ones remember whether their file could be rewound.
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.closerange(3, 256)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = [call["program"], *call["arguments"]]
    BEFORE[call["before"]]()
    try:
        PROGRAMS[call["program"]]()
    except SystemExit as ended:
        finish.code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    sys.exit(0)
