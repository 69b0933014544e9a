"""Exports to object storage: each file is written here first, and put there as a whole."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from dedup.temporary_folder import temporary_folder
from storage.archive.filesystem import RemoteFiles
from storage.archive.location import check_address
from storage.errors import CannotWrite
from storage.export.formats.companions import companion_path
from storage.export.formats.history_tables import HISTORY_TABLES

COMPLETE = "_SUCCESS"
"""Put last into a folder, so that a reader knows that all of it is there; readers skip its name."""
_PLACEHOLDER_TIME = 0  # a number of an inode would not do: a file that is replaced gives it away


def local_name(address: str) -> str:
    """Returns the last part of an address, which says the format. Raises InvalidRequest."""
    return check_address(address).rpartition("/")[2]


def export_to_address(write: Callable[[Path], int], address: str) -> int:
    """Writes an export in a temporary folder and puts its files under an address.

    `write`: writes the export to a path, and returns what is returned here. An object appears when
    all of it is there, and the export itself after the files beside it. So a reader never finds
    half of it. Raises ArchiveError, MissingLibrary, CannotWrite for a folder that is not empty, and
    what `write` raises.
    """
    folder_address, _, name = check_address(address).rpartition("/")
    if folder_address.endswith(":/"):
        raise CannotWrite(
            f"{address} names a bucket only: add a name, as in {address}/corpus.parquet"
        )
    files = RemoteFiles(folder_address)
    files.require_root()
    with temporary_folder() as folder:
        out = folder / name
        _make_placeholders(files, out)
        row_count = write(out)
        if out.is_dir():
            _put_folder(files, out)
        else:
            for file in sorted(folder.iterdir(), key=lambda file: file == out):
                if file.stat().st_mtime != _PLACEHOLDER_TIME:
                    files.put(file, file.name)
    return row_count


def _make_placeholders(files: RemoteFiles, out: Path) -> None:
    """Makes a file for each file beside an earlier export there.

    So one without rows is written too, and replaces the earlier one. What the export does not
    write keeps its time, and stays there as it is.
    """
    for table in HISTORY_TABLES:
        for path in {companion_path(out, table), companion_path(out, table, ".jsonl")}:
            if files.size(path.name) is not None:
                path.touch()
                os.utime(path, (_PLACEHOLDER_TIME, _PLACEHOLDER_TIME))


def _put_folder(files: RemoteFiles, out: Path) -> None:
    if files.has_any(out.name):
        raise CannotWrite(f"{files.address}/{out.name} exists already: name a new folder")
    for file in _iter_files(out):
        files.put(file, f"{out.name}/{file.relative_to(out).as_posix()}")
    done = out / COMPLETE
    done.touch()
    files.put(done, f"{out.name}/{COMPLETE}")


def _iter_files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())
