"""Writes the companion files of an export of one table: versions, changes, states and gaps.

Those of `corpus.jsonl.gz` are `corpus.versions.jsonl.gz`, `corpus.changes.jsonl.gz`,
`corpus.states.jsonl.gz` and `corpus.gaps.jsonl.gz`.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from storage.export.formats import jsonl_format, output_files
from storage.export.formats.columns import Column
from storage.export.formats.history_tables import HISTORY_TABLES

Rows = Iterable[Mapping[str, Any]]
TableWriter = Callable[[IO[bytes], tuple[Column, ...], Rows], int]

PARTITIONED = "_"
"""The name of the companions of a partitioned folder: readers of the folder skip `_` files."""
_OUTLET = "outlet="
_COMPRESSION_SUFFIXES = (".gz", ".zst")


def write_companions(
    out: Path, tables: Mapping[str, Rows], *, is_warc: bool, writer: TableWriter
) -> list[Path]:
    """Writes the companion files of the export `out`. Returns their paths.

    `tables`: rows by the names in `HISTORY_TABLES`. A table without rows is written only to replace
    the file of an earlier export. `is_warc`: `out` is a WARC file, so its companions are JSON lines
    and `writer` is unused. A FIFO or a device has no companions. Raises CannotWrite if a file
    cannot be written.
    """
    if output_files.is_stream(out):
        return []
    written = []
    for name, rows in tables.items():
        path = companion_path(out, name, ".jsonl" if is_warc else "")
        row_iterator = iter(rows)
        first_rows = list(islice(row_iterator, 1))
        if first_rows or path.exists():
            with output_files.open_output(path) as file:
                (jsonl_format.write if is_warc else writer)(
                    file, HISTORY_TABLES[name], chain(first_rows, row_iterator)
                )
            written.append(path)
    return written


def companion_path(out: Path, table: str, ending: str = "") -> Path:
    """Returns the path of a companion file: `corpus.gaps.csv` for `corpus.csv`.

    `ending`: the extension to use instead, such as `.jsonl`. A compression suffix of `out` is kept.
    """
    compression = out.suffix if out.suffix.lower() in _COMPRESSION_SUFFIXES else ""
    name = out.name.removesuffix(compression)
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, extension = name, ""
    return out.with_name(
        f"{stem}.{table}{ending or (dot + extension if extension else '')}{compression}"
    )


def partition_companion_path(file: Path, table: str) -> Path | None:
    """Returns the path of the companion for a file of a partitioned export; None for others."""
    if partition_outlet(file) is None:
        return None
    return file.parents[2] / f"{PARTITIONED}.{table}{file.suffix}"


def partition_outlet(file: Path) -> str | None:
    """Returns the outlet in the path of a file of a partitioned export; None for other files."""
    folder = file.parent.parent.name
    return unquote(folder.removeprefix(_OUTLET)) if folder.startswith(_OUTLET) else None


def is_companion(path: Path) -> bool:
    """Returns whether a file is the companion of an existing export, and so has no articles.

    Those of a partitioned export lie in its folder and need no file beside them.
    """
    for table in HISTORY_TABLES:
        stem, separator, extension = path.name.rpartition(f".{table}.")
        if stem == PARTITIONED and separator:
            return True
        if separator:
            export_names = (f"{stem}.{extension}", f"{stem}.warc.gz", f"{stem}.warc")
            return any(path.with_name(name).exists() for name in export_names)
    return False
