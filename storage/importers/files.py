"""Reads articles from files in any supported format and reports each bad row in its place.

The name of the file decides: `.jsonl` and `.ndjson`, `.json` (one article or a list of articles:
news-please, Fundus), `.csv` (exports of nkwire, Media Cloud, or any with the known column names),
`.parquet`. All but Parquet may be compressed (`.gz`, `.zst`).
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.export.formats import parquet
from storage.export.formats.companions import companion_path, partition_outlet
from storage.importers.decompression import decompression_errors, open_decompressed
from storage.importers.earlier_versions import (
    NumberedRows,
    join_versions,
    rows_by_fetch,
    with_capture,
)
from storage.importers.exported_rows import parse_exported
from storage.importers.foreign_rows import from_csv, from_json, from_parquet
from storage.importers.jsonl_reader import (
    BadLine,
    BadRow,
    parse_article,
    read_jsonl_rows,
    registered_domain,
)
from storage.records import Article

IMPORT_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".parquet")
COMPRESSION_SUFFIXES = (".gz", ".zst")
MAX_JSON_BYTES = 2**30

_MAX_CELL_CHARS = 64 * 2**20


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
    failures: tuple[type[Exception], ...] = (ValueError, *decompression_errors())
    with path.open("rb") as raw, open_decompressed(raw) as file:
        try:
            content = file.read(MAX_JSON_BYTES + 1)
            parsed = orjson.loads(content) if len(content) <= MAX_JSON_BYTES else None
        except failures as error:
            yield 1, BadLine(1, f"not JSON: {error}")
            return
    if parsed is None:
        yield 1, BadLine(1, "over 1 GiB of JSON: write one object a line, as .jsonl")
        return
    rows = parsed if isinstance(parsed, list) else [parsed]
    for number, row in enumerate(rows, start=1):
        if progress and number % ROWS_PER_BATCH == 0:
            progress(number, len(rows))
        if isinstance(row, dict):
            yield number, from_json(row)
        else:
            yield number, BadLine(number, f"not an object but {type(row).__name__}")


def _read_csv_rows(path: Path, progress: ProgressCallback | None) -> NumberedRows:
    csv.field_size_limit(_MAX_CELL_CHARS)
    total = path.stat().st_size
    number = 0
    failures: tuple[type[Exception], ...] = (csv.Error, *decompression_errors())
    with path.open("rb") as raw, open_decompressed(raw) as file:
        # Bytes that are not UTF-8 become U+FFFD. The cleaning of texts removes NUL bytes later.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        reader = csv.DictReader(text)
        try:
            for number, row in enumerate(reader, start=1):
                if progress and number % ROWS_PER_BATCH == 0:
                    progress(raw.tell(), total)
                yield number, from_csv(row)
        except failures as error:
            bad_number = number + 1
            yield bad_number, BadLine(bad_number, f"the file is damaged from here on: {error}")


def _read_parquet_rows(path: Path, progress: ProgressCallback | None) -> NumberedRows:
    arrow = parquet.import_pyarrow()
    outlet = partition_outlet(path)
    try:
        with arrow.parquet.ParquetFile(path) as file:
            total, number = file.metadata.num_rows, 0
            for batch in file.iter_batches(ROWS_PER_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield number, from_parquet(row if outlet is None else {"outlet": outlet, **row})
                if progress:
                    progress(number, total)
    except arrow.ArrowException as error:
        yield 1, BadLine(1, f"not a Parquet file: {str(error).splitlines()[0]}")
