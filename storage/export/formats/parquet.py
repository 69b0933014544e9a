"""Parquet, typed: one file, or folders by outlet and month (Hive layout: `outlet=kcna/month=2026-03`).

Needs pyarrow (`pip install 'nkwire[parquet]'`). Times are UTC microseconds, lists are lists, the
dateline is a struct. The same rows give the same bytes with the same pyarrow.
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
    """The library, with its Parquet part. Raises MissingLibrary."""
    import_optional("pyarrow.parquet", "parquet")
    return import_optional("pyarrow", "parquet")


def write(file: IO[bytes], columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write one file; returns the rows. Constant memory: a row group has at most 16 MiB of text."""
    arrow = import_pyarrow()
    schema = _arrow_schema(arrow, columns)
    done = 0
    with arrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _iter_row_groups(rows):
            table = arrow.Table.from_pylist(group, schema=schema)
            writer.write_table(table, row_group_size=len(group))
            done += len(group)
    return done


def write_partitions(
    folder: Path, columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Write rows in order of outlet and time into a folder for each outlet and month."""
    kept = tuple(column for column in columns if column.name != "outlet")
    done = 0
    for (outlet, month), some in groupby(
        rows, key=lambda row: (row["outlet"], publication_month(dict(row)))
    ):
        place = folder / f"outlet={partition_name(outlet)}" / f"month={month}"
        place.mkdir(parents=True)
        with (place / "articles.parquet").open("wb") as file:
            done += write(file, kept, some)
    return done


def write_shards(
    folder: Path,
    name: str,
    columns: tuple[Column, ...],
    rows: Iterable[Mapping[str, Any]],
    size: int,
) -> int:
    """Write `NAME-00000.parquet` and so on, each of at most `size` rows; at least one file."""
    waiting = iter(rows)
    done = number = 0
    while True:
        with (folder / f"{name}-{number:05}.parquet").open("wb") as file:
            written = write(file, columns, _take_rows(waiting, size))
        done, number = done + written, number + 1
        if written < size:
            return done


def partition_name(name: str) -> str:
    """A name as part of a path: percent-encoded as Hive does, never a dot alone, never too long."""
    encoded = _percent_encode(name)
    if len(encoded) <= _MAX_NAME_CHARS:
        return encoded
    # Whole letters: readers refuse names that are not UTF-8 when decoded.
    sizes = accumulate(len(_percent_encode(letter)) for letter in name)
    kept = sum(1 for _ in takewhile(lambda size: size <= _KEPT_NAME_CHARS, sizes))
    return f"{_percent_encode(name[:kept])}-{sha256(name.encode()).hexdigest()[:16]}"


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
