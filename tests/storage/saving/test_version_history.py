from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import PageClass
from storage.saving.version_history import (
    MatchedVersion,
    StoredVersion,
    VersionCapture,
    VersionHistory,
)

NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
WHOLE, STUB = PageClass.ARTICLE, PageClass.STUB


def at(hours: float | None) -> datetime | None:
    return None if hours is None else NOON + timedelta(hours=hours)


def history(*versions: tuple[str, float | None]) -> VersionHistory:
    """Each version seen once, in this order."""
    held = [StoredVersion(i, content, WHOLE) for i, (content, _) in enumerate(versions, 1)]
    return VersionHistory(
        held, [VersionCapture(at(hours), i) for i, (_, hours) in enumerate(versions, 1)]
    )


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
    assert history(*held).match_version(content, at(hours), WHOLE) == MatchedVersion(expected)


def test_a_fetch_recorded_already_is_known_by_its_second() -> None:
    fetched = NOON + timedelta(hours=1, milliseconds=400)
    known = VersionHistory(
        [StoredVersion(1, "a", WHOLE), StoredVersion(2, "b", WHOLE)],
        [VersionCapture(fetched, 1), VersionCapture(at(2), 2)],
    )
    assert known.match_version("a", at(1), WHOLE) == MatchedVersion(1)
    assert known.match_version("a, read by better rules", at(1), WHOLE) == MatchedVersion(0)
    known.add_version(StoredVersion(3, "a, read by better rules", WHOLE))
    known.record_capture(at(1), 3)
    assert known.find_capture(at(1)) == VersionCapture(fetched, 3)
    assert known.current_version_id() == 2


def test_two_fetches_within_a_second_are_two() -> None:
    first, second = (NOON + timedelta(milliseconds=ms) for ms in (100, 900))
    known = VersionHistory([StoredVersion(1, "a", WHOLE)], [VersionCapture(first, 1)])
    assert known.find_capture(first) == VersionCapture(first, 1)
    assert known.find_capture(second) is None
    assert known.match_version("b", second, WHOLE) == MatchedVersion(0)


def test_a_stub_of_a_text_held_whole_is_no_version() -> None:
    assert history(("a", 1)).match_version("b", at(2), STUB) == MatchedVersion(
        0, is_redundant_stub=True
    )


def test_a_whole_text_counts_before_any_stub() -> None:
    stub = StoredVersion(2, "b", STUB)
    assert VersionHistory([stub], [VersionCapture(at(9), 2)]).current_version_id() == 2
    both = [VersionCapture(at(1), 1), VersionCapture(at(9), 2)]
    assert VersionHistory([stub, StoredVersion(1, "a", WHOLE)], both).current_version_id() == 1


def test_a_fetch_that_brought_no_text_shows_no_version() -> None:
    known = VersionHistory(
        [StoredVersion(1, "a", WHOLE)], [VersionCapture(at(1), 1), VersionCapture(at(2), None)]
    )
    assert known.current_version_id() == 1
    assert known.match_version("b", at(3), WHOLE) == MatchedVersion(0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), min_size=1, max_size=9))
def test_captures_in_any_order_end_with_the_wording_of_the_latest(
    captures: list[tuple[str, int]],
) -> None:
    truth: dict[int, str] = {}
    known, names = VersionHistory([], []), dict[int, str]()
    for content, hours in captures:
        if hours in truth:
            continue
        version_id = known.match_version(content, at(hours), WHOLE).version_id or len(names) + 1
        names[version_id] = content
        known.add_version(StoredVersion(version_id, content, WHOLE))
        known.record_capture(at(hours), version_id)
        truth[hours] = content
        assert names[known.current_version_id()] == truth[max(truth)]
