"""Commands in processes of their own, for databases in any state and for users with few rights."""

import ctypes
import os
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import crawler.processes.run  # noqa: F401  a forkserver loads it once for all children
from cli.app import run
from storage import open_database
from storage.records import Article, Capture
from tests.storage.conftest import NOON

SECONDS = 60  # a command that hangs fails

LOOKING = {
    "schedule list": "schedule list",
    "schedule sources": "schedule sources kcna",
    "status": "status",
    "stories": "stories",
    "runs": "runs",
    "alerts list": "alerts list",
    "export": "export - --reports --all",
    "search": "search kiln",
    "carriage": "carriage",
    "latency": "latency",
    "graph": "graph s1",
    "stats": "stats --by language",
    "plot carriage": "plot carriage --out {out}/carriage.svg",
    "plot delays": "plot delays --out {out}/delays.svg",
    "plot articles": "plot articles --out {out}/articles.png",
    "show": "show 1",
    "explain": "explain 1 2",
    "changes": "changes --all",
    "diff": "diff 3",
    "gaps": "gaps",
    "verify": "verify",
    "reextract": "reextract --dry-run",
    "recluster": "recluster --dry-run",
    "revisits": "revisits",
    "snapshot create": "snapshot create paper --out {out}/snapshot",
    "backup": "backup {out}/backup.db",
    "archive status": "archive status",
    "tidy": "tidy --dry-run",
}
"""Each command that looks, and a command line in which it does."""

WRITING = {
    *(
        "run",
        "worker",
        "crawl",
        "ingest",
        "import",
        "ccnews",
        "restore",
        "upgrade",
        "merge",
        "split",
    ),
    "archive push",
    *("schedule set", "schedule pause", "schedule resume"),
}
"""The commands that write. `web` has its own tests: it runs until it is stopped. So has `doctor`: a
database that is not sound is what it reports."""


@dataclass(frozen=True)
class Ended:
    """How a command ended. `code` is -1 after an exception that it should have told."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """The lines on standard error that tell why the command failed."""
        return [line for line in self.err.splitlines() if line.startswith("nkwire: ")]

    def is_one_line(self) -> bool:
        """Whether the command failed as it should: one line, no traceback, a code of its own."""
        return self.code in (1, 2, 4) and len(self.told) == 1 and "Traceback" not in self.err


def give_up_rights() -> None:
    """Makes the modes of files count for this process even if it runs as root: capset(2)."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    if ctypes.CDLL(None, use_errno=True).capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def in_a_child(arguments: Sequence[str], folder: str, has_rights: bool) -> int:
    """Runs a command line in this process, which lives for it alone; returns its code."""
    for number, name in enumerate(("stdout", "stderr"), start=1):
        with (Path(folder) / name).open("w") as file:
            os.dup2(file.fileno(), number)
    os.chdir(folder)
    if not has_rights:
        give_up_rights()
    try:
        code = run(arguments)
        sys.stdout.flush()
    except (Exception, SystemExit, KeyboardInterrupt):  # noqa: BLE001 - tells of all
        traceback.print_exc()
        code = -1
    sys.stderr.flush()
    return int(code)


class Commands:
    """Runs command lines on one database, each in a fresh process."""

    def __init__(self, children: ProcessPoolExecutor, folder: Path) -> None:
        self._children = children
        self.folder = folder  # of what the commands write
        self.has_rights = True

    def __call__(self, line: str, url: str) -> Ended:
        out = self.folder / f"run{len(list(self.folder.iterdir()))}"
        out.mkdir()
        arguments = [part.format(out=out) for part in line.split()]
        future = self._children.submit(
            in_a_child, [*arguments, "--database", url], str(out), self.has_rights
        )
        code = future.result(SECONDS)
        said = [(out / name).read_text("utf-8", "replace") for name in ("stdout", "stderr")]
        return Ended(code, *said)


def fingerprint(folder: Path) -> dict[str, tuple[object, ...]]:
    """Returns what is in a folder: names, kinds, modes, times and contents."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.iterdir()):
        state = path.lstat()
        content = sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        if path.name.endswith("-shm"):
            found[path.name] = ()  # its bytes are locks and marks of readers
        else:
            found[path.name] = (state.st_mode, state.st_mtime_ns, state.st_size, content)
    return found


def fill(url: str, text: str) -> None:
    """Stores two copies of one report, and an article with two versions."""

    def article(number: int, version: int = 0) -> Article:
        page = f"https://paper{number}.example/{number}"
        body = text if number < 3 else f"{text[::-1]} {'Later. ' * version}"
        at = NOON.replace(hour=version)
        return Article(
            outlet=("kcna", "rodong", "herald")[number - 1],
            url=page,
            title=f"New kiln {number}",
            text=body,
            language="en",
            published_at=NOON.replace(day=NOON.day - 1, hour=number) if number < 3 else None,
            capture=Capture(page, at, 200),
        )

    with open_database(url, seed=1) as database:
        database.outlets.declare_ranks({"kcna": 0})
        database.save([article(1), article(2), article(3)])
        database.save([article(3, 1)])
        from storage.reports.working_out import work_out

        work_out(database)
