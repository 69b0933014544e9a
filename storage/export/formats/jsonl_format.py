"""JSON lines: UTF-8, one object a line, instants as `2026-07-19T01:30:00Z`."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson

from storage.export.formats.columns import Column

_ORJSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


def write(file: IO[bytes], columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write the rows with their values under the columns' names; returns how many."""
    done = 0
    for row in rows:
        file.write(orjson.dumps(row, option=_ORJSON_OPTIONS))
        done += 1
    return done
