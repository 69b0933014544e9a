"""Opens output files and folders that get their names only when they are complete.

Until then the file is named `.NAME.PID.RANDOM.part`, and made anew by its owner. So an export that is killed or finds the disk full
leaves no file that seems complete.
"""

import gzip
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from storage.drivers.shortages import find_shortage
from storage.errors import CannotWrite, DiskFull, MissingLibrary
from storage.files.making import FILE_MODE, FOLDER_MODE, create_file, draft_of


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
def atomic_file(out: Path, mode: int = FILE_MODE) -> Iterator[Path]:
    """Gives a temporary path to write to. If the block succeeds, the file replaces `out`.

    If `out` is a symbolic link, the file replaces what the link leads to, and the link stays.
    Raises CannotWrite if the file cannot be written, or if `out` is a folder, a device or a FIFO.
    """
    out = out.resolve() if out.is_symlink() else out
    with _part_path(out) as part:
        if out.exists() and not out.is_file():
            raise CannotWrite(f"cannot write {out}: it is not a regular file")
        create_file(part, mode).close()
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(out)


@contextmanager
def new_file(out: Path, mode: int = FILE_MODE) -> Iterator[Path]:
    """Gives a temporary path to write to. If the block succeeds, the file gets the name `out`.

    Raises FileExistsError if anything has this name, before the block or after it: a file, a
    folder, a device, a FIFO, a link wherever it leads. Raises OSError and what the block raises.
    """
    with draft_of(out) as part:
        _refuse_existing(out)
        create_file(part, mode).close()
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        name_new_file(part, out)


def name_new_file(part: Path, out: Path) -> None:
    """Gives a complete draft its name. Raises FileExistsError if anything has it, and OSError."""
    try:
        os.link(part, out)  # fails if another file got the name meanwhile; a rename replaces it
    except FileExistsError:
        _refuse_existing(out)
        raise
    except OSError:  # a file system without hard links
        _refuse_existing(out)
        part.rename(out)


def _refuse_existing(out: Path) -> None:
    if os.path.lexists(out):
        raise FileExistsError(f"{out} exists already")


@contextmanager
def atomic_folder(out: Path) -> Iterator[Path]:
    """Gives a temporary folder to write into. If the block succeeds, it becomes `out`.

    Raises CannotWrite if `out` exists and is not an empty folder, or cannot be written.
    """
    with _part_path(out) as part:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CannotWrite(f"{out} exists already: name a new folder, or remove it")
        part.mkdir(FOLDER_MODE)
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
    if is_stream(out):
        # It must not be replaced by a regular file, and none may be made among the devices.
        flags = os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC
        with _explain_failure(out), os.fdopen(os.open(out, flags), "wb") as pipe:
            yield pipe
        return
    with (
        atomic_file(out) as part,
        part.open("wb") as raw,
        open_compressed(raw, out.suffix.lower() if compress else "") as file,
    ):
        yield file


def is_stream(out: Path) -> bool:
    """Whether a path is written directly: a FIFO, a device, or a name such as /dev/stdout.

    The last may lead to a regular file; files beside it would lie among the devices.
    """
    if out.is_fifo() or out.is_char_device():
        return True
    folder = out.parent.resolve()
    return folder == Path("/dev") or folder.is_relative_to("/proc")


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
    with draft_of(out) as part, _explain_failure(out):
        yield part


@contextmanager
def _explain_failure(out: Path) -> Iterator[None]:
    """Raises CannotWrite, with the name of the output, if the block cannot write."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has read enough
    except (OSError, sqlite3.OperationalError) as error:
        raise _failure(out, error) from error


def _failure(out: Path, error: OSError | sqlite3.OperationalError) -> CannotWrite:
    shortage = find_shortage(error, out)
    if shortage and shortage.is_room:
        return TargetDiskFull(f"{shortage}: cannot write {out}")
    return CannotWrite(f"cannot write {out}: {getattr(error, 'strerror', None) or error}")
