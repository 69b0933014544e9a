from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import PageClass
from storage.saving.history import Held, History, Seen, Sighting

NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
WHOLE, STUB = PageClass.ARTICLE, PageClass.STUB


def at(hours: float | None) -> datetime | None:
    return None if hours is None else NOON + timedelta(hours=hours)


def history(*versions: tuple[str, float | None]) -> History:
    """Each version seen once, in this order."""
    held = [Held(i, content, WHOLE) for i, (content, _) in enumerate(versions, 1)]
    return History(held, [Sighting(at(hours), i) for i, (_, hours) in enumerate(versions, 1)])


@pytest.mark.parametrize(
    ("held", "content", "hours", "expected"),
    [
        ([("a", 1)], "a", 2, 1),
        ([("a", 1)], "b", 2, 0),
        ([("a", 1), ("b", 2)], "a", 3, 0),
        ([("a", 1), ("b", 5)], "b", 3, 2),
        ([("a", 1), ("b", 5)], "a", 3, 1),
        ([("a", 5)], "a", 1, 1),
        ([("a", 5)], "b", 1, 0),
        ([("a", None)], "a", 1, 1),
        ([("a", None), ("b", None)], "a", 1, 0),
        ([("a", 1), ("b", 2)], "a", None, 1),
        ([("a", 1)], "b", None, 0),
    ],
    ids=[
        "same again",
        "changed",
        "changed back",
        "the later wording seen earlier",
        "the earlier wording seen later",
        "first seen earlier than known",
        "an older wording",
        "an imported wording seen live",
        "an imported wording that was replaced, seen live",
        "an old wording imported",
        "a new wording imported",
    ],
)
def test_what_a_capture_showed(
    held: Sequence[tuple[str, float | None]], content: str, hours: float | None, expected: int
) -> None:
    assert history(*held).see(content, at(hours), WHOLE) == Seen(expected)


def test_a_fetch_recorded_already_is_known_by_its_second() -> None:
    fetched = NOON + timedelta(hours=1, milliseconds=400)
    known = History(
        [Held(1, "a", WHOLE), Held(2, "b", WHOLE)], [Sighting(fetched, 1), Sighting(at(2), 2)]
    )
    assert known.see("a", at(1), WHOLE) == Seen(1)
    assert known.see("a, read by better rules", at(1), WHOLE) == Seen(0)
    known.add(Held(3, "a, read by better rules", WHOLE))
    known.sight(at(1), 3)
    assert known.recorded(at(1)) == Sighting(fetched, 3)
    assert known.current() == 2


def test_two_fetches_within_a_second_are_two() -> None:
    first, second = (NOON + timedelta(milliseconds=ms) for ms in (100, 900))
    known = History([Held(1, "a", WHOLE)], [Sighting(first, 1)])
    assert known.recorded(first) == Sighting(first, 1)
    assert known.recorded(second) is None
    assert known.see("b", second, WHOLE) == Seen(0)


def test_a_stub_of_a_text_held_whole_is_no_version() -> None:
    assert history(("a", 1)).see("b", at(2), STUB) == Seen(0, stub=True)


def test_a_whole_text_counts_before_any_stub() -> None:
    stub = Held(2, "b", STUB)
    assert History([stub], [Sighting(at(9), 2)]).current() == 2
    both = [Sighting(at(1), 1), Sighting(at(9), 2)]
    assert History([stub, Held(1, "a", WHOLE)], both).current() == 1


def test_a_fetch_that_brought_no_text_shows_no_version() -> None:
    known = History([Held(1, "a", WHOLE)], [Sighting(at(1), 1), Sighting(at(2), None)])
    assert known.current() == 1
    assert known.see("b", at(3), WHOLE) == Seen(0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), min_size=1, max_size=9))
def test_captures_in_any_order_end_with_the_wording_of_the_latest(
    captures: list[tuple[str, int]],
) -> None:
    truth: dict[int, str] = {}
    known, names = History([], []), dict[int, str]()
    for content, hours in captures:
        if hours in truth:
            continue
        version_id = known.see(content, at(hours), WHOLE).version_id or len(names) + 1
        names[version_id] = content
        known.add(Held(version_id, content, WHOLE))
        known.sight(at(hours), version_id)
        truth[hours] = content
        assert names[known.current()] == truth[max(truth)]
