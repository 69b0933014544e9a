"""Articles from a file of any form that is understood, each bad row told in its place.

By the name: `.jsonl`, `.json` (one article, or a list of them: news-please, Fundus), `.csv` (ours,
Media Cloud's, or with the names of any import), `.parquet`; `.gz` and `.zst` behind any but the last.
"""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from storage.export.formats import parquet
from storage.export.formats.beside import companion
from storage.importers.histories import Rows, fetched, looks, wordings
from storage.importers.lines import BadLine, BadRow, article_of, read_rows, registered_domain
from storage.importers.rows import from_csv, from_json, from_parquet
from storage.importers.unpacking import damages, unpacked
from storage.records import Article

FORMS = (".jsonl", ".ndjson", ".json", ".csv", ".parquet")
PACKED = (".gz", ".zst")
LARGEST_JSON = 2**30

_LONGEST_CELL = 64 * 2**20
_AT_ONCE = 500

Progress = Callable[[int, int], None]


def form_of(path: Path) -> str:
    """Which of `FORMS` a file is by its name; "" if none."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes and suffixes[-1] in FORMS else ""


def read(
    path: Path,
    *,
    outlet_of: Callable[[str], str] | None = None,
    progress: Progress | None = None,
) -> Iterator[Article | BadLine]:
    """The articles of a file in order, and its bad rows in their places, counted from 1.

    As `storage.importers.lines.read_jsonl`; a file of a name that says nothing is read as JSON lines. Of our own
    exports also when pages were fetched, and from the file beside (`NAME.versions.jsonl`) the earlier
    wordings: such an article comes once for each. Raises OSError and MissingLibrary.
    """
    name_outlet = outlet_of or registered_domain
    beside = companion(path, "versions")
    versions = rows_of(beside) if beside.is_file() else iter(())
    for number, row, several in wordings(rows_of(path, progress), versions):
        if isinstance(row, BadLine):
            yield row
            continue
        try:
            for shown, at in looks(row, several):
                yield fetched(article_of(shown, name_outlet), at)
        except BadRow as error:
            yield BadLine(number, str(error))


def rows_of(path: Path, progress: Progress | None = None) -> Rows:
    """The rows of a file with their numbers, under the names of our own import. Raises OSError."""
    readers = {".json": _json, ".csv": _csv, ".parquet": _parquet}
    return readers.get(form_of(path), read_rows)(path, progress)


def _json(path: Path, progress: Progress | None) -> Rows:
    failures: tuple[type[Exception], ...] = (ValueError, *damages())
    with path.open("rb") as raw, unpacked(raw) as file:
        try:
            whole = file.read(LARGEST_JSON + 1)
            found = orjson.loads(whole) if len(whole) <= LARGEST_JSON else None
        except failures as error:
            yield 1, BadLine(1, f"not JSON: {error}")
            return
    if found is None:
        yield 1, BadLine(1, "over 1 GiB of JSON: write one object a line, as .jsonl")
        return
    rows = found if isinstance(found, list) else [found]
    for number, row in enumerate(rows, start=1):
        if progress and number % _AT_ONCE == 0:
            progress(number, len(rows))
        if isinstance(row, dict):
            yield number, from_json(row)
        else:
            yield number, BadLine(number, f"not an object but {type(row).__name__}")


def _csv(path: Path, progress: Progress | None) -> Rows:
    csv.field_size_limit(_LONGEST_CELL)
    total = path.stat().st_size
    number = 0
    failures: tuple[type[Exception], ...] = (csv.Error, *damages())
    with path.open("rb") as raw, unpacked(raw) as file:
        # What is not UTF-8 becomes U+FFFD; NUL bytes are taken out where texts are cleaned.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        reader = csv.DictReader(text)
        try:
            for number, row in enumerate(reader, start=1):
                if progress and number % _AT_ONCE == 0:
                    progress(raw.tell(), total)
                yield number, from_csv(row)
        except failures as error:
            place = number + 1
            yield place, BadLine(place, f"the file is damaged from here on: {error}")


def _parquet(path: Path, progress: Progress | None) -> Rows:
    arrow = parquet.pyarrow()
    try:
        with arrow.parquet.ParquetFile(path) as file:
            total, number = file.metadata.num_rows, 0
            for batch in file.iter_batches(_AT_ONCE):
                for row in batch.to_pylist():
                    number += 1
                    yield number, from_parquet(row)
                if progress:
                    progress(number, total)
    except arrow.ArrowException as error:
        yield 1, BadLine(1, f"not a Parquet file: {str(error).splitlines()[0]}")
