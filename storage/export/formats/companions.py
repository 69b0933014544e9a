"""Writes the companion files of an export of one table: versions, changes, states and gaps.

Those of `corpus.jsonl.gz` are `corpus.versions.jsonl.gz`, `corpus.changes.jsonl.gz`,
`corpus.states.jsonl.gz` and `corpus.gaps.jsonl.gz`.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from storage.export.formats import jsonl_format as lines
from storage.export.formats import output_files as target
from storage.export.formats.columns import Column
from storage.export.formats.history_tables import HISTORY_TABLES

Rows = Iterable[Mapping[str, Any]]
TableWriter = Callable[[IO[bytes], tuple[Column, ...], Rows], int]

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
    if out.is_fifo() or out.is_char_device():
        return []
    done = []
    for name, rows in tables.items():
        path = companion_path(out, name, ".jsonl" if is_warc else "")
        some = iter(rows)
        first = list(islice(some, 1))
        if first or path.exists():
            with target.open_output(path) as file:
                (lines.write if is_warc else writer)(file, HISTORY_TABLES[name], chain(first, some))
            done.append(path)
    return done


def companion_path(out: Path, table: str, ending: str = "") -> Path:
    """Returns the path of a companion file: `corpus.gaps.csv` for `corpus.csv`.

    `ending`: the extension to use instead, such as `.jsonl`. A compression suffix of `out` is kept.
    """
    packing = out.suffix if out.suffix in _COMPRESSION_SUFFIXES else ""
    whole = out.name.removesuffix(packing)
    stem, dot, last = whole.rpartition(".")
    if not stem:
        stem, last = whole, ""
    return out.with_name(f"{stem}.{table}{ending or (dot + last if last else '')}{packing}")


def is_companion(path: Path) -> bool:
    """Returns whether a file is the companion of an existing export, and so has no articles."""
    for table in HISTORY_TABLES:
        before, mark, after = path.name.rpartition(f".{table}.")
        if mark:
            beside = (f"{before}.{after}", f"{before}.warc.gz", f"{before}.warc")
            return any(path.with_name(name).exists() for name in beside)
    return False
