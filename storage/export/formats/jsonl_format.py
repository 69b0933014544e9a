"""Writes JSON lines: UTF-8, one object on each line, times as `2026-07-19T01:30:00Z`."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson

from storage.export.formats.columns import Column

_ORJSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


def write(file: IO[bytes], columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes each row as an object. Returns the number of rows.

    `columns` is unused: the keys of the rows are the names. Other formats need it.
    """
    row_count = 0
    for row in rows:
        file.write(orjson.dumps(row, option=_ORJSON_OPTIONS))
        row_count += 1
    return row_count
