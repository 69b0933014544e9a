"""Writes CSV: UTF-8, a header, lists and the parts of a dateline joined by "; ".

A spreadsheet would run some cells as formulas: those that begin with one of `= + - @`, their
full-width forms, a tab or a carriage return. Such a cell gets an apostrophe in front if it is text.
So does a cell that begins with apostrophes and then one of these characters. So removing one
apostrophe restores the text. Numbers do not change. Excel recognizes UTF-8 by a byte order mark,
which is optional.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Any

from storage.clean import format_utc
from storage.export.formats.columns import Column

SEPARATOR = "; "
DATELINE_PARTS = ("place", "date", "agency")
_FORMULA_START = re.compile("'*[=+\\-@\t\r＝＋－＠]")
_BOM = b"\xef\xbb\xbf"


def write(
    file: IO[bytes],
    columns: tuple[Column, ...],
    rows: Iterable[Mapping[str, Any]],
    *,
    bom: bool = False,
) -> int:
    """Writes a header and the rows. Returns the number of rows. `bom`: with a byte order mark."""
    row_count = 0
    if bom:
        file.write(_BOM)
    names = [column.name for column in columns]
    text_file = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text_file, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_format_cell(row[name]) for name in names])
        row_count += 1
    text_file.detach()
    return row_count


def escape_formula(cell: str) -> str:
    """Returns the cell in a form that no spreadsheet runs as a formula: see the module."""
    return f"'{cell}" if _FORMULA_START.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Returns the text that `escape_formula` made into this cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA_START.match(cell) else cell


def _format_cell(value: Any) -> str | int | float:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case str():
            return escape_formula(value)
        case datetime():
            return format_utc(value)
        case _:
            return escape_formula(join_parts(value))


def join_parts(value: Mapping[str, Any] | Iterable[Any]) -> str:
    """Returns a dateline or a list as one text, its parts separated by "; "."""
    if isinstance(value, Mapping):
        parts = (str(value.get(name) or "") for name in DATELINE_PARTS)
        return SEPARATOR.join(each.replace(SEPARATOR, ", ") for each in parts)
    return SEPARATOR.join(str(each) for each in value)
