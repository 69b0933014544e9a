"""Reads files of CSV and TSV in the encoding and with the separator that they have."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.importers.decompression import decompression_errors, open_decompressed
from storage.importers.earlier_versions import NumberedRows
from storage.importers.field_names import count_known
from storage.importers.foreign_rows import from_csv
from storage.importers.jsonl_reader import MAX_ROW_BYTES, BadLine
from storage.importers.tables.csv_rows import iter_rows
from storage.importers.tables.encodings import (
    HEAD_BYTES,
    UNREADABLE,
    find_encoding,
    strict_errors,
    take_sample,
)
from storage.importers.tables.form import (
    TableForm,
    TableOptions,
    TableRefused,
    check_columns,
    separator_name,
)

OWN_FORM = TableForm("utf-8-sig", ",", ())
"""Of the companions of an export of nkwire."""

_SEPARATORS = (",", ";", "\t", "|")
# Excel writes and reads such a line before the header.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_SHOWN_ENCODINGS = {"utf-8-sig": "UTF-8"}


def read_csv_rows(
    path: Path, progress: ProgressCallback | None, options: TableOptions
) -> NumberedRows:
    """Yields the rows of articles with the numbers of their lines.

    Raises TableRefused, before any row, if the encoding is not recognised or the columns are not
    those of articles, and OSError if the file cannot be read.
    """
    try:
        form = find_form(path, options)
    except decompression_errors() as error:
        yield 1, BadLine(1, f"the file is damaged from here on: {error}")
        return
    if form is not None:
        yield from read_rows_in_form(path, progress, form)


def read_rows_in_form(
    path: Path, progress: ProgressCallback | None, form: TableForm
) -> NumberedRows:
    """Yields the rows of a file whose form is known. Raises OSError if it cannot be read."""
    total = path.stat().st_size
    number = form.first_line
    failures: tuple[type[Exception], ...] = (csv.Error, *decompression_errors())
    with path.open("rb") as raw, open_decompressed(raw) as file:
        text = io.TextIOWrapper(file, encoding=form.encoding, errors=strict_errors(), newline="")
        try:
            for _ in range(form.first_line - 1):
                text.readline(HEAD_BYTES)
            rows = iter_rows(text, MAX_ROW_BYTES, form.separator)
            for count, (line, row) in enumerate(rows, start=1):
                number = line + form.first_line - 1
                if progress and count % ROWS_PER_BATCH == 0:
                    progress(raw.tell(), total)
                if isinstance(row, str):
                    yield number, BadLine(number, row)
                elif any(UNREADABLE in cell for cell in row.values()):
                    yield number, BadLine(number, f"not {shown_encoding(form.encoding)}")
                else:
                    yield number, from_csv(row)
        except failures as error:
            yield number + 1, BadLine(number + 1, f"the file is damaged from here on: {error}")


def find_form(path: Path, options: TableOptions) -> TableForm | None:
    """Returns the form of a file of articles; None for an empty file.

    Of a damaged compressed file, the readable beginning counts. Raises TableRefused, with the
    columns, the separator and the encoding found, OSError if the file cannot be read, and one of
    `decompression_errors` if nothing of it can be decompressed.
    """
    with path.open("rb") as raw, open_decompressed(raw) as file:
        sample = take_sample(_iter_blocks(file))
    if not sample.strip():
        return None
    encoding = options.encoding or find_encoding(sample)
    if not encoding:
        columns = _find_columns(sample.decode("ascii", "replace"), options, path)
        raise TableRefused(
            f"{path}: the encoding is not recognised: name it with --encoding, for example cp949;"
            f" found the columns {', '.join(columns.columns)}"
            f" (separator {separator_name(columns.separator)})"
        )
    head = sample[:HEAD_BYTES].decode(encoding, strict_errors())
    form = _find_columns(head, options, path, encoding)
    found = f"separator {separator_name(form.separator)}, encoding {shown_encoding(encoding)}"
    check_columns(str(path), form.columns, found)
    return form


def shown_encoding(encoding: str) -> str:
    """Returns the name of an encoding for people."""
    return _SHOWN_ENCODINGS.get(encoding, encoding)


def _iter_blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yields blocks of 64 KiB, up to the end or the damage. Raises if there is no byte before it."""
    is_empty, failure = True, None
    while failure is None:
        block = b""
        try:
            # `read` would lose what comes before the damage.
            while piece := file.read1(HEAD_BYTES - len(block)):  # type: ignore[attr-defined]
                block += piece
        except decompression_errors() as error:
            failure = error
        if not block:
            break
        is_empty = False
        yield block
    if failure and is_empty:
        raise failure


def _find_columns(head: str, options: TableOptions, path: Path, encoding: str = "") -> TableForm:
    """Returns the form with the separator by which the most names of columns are known.

    `head`: the decoded beginning of the file.
    """
    first_line = 1
    stated = _SEPARATOR_LINE.match(head.lstrip("\ufeff"))
    separators: tuple[str, ...] = (options.separator,) if options.separator else _SEPARATORS
    if stated:
        first_line = 2
        head = head[head.index(stated[0]) + len(stated[0]) :]
        separators = (options.separator or stated[1],)
    elif ".tsv" in (suffix.lower() for suffix in path.suffixes) and not options.separator:
        separators = ("\t", *(each for each in _SEPARATORS if each != "\t"))
    by_separator = {each: _first_row(head, each) for each in separators}
    best = max(
        separators, key=lambda each: (count_known(by_separator[each]), len(by_separator[each]))
    )
    return TableForm(encoding, best, tuple(by_separator[best]), first_line)


def _first_row(head: str, separator: str) -> list[str]:
    try:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        return next((cells for cells in rows if cells), [])
    except csv.Error:
        return []
