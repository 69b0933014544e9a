"""Copies of a report are found in the middle of a flood of a thousand pages. Answers D3."""

from collections.abc import Callable

import pytest

from dedup.bulk.cluster import cluster_documents
from dedup.records import Document
from dedup.signature.scheme import Scheme

FLOOD, EACH = 1_000, 125


@pytest.mark.slow
@pytest.mark.threats("D3", "D4")
def test_copies_that_come_during_a_flood_are_one_story_and_the_flood_is_none(
    make: Callable[..., Document], prose: Callable[[int, int], str], scheme: Scheme
) -> None:
    frame, report = prose(6, 150), prose(8, 200)
    pages, copies = [], set()
    for number in range(FLOOD):
        text = f"{frame} {prose(10_000 + number, 30)}"
        title = prose(50_000 + number, 6)
        pages.append(make(text, title=title, outlet=f"flooder {number % 40}"))
        if number % EACH == 0:
            text = f"{report} {prose(500 + number, 20)}"
            pages.append(make(text, title="Tower opens", outlet=f"paper {number}"))
            copies.add(pages[-1].id)
    stories = cluster_documents(pages, scheme, reports=False).stories
    assert [set(each.members) for each in stories if copies & {*each.members}] == [copies]
    assert max(len(each.members) for each in stories if not copies & {*each.members}) <= 10
