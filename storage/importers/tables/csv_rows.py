"""Reads rows of CSV (RFC 4180) in constant memory, whatever a quotation mark left open swallows."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import TextIO, TypeAlias

from storage.importers.jsonl_reader import too_large

OPEN_QUOTE = "a quotation mark is left open"
UNFIT_QUOTES = "its quotation marks do not fit"

CsvRow: TypeAlias = dict[str, str]

_MAX_PROBED_LINES = 50
_ADDRESS_STARTS = ("http://", "https://")


def iter_rows(
    file: TextIO, max_chars: int, separator: str = ","
) -> Iterator[tuple[int, CsvRow | str]]:
    """Yields each row below the header by the header's names, or why it is none.

    Each comes with the number of its first line, from 1. Empty lines are left out. A row without
    quotation marks may have fewer cells than the header, but none may have more. If a quotation
    mark is left open, only its own row is lost: reading goes on at the next line that is a row
    itself. Of a header that is too large, only the reason is yielded. Raises csv.Error and what
    reading `file` raises.
    """
    csv.field_size_limit(max(max_chars, csv.field_size_limit()))
    lines = _RowLines(file, max_chars, separator)
    names: list[str] = []
    is_done = False
    while not is_done:
        is_done = True
        for cells in csv.reader(lines, delimiter=separator):
            row = lines.take_row()
            if not names:
                if row.is_too_large:
                    yield row.number, too_large(max_chars)
                    return
                names = cells
                lines.width = len(names)
            elif not cells and not row.is_too_large:
                continue
            else:
                checked = lines.check(row, cells)
                if not isinstance(checked, str):
                    yield row.number, dict(zip(names, checked, strict=False))
                    continue
                yield row.number, checked
                if checked == OPEN_QUOTE:
                    lines.push_back(row)
                    is_done = False  # the reader may have met the end, so another one goes on
                    break


@dataclass(frozen=True, slots=True)
class _Row:
    """The lines that the reader took for one row. Of one that is too large only the first ones.

    `number`: of its first line. `is_cut`: the file ended within it, or it swallows other rows.
    """

    number: int
    lines: list[str]
    is_too_large: bool
    is_cut: bool


class _RowLines:
    """The lines of a file. Of a row that is too large only its quotation marks are left.

    `width`: the number of cells of the header, 0 before it is known.
    """

    def __init__(self, file: TextIO, max_chars: int, separator: str) -> None:
        self.width = 0
        self._file = file
        self._max_chars = max_chars
        self._separator = separator
        self._waiting: deque[str] = deque()
        self._next_number = 1
        self._start_row()

    def take_row(self) -> _Row:
        """Returns the row that the reader just finished."""
        row = _Row(self._first_number, self._lines, self._chars > self._max_chars, self._is_cut)
        self._start_row()
        return row

    def push_back(self, row: _Row) -> None:
        """Has the lines of a row read again, from the first below its first that is a row itself."""
        rest = list(dropwhile(lambda line: not self._is_row(line, row.lines[0]), row.lines[1:]))
        self._waiting.extendleft(reversed(rest))
        self._next_number -= len(rest)
        self._first_number = self._next_number

    def check(self, row: _Row, cells: list[str]) -> list[str] | str:
        """Returns the cells of a row, or why it is none.

        A row of one line may have marks that stand for themselves: `1,"So" said Kim,text`.
        """
        if row.is_cut:
            return OPEN_QUOTE
        if row.is_too_large:
            return too_large(self._max_chars)
        fits = len(cells) == self.width
        has_marks = any('"' in line for line in row.lines)
        if has_marks and not (fits and self._is_strict(row.lines)):
            if self._has_swallowed(row.lines):
                return OPEN_QUOTE
            if not self._is_strict(row.lines):
                literal = self._split_literally(row.lines)
                return literal if len(literal) == self.width else UNFIT_QUOTES
        if any(cells[self.width :]) or (has_marks and len(cells) < self.width):
            return f"wrong number of cells: {len(cells):,} below {self.width:,} columns"
        return cells

    def __iter__(self) -> Iterator[str]:
        while line := self._next_line():
            self._chars += len(line)
            if self._chars <= self._max_chars:
                self._lines.append(line)
                self._next_number += 1
                yield line
            elif self._lines and self._has_swallowed(self._lines):
                self._waiting.appendleft(line)
                self._is_cut = True
                return
            else:
                self._next_number += 1
                # A mark within a cell that has none around it counts as well: such rows are rare.
                yield '"\n' if self._count_marks(line) % 2 else "\n"
        self._is_cut = bool(self._lines) and self._chars <= self._max_chars

    def _start_row(self) -> None:
        self._first_number, self._chars, self._is_cut = self._next_number, 0, False
        self._lines: list[str] = []

    def _next_line(self) -> str:
        if self._waiting:
            return self._waiting.popleft()
        return self._file.readline(self._max_chars + 1)

    def _has_swallowed(self, lines: Sequence[str]) -> bool:
        """Whether lines below the first one are rows themselves: one with an address, or most."""
        probed = [line for line in lines[1 : _MAX_PROBED_LINES + 1] if line.strip()]
        rows = sum(self._is_row(line, lines[0]) for line in probed)
        return bool(rows) and (bool(self._addresses(lines[0])) or 2 * rows >= len(probed))

    def _is_row(self, line: str, first: str) -> bool:
        """Whether a line is a row: as many cells as the header, addresses where `first` has them."""
        cells = self._split(line)
        is_complete = self.width > 1 and len(cells) == self.width
        return is_complete and self._addresses(first) <= self._addresses(line)

    def _addresses(self, line: str) -> set[int]:
        return {
            place
            for place, cell in enumerate(self._split(line))
            if cell.startswith(_ADDRESS_STARTS)
        }

    def _split(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._separator), [])
        except csv.Error:
            return []

    def _is_strict(self, lines: Sequence[str]) -> bool:
        """Whether these are one whole row whose quotation marks stand as RFC 4180 says."""
        try:
            return len(list(csv.reader(lines, delimiter=self._separator, strict=True))) == 1
        except csv.Error:
            return False

    def _split_literally(self, lines: Sequence[str]) -> list[str]:
        """Returns the cells of a single line whose marks only matter around a whole cell.

        There are none if a cell has an odd number of marks: it may be the half of one.
        """
        if len(lines) != 1:
            return []
        cells = next(csv.reader(lines, delimiter=self._separator, quoting=csv.QUOTE_NONE), [])
        if any(cell.count('"') % 2 for cell in cells):
            return []
        return [_unquote(cell) for cell in cells]

    def _count_marks(self, line: str) -> int:
        """Returns how many quotation marks a line has, and reads the rest of it."""
        marks = line.count('"')
        while line and line[-1] not in "\r\n":
            line = self._file.readline(self._max_chars + 1)
            self._chars += len(line)
            marks += line.count('"')
        return marks


def _unquote(cell: str) -> str:
    is_quoted = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return cell[1:-1].replace('""', '"') if is_quoted else cell
