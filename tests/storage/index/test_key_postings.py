"""Pairs answer the same before they are put in order, and after."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from storage.index.key_postings import KeyArray, KeyPostings, sort_pairs

KEYS = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
PAIRS = st.lists(st.tuples(KEYS, st.integers(1, 4)), max_size=20)


def pairs(listed: list[tuple[int, int]]) -> tuple[KeyArray, KeyArray]:
    keys, owners = zip(*listed, strict=True) if listed else ((), ())
    return np.array(keys, np.int64), np.array(owners, np.int64)


def told(found: tuple[KeyArray, KeyArray]) -> list[tuple[int, int]]:
    return list(zip(found[0].tolist(), found[1].tolist(), strict=True))


@given(listed=PAIRS, asked=st.lists(KEYS, max_size=4), ends=st.tuples(KEYS, KEYS))
def test_every_answer_is_the_same_however_often_it_is_asked_for(
    listed: list[tuple[int, int]], asked: list[int], ends: tuple[int, int]
) -> None:
    held, (low, high) = KeyPostings(*pairs(listed)), sorted(ends)
    asked += [key for key, _ in listed[:3]]
    for _ in range(12):
        found = told(held.matching(np.array(asked, np.int64)))
        assert found == sorted(set(found))
        assert {pair for pair in found if pair[0] in asked} == {p for p in listed if p[0] in asked}
        inside = sorted({pair for pair in listed if low <= pair[0] <= high})
        assert told(held.between(low, high)) == inside
    assert told(held.sorted_pairs()) == sorted(set(listed))


@given(listed=PAIRS, more=PAIRS, gone=st.sets(st.integers(1, 4)), asked=st.booleans())
def test_pairs_come_and_go_in_order(
    listed: list[tuple[int, int]], more: list[tuple[int, int]], gone: set[int], asked: bool
) -> None:
    held = KeyPostings(*pairs(listed))
    if asked:
        held.matching(np.array([0], np.int64))
    left = [pair for pair in listed if pair[1] not in gone]
    assert told(held.without_owners(gone).sorted_pairs()) == sorted(set(left))
    new = [pair for pair in set(more) if pair not in listed]
    assert told(held.merged_with(*pairs(new)).sorted_pairs()) == sorted({*listed, *new})
    assert told(sort_pairs(*pairs(listed + more))) == sorted({*listed, *more})
