"""The files that go beside an export of one table: its edits, changes of state and gaps.

Of `corpus.jsonl.gz` they are `corpus.changes.jsonl.gz`, `corpus.states.jsonl.gz`, `corpus.gaps.jsonl.gz`.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from storage.export.formats import lines, target
from storage.export.formats.chronicle import TABLES
from storage.export.formats.columns import Column

Rows = Iterable[Mapping[str, Any]]
Write = Callable[[IO[bytes], tuple[Column, ...], Rows], int]

_PACKED = (".gz", ".zst")


def write(out: Path, tables: Mapping[str, Rows], *, pages: bool, how: Write) -> list[Path]:
    """Write those of `chronicle.TABLES` that have rows, by `how`; the files written.

    An empty one only takes the place of what an earlier export left there. `pages`: `out` is a WARC
    file, which has no rows; JSON lines go beside it.
    """
    if out.is_fifo() or out.is_char_device():
        return []
    done = []
    for name, rows in tables.items():
        path = companion(out, name, ".jsonl" if pages else "")
        some = iter(rows)
        first = list(islice(some, 1))
        if first or path.exists():
            with target.opened(path) as file:
                (lines.write if pages else how)(file, TABLES[name], chain(first, some))
            done.append(path)
    return done


def companion(out: Path, table: str, ending: str = "") -> Path:
    """`corpus.gaps.csv` beside `corpus.csv`; with another ending for a file that has no rows."""
    packing = out.suffix if out.suffix in _PACKED else ""
    whole = out.name.removesuffix(packing)
    stem, dot, last = whole.rpartition(".")
    if not stem:
        stem, last = whole, ""
    return out.with_name(f"{stem}.{table}{ending or (dot + last if last else '')}{packing}")


def is_companion(path: Path) -> bool:
    """Whether a file goes beside an export that is there, and so holds no articles."""
    for table in TABLES:
        before, mark, after = path.name.rpartition(f".{table}.")
        if mark:
            beside = (f"{before}.{after}", f"{before}.warc.gz", f"{before}.warc")
            return any(path.with_name(name).exists() for name in beside)
    return False
