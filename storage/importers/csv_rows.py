"""Reads rows of CSV (RFC 4180) in constant memory, whatever a quotation mark left open swallows."""

import csv
from collections.abc import Iterator
from typing import TextIO


def iter_rows(file: TextIO, max_chars: int) -> Iterator[dict[str, str] | None]:
    """Yields each row below the header by the header's names; None for one of over `max_chars`.

    Cells beyond the header are left out, and so are names without a cell, and empty lines. Nothing
    comes of a header that is too large, but None. Raises csv.Error and what reading `file` raises.
    """
    csv.field_size_limit(max(max_chars, csv.field_size_limit()))
    lines = _RowLines(file, max_chars)
    names: list[str] | None = None
    for cells in csv.reader(lines):
        is_too_large = lines.begin_row()
        if names is None:
            if is_too_large:
                yield None
                return
            names = cells
        elif is_too_large:
            yield None
        elif cells:
            yield dict(zip(names, cells, strict=False))


class _RowLines:
    """The lines of a file. Of a row that is too large only its quotation marks are left."""

    def __init__(self, file: TextIO, max_chars: int) -> None:
        self._file = file
        self._max_chars = max_chars
        self._row_chars = 0

    def begin_row(self) -> bool:
        """Returns whether the row before was too large."""
        is_too_large = self._row_chars > self._max_chars
        self._row_chars = 0
        return is_too_large

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(self._max_chars + 1):
            self._row_chars += len(line)
            if self._row_chars <= self._max_chars:
                yield line
            else:
                # A mark within a cell that has none around it counts as well: such rows are rare.
                yield '"\n' if self._count_marks(line) % 2 else "\n"

    def _count_marks(self, line: str) -> int:
        """Returns how many quotation marks a line has, and reads the rest of it."""
        marks = line.count('"')
        while line and line[-1] not in "\r\n":
            line = self._file.readline(self._max_chars + 1)
            self._row_chars += len(line)
            marks += line.count('"')
        return marks
