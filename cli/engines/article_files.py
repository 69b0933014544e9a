"""Finds and reads the files of articles of `nkwire cluster`: a file, a folder or a bucket.

The articles are in the order of the names of their files, then of their rows. So every engine
numbers them alike.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from cli.errors import UserError
from dedup.temporary_folder import temporary_folder
from dedup.text.kernel_loader import KernelMode
from storage.archive.filesystem import RemoteFiles, explained
from storage.archive.location import check_address, is_address
from storage.batches import ProgressCallback
from storage.errors import InvalidRequest
from storage.importers.jsonl_reader import BadLine, read_lines

FileRow = bytes | Mapping[str, Any] | BadLine
"""A row of a file: a line of JSON, the values of a row of a table, or why it cannot be read."""

_MIN_KERNEL_BYTES = 3 << 20
"""Files of this size have so many texts that loading the kernel is repaid."""


def find_article_files(address: str) -> list[str]:
    """Returns the files of articles at an address, sorted by name.

    `address`: a file, a folder, or a URL of either, such as `s3://bucket/docs/`. In a folder, also
    below it, files with a suffix of `IMPORT_SUFFIXES` count; names that begin with `.` or `_` and
    the companions of an export do not. Raises UserError if there is none, MissingLibrary and
    ArchiveError as `RemoteFiles`.
    """
    if is_address(address):
        return _find_remote_files(address)
    path = Path(address)
    if not path.exists():
        raise UserError(f"{address}: no such file")
    if not path.is_dir():
        return [address]
    names = (str(each.relative_to(path)) for each in path.rglob("*") if each.is_file())
    return [str(path / name) for name in _article_names(names, address)]


def _find_remote_files(address: str) -> list[str]:
    files = RemoteFiles(address)
    if files.size("") is not None:
        return [address]
    with explained(files.address):
        found = files.fs.find(files.root)
    names = (str(each).removeprefix(f"{files.root}/") for each in found)
    addresses = [f"{files.address}/{name}" for name in _article_names(names, files.address)]
    for each in addresses:
        try:
            check_address(each)
        except InvalidRequest:
            raise UserError(f"{each!r} cannot be read: name it without ?, #, :: and ..") from None
    return addresses


def _article_names(names: Iterable[str], folder: str) -> list[str]:
    """Returns the names of files of articles, sorted. Raises UserError if there is none."""
    from storage.export.formats.companions import companion_path
    from storage.export.formats.history_tables import HISTORY_TABLES
    from storage.importers.files import IMPORT_SUFFIXES, import_suffix

    shown = {
        name
        for name in names
        if not any(part.startswith((".", "_")) for part in PurePosixPath(name).parts)
    }
    companions = {
        str(companion_path(Path(name), companion)) for name in shown for companion in HISTORY_TABLES
    }
    found = sorted(name for name in shown - companions if import_suffix(Path(name)))
    if not found:
        raise UserError(
            f"{folder}: no file of articles is there: {', '.join(IMPORT_SUFFIXES)}, or one of these"
            " with .gz or .zst"
        )
    return found


@contextmanager
def local_copy(address: str) -> Iterator[Path]:
    """Gives the path of a file. One behind a URL is copied to `TMPDIR` and deleted at the end.

    Raises UserError if there is no such file, MissingLibrary and ArchiveError as `RemoteFiles`.
    """
    if not is_address(address):
        yield Path(address)
        return
    files = RemoteFiles(address)
    with temporary_folder() as folder:
        copy = folder / PurePosixPath(files.root).name
        try:
            with explained(files.address):
                files.fs.get_file(files.root, str(copy))
        except FileNotFoundError:
            raise UserError(f"{address}: no such file") from None
        yield copy


def read_rows(
    address: str, progress: ProgressCallback | None = None
) -> Iterator[tuple[int, FileRow]]:
    """Yields the rows of a file with their numbers, which ascend.

    `progress`: as in `storage.importers.jsonl_reader.read_jsonl`. Raises OSError if the file cannot
    be read, TableRefused if a table is not one of articles, and MissingLibrary if its format needs
    a library that is not installed.
    """
    # Imported late: it loads SQLAlchemy, and most processes of an engine read no files.
    from storage.importers.files import read_numbered_rows

    with local_copy(address) as path:
        if has_lines(address):
            yield from read_lines(path, progress)
        else:
            yield from read_numbered_rows(path, progress)


def has_lines(address: str) -> bool:
    """Whether the rows of a file are lines of JSON, by its name; else it is a table or a list."""
    from storage.importers.files import import_suffix

    return import_suffix(Path(PurePosixPath(address).name)) in ("", ".jsonl", ".ndjson")


def count_bytes(addresses: Iterable[str]) -> int:
    """Returns the size of the files of this machine among these; others count as very large."""
    return sum(1 << 40 if is_address(each) else Path(each).stat().st_size for each in addresses)


def choose_kernel(mode: KernelMode, addresses: Iterable[str]) -> KernelMode:
    """Returns `mode`; if it is `auto` and the files have many texts, the kernel is used at once."""
    return "1" if mode == "auto" and count_bytes(addresses) >= _MIN_KERNEL_BYTES else mode
