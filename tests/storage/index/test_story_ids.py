from hypothesis import given
from hypothesis import strategies as st

from dedup.records import Story
from storage.index.story_ids import ExistingStory, assign_story_ids


def test_the_oldest_id_survives_a_merge_and_the_other_redirects() -> None:
    result = assign_story_ids(
        [Story((1, 2, 3), 3)], {1: 8, 2: 8, 3: 5}, [ExistingStory(8, 1, 2), ExistingStory(5, 3, 1)]
    )
    assert (result.ids, result.redirects) == ([5], {8: 0})


def test_a_split_leaves_the_id_with_the_lead_document() -> None:
    result = assign_story_ids(
        [Story((1, 2), 1), Story((3,), 3)], {1: 4, 2: 4, 3: 4}, [ExistingStory(4, 3, 3)]
    )
    assert result.ids == [0, 4]


def test_without_its_lead_the_id_goes_to_the_larger_part() -> None:
    result = assign_story_ids(
        [Story((3,), 3), Story((1, 2), 1)], {1: 4, 2: 4, 3: 4}, [ExistingStory(4, 0, 3)]
    )
    assert result.ids == [0, 4]


def test_an_article_that_a_person_splits_off_leaves_the_id_to_the_rest() -> None:
    alone, rest = Story((1,), 1), Story((2, 3), 2)
    before = dict.fromkeys((1, 2, 3), 4)
    for stories in ([alone, rest], [rest, alone]):
        result = assign_story_ids(stories, before, [ExistingStory(4, 1, 3)], leaving={1})
        assert result.ids[stories.index(rest)] == 4
    pair = assign_story_ids(
        [alone, Story((2,), 2)], {1: 4, 2: 4}, [ExistingStory(4, 1, 2)], leaving={1}
    )
    assert pair.ids == [0, 4]


def test_an_article_in_no_story_yet_starts_a_new_one() -> None:
    result = assign_story_ids([Story((1,), 1)], {}, [])
    assert (result.ids, result.redirects) == ([0], {})


def test_members_that_stay_behind_keep_the_id() -> None:
    result = assign_story_ids([Story((1,), 1)], {1: 4}, [ExistingStory(4, 1, 3)])
    assert (result.ids, result.with_remaining_members) == ([0], [4])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=12))
def test_every_id_is_kept_redirected_or_left_behind_once(moves: list[tuple[int, int]]) -> None:
    parts: dict[int, list[int]] = {}
    before: dict[int, int] = {}
    for member, (part, old) in enumerate(moves, 1):
        parts.setdefault(part, []).append(member)
        before[member] = old
    stories = [Story(tuple(members), members[0]) for members in parts.values()]
    old_ids = sorted(set(before.values()))
    living = [
        ExistingStory(
            old, min(m for m in before if before[m] == old), list(before.values()).count(old)
        )
        for old in old_ids
    ]
    result = assign_story_ids(stories, before, living)
    kept = [i for i in result.ids if i]
    assert sorted([*kept, *result.redirects, *result.with_remaining_members]) == old_ids
    assert old_ids[0] in kept
    assert all(
        result.ids[heir] and result.ids[heir] != old for old, heir in result.redirects.items()
    )
