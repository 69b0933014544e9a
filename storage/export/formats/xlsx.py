"""Writes XLSX, the workbooks of Excel: one sheet with a header that stays in view, and a filter.

All texts are cells of text: nothing in them becomes a formula or a link. Times are cells of time in
UTC, lists are joined by "; ". A cell holds 32,767 characters (UTF-16): a longer text is cut, and the
last column, `cut`, names the columns that were. A sheet holds 1,048,576 rows. Excel has no dates
before 1900: these are cells of text.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any

from dedup.temporary_folder import temporary_folder
from storage.errors import InvalidRequest
from storage.export.formats.columns import Column, ColumnKind
from storage.export.formats.csv_format import join_parts

MAX_CELL_CHARS = 32_767
MAX_ROWS = 1_048_575
"""Beside the header."""
CUT_COLUMN = "cut"
_FIRST_YEAR = 1900
"""Excel has no earlier dates: they are written as text."""
_MAX_BYTES_IN_MEMORY = 2**20
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""The same rows give the same bytes, so that the workbook does not say when it was made."""
_WIDTHS = {ColumnKind.TIME: 19, ColumnKind.NUMBER: 10, ColumnKind.FLAG: 8, ColumnKind.SHARE: 10}
_TEXT_WIDTH = 24
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
    "remove_timezone": True,
}


def write(file: IO[bytes], columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes a workbook. Returns the number of rows; memory does not grow with them.

    The sheet is kept in the folder for temporary files until it is complete. Raises InvalidRequest
    for more rows than a sheet holds.
    """
    # A workbook cannot be given up half written: where `file` has no room, only a copy of it fails.
    with (
        temporary_folder() as folder,
        tempfile.SpooledTemporaryFile(_MAX_BYTES_IN_MEMORY) as whole,
    ):
        row_count = _write_book(whole, columns, rows, str(folder))
        whole.seek(0)
        shutil.copyfileobj(whole, file)
    return row_count


def _write_book(
    file: Any, columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]], folder: str
) -> int:
    """Writes a whole workbook. `folder`: for its temporary files, which a failure may leave."""
    # Few exports need it, and each command would wait for its import.
    from xlsxwriter import Workbook

    book = Workbook(file, {**_OPTIONS, "tmpdir": folder})
    book.set_properties({"created": _CREATED})
    sheet = book.add_worksheet("nkwire")
    try:
        row_count = _fill_sheet(sheet, columns, rows, book.add_format({"bold": True}))
    except BaseException:
        with suppress(OSError):  # what is left in its buffer may find no room either
            sheet.row_data_fh.close()
        raise
    book.close()
    return row_count


def _fill_sheet(
    sheet: Any, columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]], bold: Any
) -> int:
    for number, column in enumerate(columns):
        sheet.set_column(number, number, _WIDTHS.get(column.kind, _TEXT_WIDTH))
        sheet.write_string(0, number, column.name, bold)
    sheet.write_string(0, len(columns), CUT_COLUMN, bold)
    sheet.freeze_panes(1, 0)
    row_count = 0
    for row_count, row in enumerate(_limited(rows), start=1):
        cut = [
            column.name
            for number, column in enumerate(columns)
            if _write_cell(sheet, row_count, number, row[column.name])
        ]
        if cut:
            sheet.write_string(row_count, len(columns), join_parts(cut))
    sheet.autofilter(0, 0, max(row_count, 1), len(columns))
    return row_count


def check_row_count(row_count: int) -> None:
    """Raises InvalidRequest for more rows than a sheet holds."""
    if row_count > MAX_ROWS:
        raise InvalidRequest(
            f"a sheet of XLSX holds {MAX_ROWS:,} rows, and there are more: narrow the"
            " selection, or choose CSV or Parquet"
        )


def _limited(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(rows, start=1):
        check_row_count(number)
        yield row


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> bool:
    """Writes one cell; returns whether its text was cut."""
    match value:
        case None | "":
            return False
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case datetime() if (at := value.astimezone(UTC)).year < _FIRST_YEAR:
            sheet.write_string(row, column, at.isoformat(sep=" "))
        case datetime():
            sheet.write_datetime(row, column, value.astimezone(UTC))
        case _:
            text = value if isinstance(value, str) else join_parts(value)
            shown = _fit(text)
            sheet.write_string(row, column, _as_text(shown))
            return shown != text
    return False


def _fit(text: str) -> str:
    """Returns what a cell holds of a text. Excel counts characters beyond U+FFFF twice."""
    if len(text) * 2 <= MAX_CELL_CHARS:
        return text
    return text.encode("utf-16-le", "replace")[: 2 * MAX_CELL_CHARS].decode("utf-16-le", "ignore")


def _as_text(text: str) -> str:
    # XlsxWriter takes a text between these for markup of its own, and writes it as it is.
    is_like_markup = text.startswith("<r>") and text.endswith("</r>")
    return f"{text[: MAX_CELL_CHARS - 1]} " if is_like_markup else text
