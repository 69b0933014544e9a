"""Buffers for large intermediate data: in memory while they are small, in files beyond that."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.bulk.flat_rows import RowCodec

T = TypeVar("T")

_SIZE = Struct("<Q")

_MAX_HELD_RECORDS = 1 << 21
"""Records held in memory before they are written to files, all buckets together."""

_MAX_HELD_OBJECTS = 5_000
_RECORDS_PER_READ = 1 << 20


class Spill:
    """Records of one NumPy dtype in numbered buckets; each bucket keeps the order of `add`."""

    def __init__(self, folder: Path, name: str, record: np.dtype[Any]) -> None:
        self._stem = folder / name
        self._record = record
        self._held: dict[int, list[NDArray[Any]]] = {}
        self._sizes: dict[int, int] = {}
        self._waiting = 0

    @property
    def buckets(self) -> list[int]:
        """The numbers of the buckets that are not empty, in order."""
        return sorted(self._sizes)

    def size(self, bucket: int) -> int:
        """Returns the number of records in a bucket."""
        return self._sizes.get(bucket, 0)

    def add(self, bucket: int, records: NDArray[Any]) -> None:
        """Adds records to a bucket. Raises OSError if the disk is full."""
        if not len(records):
            return
        self._held.setdefault(bucket, []).append(records)
        self._sizes[bucket] = self.size(bucket) + len(records)
        self._waiting += len(records)
        if self._waiting > _MAX_HELD_RECORDS:
            self._flush()

    def read(self, bucket: int) -> Iterator[NDArray[Any]]:
        """Yields the records of a bucket, one chunk at a time."""
        path = self._path(bucket)
        if path.exists():
            with path.open("rb") as file:
                while len(records := np.fromfile(file, self._record, _RECORDS_PER_READ)):
                    yield records
        yield from self._held.get(bucket, ())

    def read_all(self, bucket: int) -> NDArray[Any]:
        """Returns all records of a bucket as one array."""
        return np.concatenate([np.empty(0, self._record), *self.read(bucket)])

    def drop(self, bucket: int) -> None:
        """Deletes a bucket."""
        self._waiting -= sum(map(len, self._held.pop(bucket, ())))
        self._sizes.pop(bucket, None)
        self._path(bucket).unlink(missing_ok=True)

    def _flush(self) -> None:
        for bucket, records in self._held.items():
            with _explain_full_disk(self._stem.parent), self._path(bucket).open("ab") as file:
                # Unlike `tofile`, `write` raises an OSError with the cause if the disk is full.
                file.write(np.concatenate(records).view(np.uint8).data)
        self._held, self._waiting = {}, 0

    def _path(self, bucket: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}.{bucket}")


class ObjectSpill(Generic[T]):
    """Records in numbered buckets; each bucket keeps the order of `add`."""

    def __init__(self, folder: Path, name: str, codec: RowCodec[T]) -> None:
        self._stem = folder / name
        self._codec = codec
        self._held: dict[int, list[T]] = {}
        self._waiting = 0

    def add(self, bucket: int, values: Iterable[T]) -> None:
        """Adds values to a bucket. Raises OSError if the disk is full."""
        bucket_values = self._held.setdefault(bucket, [])
        previous_count = len(bucket_values)
        bucket_values.extend(values)
        self._waiting += len(bucket_values) - previous_count
        if self._waiting > _MAX_HELD_OBJECTS:
            self._flush()

    def read(self, bucket: int) -> Iterator[T]:
        """Yields the values of a bucket."""
        path = self._path(bucket)
        if path.exists():
            with path.open("rb") as file:
                while (row := _read_row(file)) is not None:
                    yield self._codec.decode(row)
        yield from self._held.get(bucket, ())

    def drop(self, bucket: int) -> None:
        """Deletes a bucket."""
        self._waiting -= len(self._held.pop(bucket, ()))
        self._path(bucket).unlink(missing_ok=True)

    def _flush(self) -> None:
        for bucket, values in self._held.items():
            with _explain_full_disk(self._stem.parent), self._path(bucket).open("ab") as file:
                for value in values:
                    _write_row(file, self._codec.encode(value))
        self._held, self._waiting = {}, 0

    def _path(self, bucket: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}.{bucket}")


@contextmanager
def _explain_full_disk(folder: Path) -> Iterator[None]:
    """Names the folder and a remedy in the OSError of a full disk or an exceeded quota."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        location = f"{folder} (give a roomier folder as TMPDIR; much is set aside while articles are compared)"
        raise OSError(error.errno, error.strerror, location) from error


def _write_row(file: BinaryIO, row: bytes) -> None:
    file.write(_SIZE.pack(len(row)))
    file.write(row)


def _read_row(file: BinaryIO) -> bytes | None:
    """Returns the next row; None at the end. Raises OSError if the file was cut short."""
    size = file.read(_SIZE.size)
    if not size:
        return None
    row = file.read(_SIZE.unpack(size)[0]) if len(size) == _SIZE.size else b""
    if len(size) < _SIZE.size or len(row) < _SIZE.unpack(size)[0]:
        raise OSError(errno.EIO, "a temporary file was cut short", file.name)
    return row


class DiskStore(Generic[T]):
    """A key-value store in one file: integer keys, values read on demand."""

    def __init__(self, path: Path, codec: RowCodec[T]) -> None:
        self._file = path.open("w+b")
        self._codec = codec
        self._folder = path.parent
        self._offsets: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._offsets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with _explain_full_disk(self._folder):
            self._file.close()

    @property
    def numbers(self) -> list[int]:
        """All keys, in order."""
        return sorted(self._offsets)

    def put(self, number: int, value: T) -> None:
        """Stores a value. Raises ValueError if the number is used, OSError if the disk is full."""
        self.put_row(number, self._codec.encode(value))

    def put_row(self, number: int, row: bytes) -> None:
        """Stores an encoded value. Raises as `put`."""
        if number in self._offsets:
            raise ValueError(f"the number {number} was given before")
        with _explain_full_disk(self._folder):
            self._offsets[number] = self._file.seek(0, SEEK_END)
            _write_row(self._file, row)

    def get(self, numbers: Iterable[int]) -> dict[int, T]:
        """Returns the values of these numbers; unknown numbers are left out."""
        with _explain_full_disk(self._folder):
            return _read_values(self._file, self._codec, self._find(numbers))

    def reference(self, numbers: Iterable[int]) -> "StoredValues[T]":
        """Returns what another process needs to read the values of these numbers."""
        with _explain_full_disk(self._folder):
            self._file.flush()
        return StoredValues(Path(self._file.name), self._codec, self._find(numbers))

    def _find(self, numbers: Iterable[int]) -> list[tuple[int, int]]:
        """Returns the numbers that are known, each with the place of its value."""
        return [(each, self._offsets[each]) for each in numbers if each in self._offsets]


@dataclass(frozen=True, slots=True)
class StoredValues(Generic[T]):
    """Values in the file of a `DiskStore`. Any process can load them. `places`: number and offset."""

    path: Path
    codec: RowCodec[T]
    places: list[tuple[int, int]]

    def __call__(self) -> dict[int, T]:
        """Returns the values by number. Raises OSError if the file cannot be read."""
        with self.path.open("rb") as file:
            return _read_values(file, self.codec, self.places)


def _read_values(
    file: BinaryIO, codec: RowCodec[T], places: Iterable[tuple[int, int]]
) -> dict[int, T]:
    values: dict[int, T] = {}
    for number, offset in places:
        file.seek(offset)
        if (row := _read_row(file)) is not None:
            values[number] = codec.decode(row)
    return values
