"""One command line for each command, and what a machine can lack while it runs."""

import ctypes
import os
import resource
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

# What each command gets. {db} is the URL of a database, {out} a folder that may be written.
ROWS: Mapping[str, str] = {
    "run": "run --once --database {db}",
    "worker": "worker --database {db}",
    "crawl": "crawl kcna --limit 1 --database {db}",
    "ingest": "ingest {data}/pages.warc.gz --database {db}",
    "schedule list": "schedule list --database {db}",
    "schedule set": "schedule set rodong 2h --database {db}",
    "schedule sources": "schedule sources kcna --database {db}",
    "schedule pause": "schedule pause rodong --database {db}",
    "schedule resume": "schedule resume rodong --database {db}",
    "config": "config",
    "demo": "demo --folder {out}/demo",
    "outlets check": "outlets check kcna",
    "status": "status --database {db}",
    "stories": "stories --database {db}",
    "runs": "runs --database {db}",
    "alerts test": "alerts test",
    "alerts list": "alerts list --database {db}",
    "export": "export {out}/corpus.jsonl --database {db}",
    "search": "search kiln --database {db}",
    "carriage": "carriage --database {db}",
    "latency": "latency --database {db}",
    "graph": "graph s1 --out {out}/graph.dot --database {db}",
    "stats": "stats --database {db}",
    "plot carriage": "plot carriage --out {out}/carriage.svg --database {db}",
    "plot delays": "plot delays --out {out}/delays.png --database {db}",
    "plot articles": "plot articles --out {out}/articles.pdf --database {db}",
    "show": "show 1 --database {db}",
    "explain": "explain 1 2 --database {db}",
    "web": "web --port 0 --database {db}",
    "changes": "changes --database {db}",
    "diff": "diff 1 --database {db}",
    "gaps": "gaps --database {db}",
    "verify": "verify --database {db}",
    "reextract": "reextract --database {db}",
    "merge": "merge 1 2 --database {db}",
    "split": "split 1 --database {db}",
    "recluster": "recluster --database {db}",
    "revisits": "revisits --database {db}",
    "import": "import {data}/articles.jsonl --database {db}",
    "ccnews": "ccnews {data}/pages.warc.gz --database {db}",
    "snapshot create": "snapshot create first --out {out} --database {db}",
    "snapshot verify": "snapshot verify {data}",
    "snapshot diff": "snapshot diff {data} {data}",
    "backup": "backup {out}/copy.db --database {db}",
    "restore": "restore {data}/backup.db --database sqlite:///{out}/restored.db",
    "archive push": "archive push --database {db}",
    "archive status": "archive status --database {db}",
    "tidy": "tidy --database {db}",
    "upgrade": "upgrade --database {db}",
    "extract": "extract {data}/page.html --url https://a.example/1",
    "links": "links {data}/page.html --url https://a.example/",
    "cluster": "cluster {data}/articles.jsonl",
    "evaluate": "evaluate {data}",
    "init": "init --yes --file {out}/nkwire.toml",
    "doctor": "doctor --offline --database {db}",
    "completion": "completion bash",
    "manual": "manual",
    "outlet new": "outlet new tidings https://a.example/ --folder {out}",
    "outlet inspect": "outlet inspect {data}/page.html --url https://a.example/1",
    "outlet sample": "outlet sample kcna {data}/page.html --url https://a.example/1 --folder {out}",
}
SERVICES = ("web",)
"""Commands that go on until they are stopped."""


def _limit(kind: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (value, value))


def _memory(megabytes: int) -> Callable[[], None]:
    """Returns a function that leaves a running process so much more memory."""

    def limit() -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        value = pages * resource.getpagesize() + (megabytes << 20)
        resource.setrlimit(resource.RLIMIT_AS, (value, value))

    return limit


def _drop(*capabilities: int) -> None:
    """Takes capabilities from root, here and in its children (prctl(2), capset(2))."""
    if os.geteuid() != 0:
        return
    library = ctypes.CDLL(None)
    for each in capabilities:
        library.prctl(24, each, 0, 0, 0)  # PR_CAPBSET_DROP
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    assert library.capget(header, data) == 0
    for each in capabilities:
        for kind in range(3):  # effective, permitted, inheritable
            data[each // 32 * 3 + kind] &= ~(1 << each % 32)
    assert library.capset(header, data) == 0


def _without_capabilities() -> None:
    """Lets root be refused what any user is refused."""
    _drop(*range(64))


def _without_processes() -> None:
    """Lets no process or thread be started; root is exempt, so it gets the number of another."""
    if os.geteuid() == 0:
        os.setresuid(65534, 0, 0)
        _drop(21, 24)  # CAP_SYS_ADMIN and CAP_SYS_RESOURCE exempt too
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


NEEDS_SEALED_FOLDERS = "permission"
FORKED_LACKS: Mapping[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "files 4": _limit(resource.RLIMIT_NOFILE, 4),
    "files 6": _limit(resource.RLIMIT_NOFILE, 6),
    "files 12": _limit(resource.RLIMIT_NOFILE, 12),
    "room": _limit(resource.RLIMIT_FSIZE, 4096),
    "room for a copy": _limit(resource.RLIMIT_FSIZE, 40_000),
    "memory 1": _memory(1),
    "memory 24": _memory(24),
    NEEDS_SEALED_FOLDERS: _without_capabilities,
    "processes": _without_processes,
}
"""What a process lacks that has loaded everything."""
STARTERS = ("run", "crawl", "outlets check", "demo")
"""Commands that start processes or wait for the network. They meet these lacks only: the others
strike the processes that they start in the same way as the commands above."""
LACKS_OF_STARTERS = ("files 12", "room", "processes")
FORKED_CELLS = [
    (command, lack)
    for command in ROWS
    for lack in FORKED_LACKS
    if command not in STARTERS or lack in LACKS_OF_STARTERS
    # Left open: without threads `outlets check` waits for its name server without an end.
    if (command, lack) != ("outlets check", "processes")
]
LACKS: Mapping[str, Callable[[], None]] = {
    "files 8": _limit(resource.RLIMIT_NOFILE, 8),
    "files 24": _limit(resource.RLIMIT_NOFILE, 24),
    "room": _limit(resource.RLIMIT_FSIZE, 4096),
    "memory to start": _limit(resource.RLIMIT_AS, 48 << 20),
    "memory to go on": _limit(resource.RLIMIT_AS, 220 << 20),
    "memory for data": _limit(resource.RLIMIT_DATA, 60 << 20),
    NEEDS_SEALED_FOLDERS: _without_capabilities,
}
"""What a process lacks from its start, so also while modules load."""
QUICK = (
    ("run", "files 24"),
    ("crawl", "files 24"),
    ("status", "files 8"),
    ("import", "room"),
    ("export", "room"),
    ("backup", "permission"),
    ("status", "memory to start"),
)


def command_names(command: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yields the names of all commands below a command of the parser."""
    below = getattr(command, "commands", None)
    if not below:
        yield " ".join(path)
        return
    for name, each in below.items():
        yield from command_names(each, (*path, name))


def seal(*folders: Path) -> None:
    """Lets nobody write in these folders, or change their files."""
    for folder in folders:
        for each in [folder, *folder.rglob("*")]:
            each.chmod(0o555 if each.is_dir() else 0o444)
