"""Where an export goes: a file or folder that has its name only when it is whole.

What is being written has another name (`.NAME.PID.part`), so that an export that is killed, or finds
the disk full, leaves nothing that looks like one. What a killed one left is removed by the next.
"""

import errno
import gzip
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from storage.errors import DiskFull, StorageError


class CannotWrite(StorageError):
    """The target cannot be written; nothing was left there. The message says which, and why."""


class TargetDiskFull(CannotWrite, DiskFull):
    """The disk of the target is full; nothing was left there."""


class MissingLibrary(StorageError):
    """A format needs a library that is not installed."""


def import_optional(name: str, extra: str) -> Any:
    """An optional library. Raises MissingLibrary with the command that installs it."""
    try:
        return import_module(name)
    except ImportError:
        package = name.split(".")[0]
        raise MissingLibrary(
            f"{package} is not installed, and this format needs it: pip install 'nkwire[{extra}]'"
        ) from None


@contextmanager
def atomic_file(out: Path) -> Iterator[Path]:
    """A path to write to; the file takes its name when the block ends well. Raises CannotWrite."""
    with _part_path(out) as part:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(out)


@contextmanager
def atomic_folder(out: Path) -> Iterator[Path]:
    """A folder to write into, as `atomic_file`; one that is there already must be empty."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CannotWrite(f"{out} is there already: name a new folder, or remove it")
    with _part_path(out) as part:
        part.mkdir()
        yield part
        part.replace(out)


@contextmanager
def open_output(out: Path | IO[bytes], *, compress: bool = True) -> Iterator[IO[bytes]]:
    """A file to write bytes to, packed as the name ends: `.gz`, `.zst`. Raises CannotWrite."""
    if not isinstance(out, Path):
        yield out
        return
    if out.is_fifo() or out.is_char_device():
        with out.open("wb") as pipe:  # a pipe or device is written to, never replaced
            yield pipe
        return
    with (
        atomic_file(out) as part,
        part.open("wb") as raw,
        open_compressed(raw, out.suffix if compress else "") as file,
    ):
        yield file


@contextmanager
def open_compressed(raw: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    """The file under a packer. No name and no time goes in: the same corpus gives the same bytes."""
    if suffix == ".gz":
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0, compresslevel=6) as zipped:
            yield zipped  # type: ignore[misc]
    elif suffix == ".zst":
        with import_zstd().open(raw, "wb", level=9) as squeezed:
            yield squeezed
    else:
        yield raw


def import_zstd() -> Any:
    """Python's own zstd module from 3.14 on, else its backport."""
    try:
        return import_module("compression.zstd")
    except ImportError:
        return import_optional("backports.zstd", "zst")


@contextmanager
def _part_path(out: Path) -> Iterator[Path]:
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        _remove_stale_parts(out)
        yield part
    except OSError as error:
        kind = TargetDiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else CannotWrite
        raise kind(f"cannot write {out}: {error.strerror or error}") from error
    except sqlite3.OperationalError as error:
        kind = TargetDiskFull if error.sqlite_errorcode == sqlite3.SQLITE_FULL else CannotWrite
        raise kind(f"cannot write {out}: {error}") from error
    finally:
        _remove_path(part)


def _remove_stale_parts(out: Path) -> None:
    """Remove what killed exports to the same name left."""
    for left in out.parent.glob(f".{_escape_glob(out.name)}.*.part"):
        pid = left.name.split(".")[-2]
        if pid.isdecimal() and not _is_process_alive(int(pid)):
            _remove_path(left)


def _escape_glob(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _is_process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
