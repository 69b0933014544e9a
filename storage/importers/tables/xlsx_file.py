"""Reads workbooks of Excel (.xlsx) row by row with openpyxl, which computes no formulas.

All visible sheets that have the columns of articles are read; hidden ones are not. Sizes are
checked in the directory of the file before anything is unpacked: openpyxl keeps all texts of the
workbook in memory, and a reader of a zip file stops at the size that the directory states.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from zipfile import BadZipFile, ZipFile

from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.export.formats.xlsx import CUT_COLUMN
from storage.importers.earlier_versions import NumberedRows, Row
from storage.importers.field_names import has_needed_fields
from storage.importers.foreign_rows import from_cells, from_parquet
from storage.importers.jsonl_reader import BadLine
from storage.importers.tables.form import MAX_COLUMNS, TableOptions, TableRefused, check_columns

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_SHEET_BYTES = 2**30
MAX_TEXTS_BYTES = 2**28
"""Of the texts of all cells, which a workbook holds in one part and which memory has to hold."""

MAX_OTHER_BYTES = 2**24
_MAX_PARTS = 10_000
_MAX_PACKING = 200
_MIN_BYTES_OF_BOMB = 2**24
_MAX_ROWS = 1_048_576
_MAX_HEADER_ROW = 20
_SHEETS, _TEXTS = "xl/worksheets/", "xl/sharedStrings.xml"
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
# So the format writes control characters, and the line that begins such an escape.
_ESCAPED = re.compile(r"_x00([01][0-9A-Fa-f]|5F)_")

Cells: TypeAlias = tuple[Any, ...]
NumberedCells: TypeAlias = Iterator[tuple[int, Cells]]


def read_xlsx_rows(
    path: Path, progress: ProgressCallback | None, options: TableOptions | None
) -> NumberedRows:
    """Yields the rows of the sheets of articles with their numbers in the sheet.

    `options`: None for a table that has no articles, whose columns may be any. Raises TableRefused
    if no sheet has the columns of articles, or the file is too large or no workbook, and OSError if
    it cannot be read.
    """
    with _open_book(path) as book:
        tables, refusal = 0, None
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            rows = _iter_filled(sheet)
            number = 0
            try:
                head = list(islice(rows, _MAX_HEADER_ROW))
                place = _find_header(head) if options is not None else 0 if head else None
                if place is None:
                    refusal = refusal or _describe(path, sheet.title, head)
                    continue
                tables += 1
                names = _names(head[place][1])
                for number, cells in chain(head[place + 1 :], rows):
                    if progress and number % ROWS_PER_BATCH == 0:
                        progress(number, max(number, sheet.max_row or 0))
                    yield number, _to_row(number, names, cells)
            except Exception as error:  # noqa: BLE001 - parts of a hostile workbook raise any
                _raise_of_disk(error)
                tables += 1
                reason = f"not a sound workbook from here on: {_line(error)}"
                yield number + 1, BadLine(number + 1, reason)
        if not tables and options is not None:
            check_columns(*(refusal or (str(path), (), "a workbook without rows")))


@contextmanager
def _open_book(path: Path) -> "Iterator[Workbook]":
    """Opens a workbook; its values are those that Excel computed last."""
    from openpyxl import load_workbook

    _check_sizes(path)
    try:
        with _no_warnings():
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # as above
        _raise_of_disk(error)
        raise TableRefused(f"{path}: not a sound workbook: {_line(error)}") from error
    try:
        yield book
    finally:
        book.close()


def _check_sizes(path: Path) -> None:
    try:
        with ZipFile(path) as packed:
            parts = packed.infolist()
    # NotImplementedError: the directory asks for a later version of the zip format.
    except (BadZipFile, ValueError, NotImplementedError) as error:
        with path.open("rb") as file:
            is_old = file.read(4) == _OLD_FORMAT
        cause = "an old .xls, or one with a password: save it as .xlsx or CSV"
        raise TableRefused(
            f"{path}: not a workbook: {cause if is_old else _line(error)}"
        ) from error
    for part in parts:
        is_sheet = part.filename.startswith(_SHEETS)
        limit = MAX_SHEET_BYTES if is_sheet else MAX_TEXTS_BYTES
        if not is_sheet and part.filename != _TEXTS and part.filename.endswith((".xml", ".rels")):
            limit = MAX_OTHER_BYTES
        is_bomb = part.file_size > max(_MIN_BYTES_OF_BOMB, part.compress_size * _MAX_PACKING)
        if part.file_size > limit or is_bomb:
            raise TableRefused(
                f"{path}: {part.filename} has {part.file_size >> 20:,} MB, too much for a workbook:"
                " save the sheet as CSV"
            )
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > 2 * MAX_SHEET_BYTES:
        raise TableRefused(f"{path}: too large for a workbook: save the sheet as CSV")


def _iter_filled(sheet: Any) -> NumberedCells:
    """Yields the rows that are not empty with their numbers."""
    sheet.reset_dimensions()  # some programs state wrong ones
    rows = enumerate(sheet.iter_rows(values_only=True, max_row=_MAX_ROWS), start=1)
    filled = (row for row in rows if any(each is not None for each in row[1]))
    while True:
        with _no_warnings():
            row = next(filled, None)
        if row is None:
            return
        yield row


@contextmanager
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():  # openpyxl warns of what it leaves out, such as drawings
        warnings.simplefilter("ignore")
        yield


def _find_header(head: Sequence[tuple[int, Cells]]) -> int | None:
    """Returns the place of the header: titles and notes may stand above it."""
    return next((i for i, (_, cells) in enumerate(head) if has_needed_fields(_names(cells))), None)


def _describe(
    path: Path, title: str, head: Sequence[tuple[int, Cells]]
) -> tuple[str, list[str], str]:
    names = _names(head[0][1]) if head else []
    return str(path), [each for each in names if each], f"sheet {title!r}"


def _names(cells: Cells) -> list[str]:
    return ["" if each is None else str(each) for each in cells[:MAX_COLUMNS]]


def _to_row(number: int, names: Sequence[str], cells: Cells) -> Row | BadLine:
    values = {name: _to_value(each) for name, each in zip(names, cells, strict=False) if name}
    row = from_cells(from_parquet(values))
    if row.get("content_sha256") and row.get(CUT_COLUMN):
        return BadLine(number, f"cut because a cell was too small: {row[CUT_COLUMN]}")
    return row


def _to_value(cell: Any) -> Any:
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, str) and "_x" in cell:
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    return cell


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


def _raise_of_disk(error: Exception) -> None:
    if isinstance(error, TableRefused | MemoryError) or (
        isinstance(error, OSError) and error.errno
    ):
        raise error
