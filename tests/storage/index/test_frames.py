"""A frame that outlets share joins nothing in a database, and what it joined is parted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage import Database
from storage.invariants import check_invariants
from storage.records import Article

Write = Callable[[int], str]
DAY = datetime(2021, 5, 6, 9, tzinfo=UTC)


@pytest.mark.threats("D4")
def test_pages_in_a_frame_of_three_outlets_are_stories_of_their_own(
    database: Database, write: Write
) -> None:
    frame = " ".join(write(900 + part) for part in range(5))
    pages = [
        Article(
            outlet=f"framed{number % 3}",
            url=f"https://framed{number % 3}.test/{number}",
            title=f"Article number {number} about the harbour office",
            text=f"{frame} {write(number)}",
            published_at=DAY + timedelta(hours=number),
        )
        for number in range(24)
    ]
    for start in (0, 8, 16):  # what the first pages joined is parted by later ones
        database.save(pages[start : start + 8])
    stories = [story.members for story in database.stories.iter()]
    assert [len(members) for members in stories] == [1] * len(pages)
    assert any("frame" in relation.reason for relation in database.stories.relations())
    assert database.recluster().moved == ()
    assert check_invariants(database) == []
