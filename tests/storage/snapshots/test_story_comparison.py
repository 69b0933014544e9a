from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from storage.snapshots.story_comparison import compare_stories

LEADS: dict[int, bytes] = {}


def test_a_story_of_another_database_is_only_renumbered() -> None:
    found = compare_stories({(1, 7): 2, (2, 9): 1}, LEADS, LEADS)
    assert found.examples == {"renumbered": ["s1 is s7", "s2 is s9"]}


def test_the_number_says_which_part_lives_on() -> None:
    found = compare_stories({(1, 1): 1, (1, 5): 3}, LEADS, LEADS)
    assert found.examples == {"split": ["s1: 3 of its articles are in s5"]}


def test_a_story_that_split_may_be_part_of_another() -> None:
    found = compare_stories({(1, 1): 2, (2, 1): 2, (2, 3): 1}, LEADS, LEADS)
    assert found.examples == {
        "merged": ["s2 is part of s1"],
        "split": ["s2: 1 of its articles are in s3"],
    }


PAIRS = st.tuples(st.integers(1, 6), st.integers(1, 6))


@given(st.dictionaries(PAIRS, st.integers(1, 5)))
def test_every_old_story_lives_on_once_or_is_merged(shared: dict[tuple[int, int], int]) -> None:
    found = compare_stories(shared, LEADS, LEADS)
    parts = Counter(old for old, _ in shared)
    assert found.counts["split"] == sum(count > 1 for count in parts.values())
    assert found.counts["merged"] <= max(len(parts) - 1, 0)
    assert compare_stories({(n, n): 1 for n, _ in shared}, LEADS, LEADS).counts == {}
