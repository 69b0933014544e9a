"""Average linkage, against SciPy's, and what given groups and forbidden pairs change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from dedup.reports.linkage import NEVER, link_by_average

Array = NDArray[np.float64]


def similarities(seed: int, count: int) -> Array:
    """Random similarities of so many items, symmetric, no two alike."""
    half = np.triu(np.random.default_rng(seed).random((count, count)), 1)
    whole: Array = half + half.T
    return whole


def link(
    to_items: Array,
    threshold: float,
    to_groups: Array | None = None,
    sizes: tuple[int, ...] = (),
) -> list[int]:
    count = len(to_items)
    given_groups = np.zeros((count, 0)) if to_groups is None else to_groups
    found = link_by_average(given_groups, np.array(sizes, np.int64), to_items, threshold)
    return [int(each) for each in found]


def partition(labels: list[int]) -> frozenset[frozenset[int]]:
    return frozenset(
        frozenset(place for place, each in enumerate(labels) if each == label) for label in labels
    )


@pytest.mark.parametrize("count", [2, 3, 10, 40])
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.6, 0.9])
def test_without_given_groups_the_groups_are_those_of_scipy(count: int, threshold: float) -> None:
    for seed in range(5):
        found = similarities(seed, count)
        distances = squareform(1 - found - np.eye(count), checks=False)
        theirs = fcluster(linkage(distances, "average"), 1 - threshold, "distance")
        assert partition(link(found, threshold)) == partition(theirs.tolist())


def test_no_item_makes_no_group() -> None:
    assert link(np.zeros((0, 0)), 0.5) == []
    assert link(np.zeros((0, 0)), 0.5, np.zeros((0, 2)), (1, 1)) == []


def test_an_item_joins_the_given_group_that_is_most_similar() -> None:
    assert link(np.zeros((1, 1)), 0.5, np.array([[0.6, 0.8]]), (1, 9)) == [1]
    assert link(np.zeros((1, 1)), 0.5, np.array([[0.3, 0.4]]), (1, 9)) == [2]


def test_two_given_groups_never_become_one() -> None:
    to_items = np.array([[0, 0.99], [0.99, 0]])
    near_both = np.array([[0.98, 0.97], [0.97, 0.98]])
    assert link(to_items, 0.5, near_both, (1, 1)) == [0, 0]
    near_one_each = np.array([[0.999, 0.6], [0.6, 0.999]])
    assert link(to_items, 0.5, near_one_each, (1, 1)) == [0, 1]


def test_the_size_of_a_given_group_counts_in_the_mean() -> None:
    # The second item is near the first, not to the members of the group that takes the first.
    to_items = np.array([[0, 0.7], [0.7, 0]])
    to_group = np.array([[0.9], [0.4]])
    assert link(to_items, 0.5, to_group, (1,)) == [0, 0]  # (0.4 + 0.7) / 2
    assert link(to_items, 0.5, to_group, (4,)) == [0, 2]  # (4 * 0.4 + 0.7) / 5


def test_items_that_may_not_be_together_are_kept_apart_by_all_who_are_near_both() -> None:
    to_items = np.array([[0, NEVER, 0.9], [NEVER, 0, 0.9], [0.9, 0.9, 0]])
    first, second, third = link(to_items, 0.1)
    assert first != second
    assert third == first  # the tie falls by position
    assert link(np.full((1, 1), NEVER), 0.1, np.array([[NEVER]]), (3,)) == [1]


def test_ties_fall_by_position() -> None:
    equal = np.full((4, 4), 0.8) - np.diag([0.8] * 4)
    assert link(equal, 0.5) == [0, 0, 0, 0]
    in_a_row = np.array([[0, 0.8, 0.0], [0.8, 0, 0.8], [0.0, 0.8, 0]])
    assert link(in_a_row, 0.5) == [0, 0, 2]


def test_a_mean_at_the_threshold_is_enough() -> None:
    pair = np.array([[0, 0.5], [0.5, 0]])
    assert link(pair, 0.5) == [0, 0]
    assert link(pair, np.nextafter(0.5, 1)) == [0, 1]


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 12), st.integers(0, 3), st.floats(0.1, 0.9))
def test_labels_are_given_groups_or_the_position_of_a_first_member(
    seed: int, count: int, groups: int, threshold: float
) -> None:
    to_groups = np.random.default_rng(seed + 1).random((count, groups))
    labels = link(similarities(seed, count), threshold, to_groups, (2,) * groups)
    assert len(labels) == count
    for label in labels:
        if label >= groups:
            assert labels[label - groups] == label
            assert labels.index(label) == label - groups


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 10), st.integers(0, 3), st.integers(0, 1000))
def test_the_order_of_items_changes_nothing_where_no_two_values_are_equal(
    seed: int, count: int, groups: int, order_seed: int
) -> None:
    to_items = similarities(seed, count)
    to_groups = np.random.default_rng(seed + 1).random((count, groups))
    order = np.random.default_rng(order_seed).permutation(count)
    labels = link(to_items, 0.5, to_groups, (3,) * groups)
    shuffled = link(to_items[np.ix_(order, order)], 0.5, to_groups[order], (3,) * groups)
    back = [0] * count
    for place, item in enumerate(order.tolist()):
        back[item] = shuffled[place]
    assert partition(back) == partition(labels)
    assert [each for each in back if each < groups] == [each for each in labels if each < groups]
