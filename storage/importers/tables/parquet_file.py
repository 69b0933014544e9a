"""Reads Parquet in constant memory."""

from pathlib import Path
from typing import Any

from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.export.formats import parquet
from storage.export.formats.companions import partition_outlet
from storage.importers.earlier_versions import NumberedRows
from storage.importers.foreign_rows import from_parquet
from storage.importers.jsonl_reader import MAX_ROW_BYTES, BadLine, too_large
from storage.importers.tables.form import (
    MAX_COLUMNS,
    TableOptions,
    TableRefused,
    check_columns,
)
from storage.wording.numbers import format_count

_MAX_BATCH_BYTES = 16 * 2**20


def read_parquet_rows(
    path: Path, progress: ProgressCallback | None, options: TableOptions | None
) -> NumberedRows:
    """Yields the rows of a file with their numbers from 1.

    `options`: None for a table that has no articles, whose columns may be any. Raises TableRefused
    if the columns are not those of articles, OSError if the file cannot be read, and MissingLibrary
    if pyarrow is not installed.
    """
    arrow = parquet.import_pyarrow()
    outlet = partition_outlet(path)
    number = 0
    try:
        with arrow.parquet.ParquetFile(path) as file:
            total = file.metadata.num_rows
            if reason := _reason_against(file.metadata, path.stat().st_size):
                yield 1, BadLine(1, reason)
                return
            if options is not None:
                check_columns(str(path), file.schema_arrow.names, "Parquet")
            for batch in file.iter_batches(_rows_at_once(file.metadata)):
                for row in batch.to_pylist():
                    number += 1
                    if any(
                        isinstance(each, str) and len(each) > MAX_ROW_BYTES for each in row.values()
                    ):
                        yield number, BadLine(number, too_large(MAX_ROW_BYTES))
                        continue
                    yield number, from_parquet(row if outlet is None else {"outlet": outlet, **row})
                if progress:
                    progress(number, total)
    except TableRefused:
        raise
    except (arrow.ArrowException, OSError, ValueError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # of the disk; damaged pages come without a number
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        yield number + 1, BadLine(number + 1, f"not a sound Parquet file from here on: {reason}")


def _reason_against(metadata: Any, size: int) -> str:
    """Returns why a Parquet file can hold no articles, by its metadata; "" if it may.

    Each article has an address of its own, which takes more than a byte however it is packed.
    """
    if metadata.num_columns > MAX_COLUMNS:
        return f"a table of {metadata.num_columns:,} columns: at most {MAX_COLUMNS:,} are read"
    if metadata.num_rows > size:
        return f"{format_count(metadata.num_rows, 'row')} in {size:,} bytes: they are equal, so no articles"
    return ""


def _rows_at_once(metadata: Any) -> int:
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    largest = max((each.total_byte_size / (each.num_rows or 1) for each in groups), default=0)
    return max(1, min(ROWS_PER_BATCH, int(_MAX_BATCH_BYTES / (largest or 1))))
