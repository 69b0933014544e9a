"""Reads articles from files in any supported format and reports each bad row in its place.

The name of the file decides: `.jsonl` and `.ndjson`, `.json` (one article or a list of articles:
news-please, Fundus), `.csv` and `.tsv` (exports of nkwire, Media Cloud, or any with the column names
of `field_names`), `.xlsx`, `.parquet`. All but the last two may be compressed (`.gz`, `.zst`).
`.txt` and a name without a suffix are JSON lines too.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from storage.batches import ROWS_PER_BATCH, ProgressCallback
from storage.export.formats.companions import companion_path
from storage.importers.decompression import decompression_errors, open_decompressed
from storage.importers.earlier_versions import (
    NumberedRows,
    Row,
    join_versions,
    rows_by_fetch,
    with_capture,
)
from storage.importers.exported_rows import parse_exported
from storage.importers.foreign_rows import to_own_fields
from storage.importers.json_list import READ_BYTES, BrokenListError, iter_elements
from storage.importers.jsonl_reader import (
    MAX_ROW_BYTES,
    BadLine,
    BadRow,
    parse_article,
    parse_object,
    read_jsonl_rows,
    registered_domain,
    too_large,
)
from storage.importers.tables.csv_file import OWN_FORM, find_form, read_csv_rows, read_rows_in_form
from storage.importers.tables.form import TableOptions, TableRefused
from storage.importers.tables.parquet_file import read_parquet_rows
from storage.importers.tables.xlsx_file import read_xlsx_rows
from storage.records import Article

IMPORT_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx", ".parquet")
COMPRESSION_SUFFIXES = (".gz", ".zst")

_AS_TABLE, _UNPACKED = "save it as .xlsx or .csv", "unpack it first"
_OTHER_FORMATS = {
    ".xls": _AS_TABLE,
    ".xlsb": _AS_TABLE,
    ".ods": _AS_TABLE,
    ".zip": _UNPACKED,
    ".bz2": _UNPACKED,
    ".xz": _UNPACKED,
    ".7z": _UNPACKED,
    ".warc": "use nkwire ingest",
}
_NEVER_COMPRESSED = (".xlsx", ".parquet")

_ALSO_JSON_LINES = ("", ".txt")
_NO_OPTIONS = TableOptions()


def import_suffix(path: Path) -> str:
    """Returns which of `IMPORT_SUFFIXES` the name ends with, before `.gz` or `.zst`; "" if none."""
    suffix = _last_suffix(path)
    return suffix if suffix in IMPORT_SUFFIXES else ""


def _last_suffix(path: Path) -> str:
    """Returns the last suffix of a name before `.gz` or `.zst`, in small letters."""
    suffixes = [each.lower() for each in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSION_SUFFIXES:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def check_files(paths: Iterable[Path], options: TableOptions = _NO_OPTIONS) -> None:
    """Reads the beginning of each table.

    Raises what `read_articles` raises of them, and TableRefused for the name of another format.
    """
    for path in paths:
        suffix = _last_suffix(path)
        is_compressed = path.suffix.lower() in COMPRESSION_SUFFIXES
        advice = _OTHER_FORMATS.get(suffix, "")
        if is_compressed and suffix in _NEVER_COMPRESSED:
            advice = _UNPACKED
        if advice:
            raise TableRefused(f"{path}: this format is not read: {advice}")
        if suffix not in (*IMPORT_SUFFIXES, *_ALSO_JSON_LINES):
            raise TableRefused(
                f"{path}: this suffix is not read: rename the file to one of"
                f" {', '.join(IMPORT_SUFFIXES)}, or save it in such a format"
            )
        match suffix:
            case ".csv" | ".tsv":
                with suppress(*decompression_errors()):  # such a file is read as far as it goes
                    find_form(path, options)
            case ".xlsx":
                next(read_xlsx_rows(path, None, options), None)
            case ".parquet":
                next(read_parquet_rows(path, None, options), None)


def read_articles(
    path: Path,
    *,
    outlet_from_url: Callable[[str], str] | None = None,
    progress: ProgressCallback | None = None,
    options: TableOptions = _NO_OPTIONS,
) -> Iterator[Article | BadLine]:
    """Yields the articles of a file in order, and a `BadLine` in the place of each bad row.

    Arguments as in `storage.importers.jsonl_reader.read_jsonl`, but `progress` may count rows. A
    file with an unknown suffix is read as JSON lines. Exports of nkwire also restore the captures
    and, from the file beside (`NAME.versions.jsonl`), the earlier versions: such an article is
    yielded once for each known fetch. Raises OSError if a file cannot be read, TableRefused if a
    table is not one of articles, and MissingLibrary if its format needs a library that is not
    installed.
    """
    for _, article in read_numbered_articles(
        path, outlet_from_url=outlet_from_url, progress=progress, options=options
    ):
        yield article


def read_numbered_articles(
    path: Path,
    *,
    outlet_from_url: Callable[[str], str] | None = None,
    progress: ProgressCallback | None = None,
    options: TableOptions = _NO_OPTIONS,
) -> Iterator[tuple[int, Article | BadLine]]:
    """Yields what `read_articles` yields, each with the number of its row."""
    name_outlet = outlet_from_url or registered_domain
    versions_path = companion_path(path, "versions")
    versions = read_companion_rows(versions_path) if versions_path.is_file() else iter(())
    rows = read_numbered_rows(path, progress, options)
    for number, row, version_rows in join_versions(rows, versions):
        if isinstance(row, BadLine):
            yield number, row
            continue
        try:
            for version_row, captured_at in rows_by_fetch(row, version_rows):
                article = replace(
                    parse_article(version_row, name_outlet),
                    exported=parse_exported(row, version_row),
                )
                yield number, with_capture(article, captured_at)
        except BadRow as error:
            yield number, BadLine(number, str(error))


def read_numbered_rows(
    path: Path, progress: ProgressCallback | None = None, options: TableOptions = _NO_OPTIONS
) -> NumberedRows:
    """Yields the rows of articles of a file with their numbers, with field names that we import.

    The numbers are those of lines in CSV and JSON lines, and of rows in a workbook; others count
    from 1. Raises OSError, TableRefused and MissingLibrary as `read_articles`.
    """
    match import_suffix(path):
        case ".csv" | ".tsv":
            rows = read_csv_rows(path, progress, options)
        case ".xlsx":
            rows = read_xlsx_rows(path, progress, options)
        case ".parquet":
            rows = read_parquet_rows(path, progress, options)
        case ".json":
            rows = _read_json_rows(path, progress)
        case _:
            rows = read_jsonl_rows(path, progress)
    for number, row in rows:
        yield number, row if isinstance(row, BadLine) else to_own_fields(row)


def read_companion_rows(path: Path) -> NumberedRows:
    """Yields the rows of a table beside an export of nkwire, as they are.

    Raises OSError if the file cannot be read, and TableRefused and MissingLibrary as
    `read_articles`.
    """
    match import_suffix(path):
        case ".csv":
            return read_rows_in_form(path, None, OWN_FORM)
        case ".parquet":
            return read_parquet_rows(path, None, None)
        case ".xlsx":
            return read_xlsx_rows(path, None, None)
    return read_jsonl_rows(path)


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
        return BadLine(number, too_large(MAX_ROW_BYTES))
    try:
        return parse_object(element)
    except BadRow as error:
        return BadLine(number, str(error))
