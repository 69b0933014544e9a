"""Fits a table to a terminal. Nothing is cut: columns are left out, cells wrap. No I/O."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

GAP = 2
TEXT_WIDTHS = (24, 12)
"""A column of text keeps the first width while columns can be left out, then the second."""
_MAX_WORD = 36
"""A longer word, such as an address, breaks where the column ends."""
_MARKS = ">~"
_SEPARATOR = " " * GAP


class ColumnWidths(NamedTuple):
    """The width that a column needs: of a text its longest word, of others their widest cell."""

    least: int
    natural: int
    is_text: bool = False

    def with_text(self, width: int) -> int:
        """Returns the least width where texts get this width if they can use it."""
        return min(self.natural, max(self.least, width)) if self.is_text else self.least


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as texts of one line each. `columns`: names with their marks (see `print_table`)."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def headings(self) -> list[str]:
        """The names of the columns without their marks."""
        return [name.lstrip(_MARKS) for name in self.columns]

    def natural_width(self, column: int) -> int:
        """Returns the width in which no cell of a column wraps."""
        return max(cell_len(self.headings[column]), self._widest_cell(column))

    def measure(self, column: int) -> "ColumnWidths":
        """Returns the widths of a column: only texts and headings wrap."""
        if self.columns[column].startswith("~"):
            return ColumnWidths(
                self._longest_name(column), self.natural_width(column), is_text=True
            )
        words = self.headings[column].split()
        least = max(self._widest_cell(column), *map(cell_len, words), 0)
        return ColumnWidths(least, self.natural_width(column))

    def _longest_name(self, column: int) -> int:
        """Returns the width of the longest word that does not break."""
        words = (word for row in self.rows for word in row[column].split())
        widths = (cell_len(word) for word in words if not any(map(_breaks_anywhere, word)))
        return max((width for width in widths if width <= _MAX_WORD), default=0)

    def _widest_cell(self, column: int) -> int:
        return max((cell_len(row[column]) for row in self.rows), default=0)


def _breaks_anywhere(letter: str) -> bool:
    """Returns whether a line may end after this letter: after Han and kana, not after Hangul."""
    return letter > "\u2e7f" and not "\uac00" <= letter <= "\ud7a3"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The columns (by number) that fit, and their widths. None fit: each row is a block of lines."""

    widths: dict[int, int]
    left_out: tuple[str, ...] = ()


def format_plain(cells: Cells) -> str:
    """Returns the table for a pipe: aligned, each row one line of any length."""
    rows = [cells.headings, *cells.rows]
    widths = [cells.natural_width(column) for column in range(len(cells.columns))]
    aligns = [name.startswith(">") for name in cells.columns]
    lines = (
        _SEPARATOR.join(
            " " * (width - cell_len(cell)) + cell
            if is_right
            else cell + " " * (width - cell_len(cell))
            for cell, width, is_right in zip(row, widths, aligns, strict=True)
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def fit_columns(cells: Cells, width: int, drops: Sequence[str]) -> Fitted:
    """Chooses the columns that a terminal of this width shows, and how wide each is.

    `drops`: the columns that may be left out, the least important first.
    """
    droppable = [name for name in drops if name in cells.headings]
    needs = [cells.measure(column) for column in range(len(cells.columns))]
    for text_width in TEXT_WIDTHS:
        for number in range(len(droppable) + 1):
            left_out = droppable[:number]
            kept = [column for column, name in enumerate(cells.headings) if name not in left_out]
            available = width - GAP * (len(kept) - 1)
            least = {column: needs[column].with_text(text_width) for column in kept}
            if sum(least.values()) <= available:
                natural = {column: needs[column].natural for column in kept}
                return Fitted(_share(least, natural, available), tuple(left_out))
    return Fitted({})


def make_table(cells: Cells, fitted: Fitted) -> Table:
    """Returns the table for a terminal, with the columns that fit."""
    if not fitted.widths:
        return _make_blocks(cells)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for column, width in fitted.widths.items():
        is_number = cells.columns[column].startswith(">")
        table.add_column(
            cells.headings[column],
            justify="right" if is_number else "left",
            width=width,
            overflow="fold",
        )
    for row in cells.rows:
        table.add_row(*(Text(row[column]) for column in fitted.widths))
    return table


def _share(least: dict[int, int], natural: dict[int, int], available: int) -> dict[int, int]:
    """Shares the width that is left: columns that need little get all they need, others the same."""
    widths = dict(least)
    spare = available - sum(widths.values())
    wanting = sorted(widths, key=lambda column: natural[column] - least[column])
    for number, column in enumerate(wanting):
        given = min(natural[column] - least[column], spare // (len(wanting) - number))
        widths[column] += given
        spare -= given
    return widths


def _make_blocks(cells: Cells) -> Table:
    """Returns each row as a block: a line for each column that has a value, then an empty line."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for number, row in enumerate(cells.rows):
        if number:
            table.add_row("", "")
        for heading, cell in zip(cells.headings, row, strict=True):
            if heading or cell.strip():
                table.add_row(Text(heading), Text(cell))
    return table


def describe_left_out(names: Collection[str]) -> str:
    """Returns the line that says which columns are not shown."""
    return f"too narrow for {', '.join(names)}: --json or a wider terminal shows them"
