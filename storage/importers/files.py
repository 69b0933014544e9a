"""Reads articles from files in any supported format and reports each bad row in its place.

The name of the file decides: `.jsonl` and `.ndjson`, `.json` (one article or a list of articles:
news-please, Fundus), `.csv` (exports of nkwire, Media Cloud, or any with the known column names),
`.parquet`. All but Parquet may be compressed (`.gz`, `.zst`).
"""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.export.formats import parquet
from storage.export.formats.companions import companion_path, partition_outlet
from storage.importers.csv_rows import iter_rows
from storage.importers.decompression import decompression_errors, open_decompressed
from storage.importers.earlier_versions import (
    NumberedRows,
    Row,
    join_versions,
    rows_by_fetch,
    with_capture,
)
from storage.importers.exported_rows import parse_exported
from storage.importers.foreign_rows import from_csv, from_json, from_parquet
from storage.importers.json_list import READ_BYTES, BrokenListError, iter_elements
from storage.importers.jsonl_reader import (
    MAX_ROW_BYTES,
    BadLine,
    BadRow,
    parse_article,
    parse_object,
    read_jsonl_rows,
    registered_domain,
)
from storage.records import Article

IMPORT_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".parquet")
COMPRESSION_SUFFIXES = (".gz", ".zst")
MAX_COLUMNS = 1000

_MAX_BATCH_BYTES = 16 * 2**20


def import_suffix(path: Path) -> str:
    """Returns which of `IMPORT_SUFFIXES` the name ends with, before `.gz` or `.zst`; "" if none."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSION_SUFFIXES:
        suffixes.pop()
    return suffixes[-1] if suffixes and suffixes[-1] in IMPORT_SUFFIXES else ""


def read_articles(
    path: Path,
    *,
    outlet_from_url: Callable[[str], str] | None = None,
    progress: ProgressCallback | None = None,
) -> Iterator[Article | BadLine]:
    """Yields the articles of a file in order, and a `BadLine` in the place of each bad row.

    Arguments as in `storage.importers.jsonl_reader.read_jsonl`, but `progress` may count rows. A
    file with an unknown suffix is read as JSON lines. Exports of nkwire also restore the captures
    and, from the file beside (`NAME.versions.jsonl`), the earlier versions: such an article is
    yielded once for each known fetch. Raises OSError if a file cannot be read, and MissingLibrary
    if its format needs a library that is not installed.
    """
    name_outlet = outlet_from_url or registered_domain
    versions_path = companion_path(path, "versions")
    versions = read_numbered_rows(versions_path) if versions_path.is_file() else iter(())
    for number, row, version_rows in join_versions(read_numbered_rows(path, progress), versions):
        if isinstance(row, BadLine):
            yield row
            continue
        try:
            for version_row, captured_at in rows_by_fetch(row, version_rows):
                article = replace(
                    parse_article(version_row, name_outlet),
                    exported=parse_exported(row, version_row),
                )
                yield with_capture(article, captured_at)
        except BadRow as error:
            yield BadLine(number, str(error))


def read_numbered_rows(path: Path, progress: ProgressCallback | None = None) -> NumberedRows:
    """Yields the rows of a file with their numbers from 1, with field names that we import.

    Raises OSError if the file cannot be read, and MissingLibrary if its format needs a library that
    is not installed.
    """
    readers = {".json": _read_json_rows, ".csv": _read_csv_rows, ".parquet": _read_parquet_rows}
    return readers.get(import_suffix(path), read_jsonl_rows)(path, progress)


def _read_json_rows(path: Path, progress: ProgressCallback | None) -> NumberedRows:
    total, number = path.stat().st_size, 0
    failures: tuple[type[Exception], ...] = (BrokenListError, *decompression_errors())
    with path.open("rb") as raw, open_decompressed(raw) as file:
        try:
            for number, element in enumerate(_iter_json_elements(file), start=1):
                if progress and number % ROWS_PER_BATCH == 0:
                    progress(raw.tell(), total)
                yield number, _parse_element(number, element)
        except failures as error:
            reason = (
                f"the file is damaged from here on: {error}" if number else f"not JSON: {error}"
            )
            yield number + 1, BadLine(number + 1, reason)


def _iter_json_elements(file: IO[bytes]) -> Iterator[bytes | None]:
    """Yields the source of each element of a list, or of the only value; None for one too large."""
    head = b""
    while not head and (read := file.read(READ_BYTES)):
        head = read.removeprefix(BOM_UTF8).lstrip()
    if head.startswith(b"["):
        yield from iter_elements(head, file, MAX_ROW_BYTES)
        return
    only = head + file.read(MAX_ROW_BYTES)
    yield only if len(only) <= MAX_ROW_BYTES else None


def _parse_element(number: int, element: bytes | None) -> Row | BadLine:
    if element is None:
        return _too_large(number)
    try:
        return from_json(parse_object(element))
    except BadRow as error:
        return BadLine(number, str(error))


def _too_large(number: int) -> BadLine:
    return BadLine(number, f"a row of over {MAX_ROW_BYTES >> 20} MB")


def _read_csv_rows(path: Path, progress: ProgressCallback | None) -> NumberedRows:
    total = path.stat().st_size
    number = 0
    failures: tuple[type[Exception], ...] = (csv.Error, *decompression_errors())
    with path.open("rb") as raw, open_decompressed(raw) as file:
        # Bytes that are not UTF-8 become U+FFFD. The cleaning of texts removes NUL bytes later.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        try:
            for number, row in enumerate(iter_rows(text, MAX_ROW_BYTES), start=1):
                if progress and number % ROWS_PER_BATCH == 0:
                    progress(raw.tell(), total)
                yield number, _too_large(number) if row is None else from_csv(row)
        except failures as error:
            bad_number = number + 1
            yield bad_number, BadLine(bad_number, f"the file is damaged from here on: {error}")


def _read_parquet_rows(path: Path, progress: ProgressCallback | None) -> NumberedRows:
    arrow = parquet.import_pyarrow()
    outlet = partition_outlet(path)
    number = 0
    try:
        with arrow.parquet.ParquetFile(path) as file:
            total = file.metadata.num_rows
            if reason := _reason_against(file.metadata, path.stat().st_size):
                yield 1, BadLine(1, reason)
                return
            for batch in file.iter_batches(_rows_at_once(file.metadata)):
                for row in batch.to_pylist():
                    number += 1
                    if any(
                        isinstance(each, str) and len(each) > MAX_ROW_BYTES for each in row.values()
                    ):
                        yield number, _too_large(number)
                        continue
                    yield number, from_parquet(row if outlet is None else {"outlet": outlet, **row})
                if progress:
                    progress(number, total)
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
        return f"{metadata.num_rows:,} rows in {size:,} bytes: they are equal, so no articles"
    return ""


def _rows_at_once(metadata: Any) -> int:
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    largest = max((each.total_byte_size / (each.num_rows or 1) for each in groups), default=0)
    return max(1, min(ROWS_PER_BATCH, int(_MAX_BATCH_BYTES / (largest or 1))))
