"""Reads the processor's time of a PostgreSQL server on this machine from proc(5)."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from storage import Database
from storage.dialects import is_sqlite

_PROC = Path("/proc")
_NANOSECONDS = 1e9


def server_clock(database: Database) -> Callable[[], float]:
    """Returns a clock of the processor's time of the server's processes for clients, in seconds.

    It is always 0 for SQLite. `benchmarks.web.postgres` starts servers without parallel workers: the
    time of a worker would be lost when it ends.
    """
    if is_sqlite(database.engine):
        return lambda: 0.0
    backend = database.read(lambda c: c.scalar(text("SELECT pg_backend_pid()")))
    parent = _parent(_PROC / str(backend))
    return lambda: sum(map(_seconds, _clients(parent)))


def _clients(parent: str) -> list[Path]:
    return [
        each
        for each in _PROC.iterdir()
        if each.name.isdigit()
        and _parent(each) == parent
        and b"127.0.0.1" in _read(each / "cmdline")
    ]


def _parent(process: Path) -> str:
    fields = _read(process / "stat").rpartition(b")")[2].split()
    return fields[1].decode() if fields else ""


def _seconds(process: Path) -> float:
    fields = _read(process / "schedstat").split()
    return int(fields[0]) / _NANOSECONDS if fields else 0.0


def _read(file: Path) -> bytes:
    """Returns the content, b"" if the process has ended."""
    with contextlib.suppress(OSError):
        return file.read_bytes()
    return b""
