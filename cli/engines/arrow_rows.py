"""Turns rows of plain values into Arrow batches and back, for the steps of an engine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

Batches = Iterable[pa.RecordBatch]
Row = tuple[Any, ...]

_MAX_BATCH_ROWS = 2_000
_MAX_BATCH_BYTES = 8 << 20
"""A row can hold a text of millions of characters, so rows alone do not bound a batch."""

_NAMES: Mapping[pa.DataType, str] = {
    pa.int8(): "tinyint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.binary(): "binary",
    pa.string(): "string",
    pa.list_(pa.binary()): "array<binary>",
}


def spark_schema(schema: pa.Schema) -> str:
    """Returns a schema in the words of Spark SQL; all columns may be null, as in Arrow."""
    return ", ".join(f"{each.name} {_NAMES[each.type]}" for each in schema)


def iter_rows(batches: Batches) -> Iterator[Row]:
    """Yields the rows of batches as tuples, in the order of the columns."""
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def to_batches(schema: pa.Schema, rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
    """Yields rows as batches that are bounded in rows and bytes."""
    held: list[Row] = []
    size = 0
    for row in rows:
        held.append(row)
        size += sum(len(value) for value in row if isinstance(value, bytes))
        if len(held) >= _MAX_BATCH_ROWS or size >= _MAX_BATCH_BYTES:
            yield to_batch(schema, list(zip(*held, strict=True)))
            held, size = [], 0
    if held:
        yield to_batch(schema, list(zip(*held, strict=True)))


def to_batch(schema: pa.Schema, columns: Sequence[Any]) -> pa.RecordBatch:
    """Returns one batch of these columns: sequences of values, or NumPy arrays."""
    arrays = [pa.array(column, each.type) for column, each in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
