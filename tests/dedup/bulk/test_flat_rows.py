"""What is set aside on disk holds plain values only, comes back as it was, and runs nothing."""

import pickle
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from struct import error as StructError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.bulk.flat_rows import DOCUMENTS, RELATIONS, RowCodec, mapping_codec, pack_row, unpack_row
from dedup.bulk.spill import DiskStore, ObjectSpill
from dedup.records import Document, Relation, RelationKind, Span

WORDS: RowCodec[str] = RowCodec(lambda word: (word,), lambda row: str(row[0]))

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(codec=None)),
    st.binary(),
)
times = st.none() | st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3))])
)

pytestmark = pytest.mark.threats("S18")


@given(st.lists(plain))
def test_plain_values_come_back_as_they_were(
    values: list[int | float | str | bytes | None],
) -> None:
    assert unpack_row(pack_row(values)) == values


@given(st.text(st.characters(codec=None)), st.text(), times, times, st.integers(0, 9))
def test_documents_come_back_as_they_were(
    text: str, title: str, published_at: datetime | None, seen_at: datetime | None, rank: int
) -> None:
    document = Document(7, "uid", title, text, "ko", "paper", published_at, seen_at, rank)
    assert DOCUMENTS.decode(DOCUMENTS.encode(document)) == document


@given(st.floats(0, 1), st.booleans(), st.lists(st.tuples(*[st.integers(0, 2**40)] * 4)))
def test_relations_come_back_as_they_were(
    share: float, merges: bool, spans: list[tuple[int, int, int, int]]
) -> None:
    relation = Relation(
        1, 2, RelationKind.COPY, merges, share, share, 1.0, "why", 2, tuple(Span(*s) for s in spans)
    )
    assert RELATIONS.decode(RELATIONS.encode(relation)) == relation


def test_mappings_come_back_with_their_keys() -> None:
    codec = mapping_codec("kind", "count")
    row = {"kind": RelationKind.COPY, "count": 3}
    assert codec.decode(codec.encode(row)) == {"kind": "copy", "count": 3}


def test_a_value_that_is_not_plain_is_refused() -> None:
    with pytest.raises(TypeError, match="list is no plain value"):
        pack_row([["a"]])  # type: ignore[list-item]


class Trap:
    """Unpickling it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@given(st.binary())
def test_any_bytes_make_plain_values_or_an_error(data: bytes) -> None:
    try:
        values = unpack_row(data)
    except (StructError, KeyError, UnicodeDecodeError):
        return
    assert all(isinstance(value, int | float | str | bytes | None) for value in values)


def test_a_pickle_that_somebody_put_in_the_place_of_a_file_is_not_run(tmp_path: Path) -> None:
    trap = tmp_path / "run"
    (tmp_path / "words.0").write_bytes(pickle.dumps(Trap(trap)))
    with pytest.raises((OSError, StructError, KeyError)):
        list(ObjectSpill(tmp_path, "words", WORDS).read(0))
    assert not trap.exists()


def test_a_file_that_was_cut_short_is_an_error(tmp_path: Path) -> None:
    with DiskStore(tmp_path / "words", WORDS) as shelf:
        shelf.put(1, "lantern" * 10_000)
        with (tmp_path / "words").open("r+b") as file:
            file.truncate(9_000)
        with pytest.raises(OSError, match="cut short"):
            shelf.get([1])
