"""Writes records as flat rows of plain values, and reads them: little-endian, without pickle.

A row is a tag for each value, then all numbers and lengths (`struct`), then all strings and bytes.
Reading a row makes numbers, strings and bytes and nothing else, whatever the file holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from struct import Struct, iter_unpack, pack
from typing import Any, Generic, TypeVar

from dedup.records import Document, Relation, RelationKind, Span

T = TypeVar("T")
Value = int | float | str | bytes | None

_SIZE = Struct("<I")
_TAGS: Mapping[type, str] = {bool: "?", int: "q", float: "d", str: "s", bytes: "b"}
_NONE = "n"
_FIELDS = {"?": "?", "q": "q", "d": "d", "s": "I", "b": "I", _NONE: ""}
_SPAN = "<qqqq"


@dataclass(frozen=True, slots=True)
class RowCodec(Generic[T]):
    """Turns a record into a tuple of plain values, and back."""

    to_row: Callable[[T], Sequence[Value]]
    from_row: Callable[[Sequence[Value]], T]

    def encode(self, record: T) -> bytes:
        """Returns the bytes of a record. Raises TypeError for a value that is not plain."""
        return pack_row(self.to_row(record))

    def decode(self, row: bytes) -> T:
        """Returns the record of these bytes."""
        return self.from_row(unpack_row(row))


def pack_row(values: Sequence[Value]) -> bytes:
    """Returns a row as bytes. Raises TypeError for a value that is not plain."""
    tags: list[str] = []
    fields: list[int | float] = []
    blobs: list[bytes] = []
    for value in values:
        if value is None:
            tags.append(_NONE)
            continue
        tag = _TAGS.get(type(value)) or _tag_of(value)
        tags.append(tag)
        if isinstance(value, str | bytes):
            blob = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
            blobs.append(blob)
            fields.append(len(blob))
        else:
            fields.append(value)
    head = "".join(tags)
    return b"".join(
        (_SIZE.pack(len(head)), head.encode("ascii"), _layout(head).pack(*fields), *blobs)
    )


def unpack_row(row: bytes) -> list[Value]:
    """Returns the values of a row. Raises struct.error or KeyError if the bytes are no row."""
    (count,) = _SIZE.unpack_from(row)
    position = _SIZE.size + count
    tags = row[_SIZE.size : position].decode("ascii")
    layout = _layout(tags)
    fields = iter(layout.unpack_from(row, position))
    position += layout.size
    values: list[Value] = []
    for tag in tags:
        value = None if tag == _NONE else next(fields)
        if tag in "sb":
            blob = row[position : position + value]
            position += value
            value = blob.decode("utf-8", "surrogatepass") if tag == "s" else blob
        values.append(value)
    return values


def _tag_of(value: object) -> str:
    """Returns the tag of a value of a subclass, such as an enumeration of strings."""
    for kind, tag in _TAGS.items():
        if isinstance(value, kind):
            return tag
    raise TypeError(f"{type(value).__name__} is no plain value")


@lru_cache(maxsize=256)
def _layout(tags: str) -> Struct:
    return Struct("<" + "".join(_FIELDS[tag] for tag in tags))


def mapping_codec(*names: str) -> RowCodec[dict[str, Any]]:
    """Returns the codec of mappings with these keys, two at least, and plain values."""
    return RowCodec(itemgetter(*names), lambda row: dict(zip(names, row, strict=True)))


def _relation_row(relation: Relation) -> Sequence[Value]:
    spans = b"".join(
        pack(_SPAN, each.a_start, each.a_end, each.b_start, each.b_end) for each in relation.spans
    )
    return (
        relation.a,
        relation.b,
        relation.kind.value,
        relation.merges,
        relation.jaccard,
        relation.containment_ab,
        relation.containment_ba,
        relation.reason,
        relation.source,
        spans,
    )


def _relation_from_row(row: Sequence[Value]) -> Relation:
    values: list[Any] = list(row)
    values[2] = RelationKind(values[2])
    values[-1] = tuple(Span(*each) for each in iter_unpack(_SPAN, values[-1]))
    return Relation(*values)


def _document_row(document: Document) -> Sequence[Value]:
    return (
        document.id,
        document.uid,
        document.title,
        document.text,
        document.language,
        document.outlet,
        document.published_at.isoformat() if document.published_at else None,
        document.first_seen_at.isoformat() if document.first_seen_at else None,
        document.rank,
    )


def _document_from_row(row: Sequence[Value]) -> Document:
    values: list[Any] = list(row)
    for time in (6, 7):
        values[time] = datetime.fromisoformat(values[time]) if values[time] else None
    return Document(*values)


RELATIONS = RowCodec(_relation_row, _relation_from_row)
DOCUMENTS = RowCodec(_document_row, _document_from_row)
