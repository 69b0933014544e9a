import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.copies.compare import Overlap, Prepared, prepare
from dedup.records import Document
from dedup.text.passages import find_common

VALUES = st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 40))
WORDS = st.lists(st.sampled_from(["glass", "works", "coal", "visit", "of", "12"]), min_size=5)


def sort(values: set[int]) -> NDArray[np.uint64]:
    return np.array(sorted(values), np.uint64)


def prepared(words: list[str]) -> Prepared:
    return prepare(Document(1, "1", "", " ".join(words), "en", "paper"))


def covered_share(text: Prepared, other: Prepared) -> float:
    shared = set(other.shingles.tolist())
    units = {
        unit
        for start, shingle in enumerate(text.shingle_sequence.tolist())
        for unit in range(start, start + text.shingle_size)
        if shingle in shared
    }
    return len(units) / text.normal.unit_count


@given(VALUES, VALUES)
def test_common_values_are_found_in_both_arrays(one: set[int], other: set[int]) -> None:
    a, b = sort(one), sort(other)
    in_a, in_b = find_common(a, b)
    assert a[in_a].tolist() == b[in_b].tolist() == sorted(one & other)


@given(WORDS)
def test_each_shingle_of_a_text_knows_where_it_occurs(words: list[str]) -> None:
    text = prepared(words)
    firsts, places = text.occurrences
    sequence = text.shingle_sequence.tolist()
    assert text.shingles[places].tolist() == sequence
    assert firsts.tolist() == [sequence.index(each) for each in text.shingles.tolist()]


@given(WORDS, WORDS)
def test_two_texts_cover_each_other_as_far_as_their_shingles_are_in_both(
    one: list[str], other: list[str]
) -> None:
    a, b = prepared(one), prepared(other)
    overlap = Overlap.of(a, b)
    assert overlap.count == len(set(a.shingles.tolist()) & set(b.shingles.tolist()))
    assert overlap.coverages() == (covered_share(a, b), covered_share(b, a))
