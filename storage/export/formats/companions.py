"""The files that go beside an export of one table: its edits, changes of state and gaps.

Of `corpus.jsonl.gz` they are `corpus.changes.jsonl.gz`, `corpus.states.jsonl.gz`, `corpus.gaps.jsonl.gz`.
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
    """Write those of `chronicle.TABLES` that have rows, by `how`; the files written.

    An empty one only takes the place of what an earlier export left there. `pages`: `out` is a WARC
    file, which has no rows; JSON lines go beside it.
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
    """`corpus.gaps.csv` beside `corpus.csv`; with another ending for a file that has no rows."""
    packing = out.suffix if out.suffix in _COMPRESSION_SUFFIXES else ""
    whole = out.name.removesuffix(packing)
    stem, dot, last = whole.rpartition(".")
    if not stem:
        stem, last = whole, ""
    return out.with_name(f"{stem}.{table}{ending or (dot + last if last else '')}{packing}")


def is_companion(path: Path) -> bool:
    """Whether a file goes beside an export that is there, and so holds no articles."""
    for table in HISTORY_TABLES:
        before, mark, after = path.name.rpartition(f".{table}.")
        if mark:
            beside = (f"{before}.{after}", f"{before}.warc.gz", f"{before}.warc")
            return any(path.with_name(name).exists() for name in beside)
    return False
