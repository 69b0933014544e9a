"""Opens output files and folders that get their names only when they are complete.

Until then the file is named `.NAME.PID.part`. So an export that is killed or finds the disk full
leaves no file that seems complete. The next export to the same name removes the parts of killed
ones.
"""

import errno
import gzip
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from storage.errors import CannotWrite, DiskFull, MissingLibrary
from storage.runs.liveness import is_process_alive


class TargetDiskFull(CannotWrite, DiskFull):
    """The disk of the output is full, and nothing of the output remains."""


def import_optional(name: str, extra: str) -> Any:
    """Imports and returns an optional module.

    `extra`: the extra of nkwire that installs it. Raises MissingLibrary, with the pip command, if
    it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        package = name.split(".")[0]
        raise MissingLibrary(
            f"{package} is not installed, and this format needs it: pip install 'nkwire[{extra}]'"
        ) from None


@contextmanager
def atomic_file(out: Path) -> Iterator[Path]:
    """Gives a temporary path to write to. If the block succeeds, the file replaces `out`.

    If `out` is a symbolic link, the file replaces what the link leads to, and the link stays.
    Raises CannotWrite if the file cannot be written, or if `out` is a folder, a device or a FIFO.
    """
    if out.exists() and not out.is_file():
        raise CannotWrite(f"cannot write {out}: it is not a regular file")
    out = out.resolve() if out.is_symlink() else out
    with _part_path(out) as part:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(out)


@contextmanager
def atomic_folder(out: Path) -> Iterator[Path]:
    """Gives a temporary folder to write into. If the block succeeds, it becomes `out`.

    Raises CannotWrite if `out` exists and is not an empty folder, or cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CannotWrite(f"{out} exists already: name a new folder, or remove it")
    with _part_path(out) as part:
        part.mkdir()
        yield part
        part.replace(out)


@contextmanager
def open_output(out: Path | IO[bytes], *, compress: bool = True) -> Iterator[IO[bytes]]:
    """Opens a binary file to write to. A name that ends in `.gz` or `.zst` is compressed.

    A path is written as in `atomic_file`, but a FIFO or a device is written directly. A stream is
    yielded as it is. Raises CannotWrite if the file cannot be written.
    """
    if not isinstance(out, Path):
        yield out
        return
    if out.is_fifo() or out.is_char_device():
        # It must not be replaced by a regular file.
        with _explain_failure(out), out.open("wb") as pipe:
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
    """Gives a file that compresses into `raw`.

    `suffix`: `.gz` or `.zst`; with any other there is no compression. The gzip header (RFC
    1952) has no name and no time, so the same corpus gives the same bytes.
    """
    if suffix == ".gz":
        with gzip.GzipFile(
            filename="", fileobj=raw, mode="wb", mtime=0, compresslevel=6
        ) as gzip_file:
            yield gzip_file  # type: ignore[misc]
    elif suffix == ".zst":
        with import_zstd().open(raw, "wb", level=9) as zstd_file:
            yield zstd_file
    else:
        yield raw


def import_zstd() -> Any:
    """Returns `compression.zstd`, or before Python 3.14 its backport."""
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


@contextmanager
def _part_path(out: Path) -> Iterator[Path]:
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with _explain_failure(out):
            _remove_stale_parts(out)
            yield part
    finally:
        _remove_path(part)


@contextmanager
def _explain_failure(out: Path) -> Iterator[None]:
    """Raises CannotWrite, with the name of the output, if the block cannot write."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has read enough
    except OSError as error:
        error_type = TargetDiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else CannotWrite
        raise error_type(f"cannot write {out}: {error.strerror or error}") from error
    except sqlite3.OperationalError as error:
        error_type = (
            TargetDiskFull if error.sqlite_errorcode == sqlite3.SQLITE_FULL else CannotWrite
        )
        raise error_type(f"cannot write {out}: {error}") from error


def _remove_stale_parts(out: Path) -> None:
    """Removes the part files of processes that no longer exist."""
    for stale_part in out.parent.glob(f".{_escape_glob(out.name)}.*.part"):
        pid = stale_part.name.split(".")[-2]
        if pid.isdecimal() and not is_process_alive(int(pid)):
            _remove_path(stale_part)


def _escape_glob(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _remove_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
