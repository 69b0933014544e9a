"""Writes Parquet: one file, numbered shards, or a folder for each outlet and month.

The folders have Hive's partition layout: `outlet=kcna/month=2026-03`. The module needs pyarrow
(`pip install 'nkwire[parquet]'`). Times are UTC in microseconds, lists are lists, and the dateline
is a struct. With the same version of pyarrow, the same rows give the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import accumulate, groupby, takewhile
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from storage.export.formats.columns import Column, ColumnKind
from storage.export.formats.output_files import import_optional
from storage.export.formats.selection import publication_month

_MAX_GROUP_ROWS = 20_000
_MAX_GROUP_BYTES = 16 * 2**20
_MAX_NAME_CHARS, _KEPT_NAME_CHARS = 150, 60


def import_pyarrow() -> Any:
    """Returns the module `pyarrow` with `pyarrow.parquet` imported.

    Raises MissingLibrary if it is not installed.
    """
    import_optional("pyarrow.parquet", "parquet")
    return import_optional("pyarrow", "parquet")


def write(file: IO[bytes], columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes one file. Returns the number of rows.

    A row group has at most 20,000 rows and about 16 MiB, so memory does not grow with the rows.
    Raises MissingLibrary if pyarrow is not installed.
    """
    arrow = import_pyarrow()
    schema = _arrow_schema(arrow, columns)
    row_count = 0
    with arrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _iter_row_groups(rows):
            table = arrow.Table.from_pylist(group, schema=schema)
            writer.write_table(table, row_group_size=len(group))
            row_count += len(group)
    return row_count


def write_partitions(
    folder: Path, columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Writes an `articles.parquet` for each outlet and month. Returns the number of rows.

    Each file is in a folder of its own and has no column `outlet`. The rows must come in order of
    outlet and time. Raises MissingLibrary if pyarrow is not installed.
    """
    file_columns = tuple(column for column in columns if column.name != "outlet")
    row_count = 0
    for (outlet, month), month_rows in groupby(
        rows, key=lambda row: (row["outlet"], publication_month(dict(row)))
    ):
        partition = folder / f"outlet={partition_name(outlet)}" / f"month={month}"
        partition.mkdir(parents=True)
        with (partition / "articles.parquet").open("wb") as file:
            row_count += write(file, file_columns, month_rows)
    return row_count


def write_shards(
    folder: Path,
    name: str,
    columns: tuple[Column, ...],
    rows: Iterable[Mapping[str, Any]],
    size: int,
) -> int:
    """Writes `NAME-00000.parquet` and so on. Returns the number of rows.

    Each file has at most `size` rows. There is at least one file, even without rows. Raises
    MissingLibrary if pyarrow is not installed.
    """
    row_iterator = iter(rows)
    row_count = shard_number = 0
    while True:
        with (folder / f"{name}-{shard_number:05}.parquet").open("wb") as file:
            written = write(file, columns, _take_rows(row_iterator, size))
        row_count, shard_number = row_count + written, shard_number + 1
        if written < size:
            return row_count


def partition_name(name: str) -> str:
    """Returns a name that is safe in a path. It is percent-encoded as in Hive.

    A name of only dots is encoded too. A long name is shortened and ends with a part of its
    SHA-256.
    """
    encoded = _percent_encode(name)
    if len(encoded) <= _MAX_NAME_CHARS:
        return encoded
    # Cut between characters: readers reject names that do not decode to UTF-8.
    sizes = accumulate(len(_percent_encode(character)) for character in name)
    prefix_length = sum(1 for _ in takewhile(lambda size: size <= _KEPT_NAME_CHARS, sizes))
    return f"{_percent_encode(name[:prefix_length])}-{sha256(name.encode()).hexdigest()[:16]}"


def _percent_encode(name: str) -> str:
    encoded = quote(name, safe=" ")
    return encoded.replace(".", "%2E") if set(name) <= {"."} else encoded


def _take_rows(rows: Iterator[Mapping[str, Any]], size: int) -> Iterator[Mapping[str, Any]]:
    for _ in range(size):
        row = next(rows, None)
        if row is None:
            return
        yield row


def _iter_row_groups(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    group: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row.get("text") or "") * 2 + 1000
        if len(group) >= _MAX_GROUP_ROWS or size >= _MAX_GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _arrow_schema(arrow: Any, columns: tuple[Column, ...]) -> Any:
    text = arrow.string()
    kinds = {
        ColumnKind.NUMBER: arrow.int64(),
        ColumnKind.TEXT: text,
        ColumnKind.TIME: arrow.timestamp("us", tz="UTC"),
        ColumnKind.FLAG: arrow.bool_(),
        ColumnKind.SHARE: arrow.float64(),
        ColumnKind.TEXTS: arrow.list_(text),
        ColumnKind.NUMBERS: arrow.list_(arrow.int64()),
        ColumnKind.DATELINE: arrow.struct([("place", text), ("date", text), ("agency", text)]),
    }
    return arrow.schema([arrow.field(c.name, kinds[c.kind]) for c in columns])
