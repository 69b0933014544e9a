"""Pages cut at twenty places, in three ways: each is asked for again, and kept only with its flag."""

import pytest

from storage import open_database
from tests.crawler.conftest import Answer, Declare, Site, World, page

CUTS = [n / 20 for n in range(20)]


def truncated(world: World) -> list[bool]:
    with open_database(world.url) as database:
        return [
            each.truncated
            for row in database.articles.iter()
            for each in database.articles.captures(row.id)
        ]


@pytest.mark.threats("R5")
@pytest.mark.parametrize("ends", ["closed", "shorter than stated"])
def test_a_page_cut_at_any_of_twenty_places_is_never_taken_for_whole(
    ends: str, site: Site, declare: Declare, world: World
) -> None:
    numbers = range(1, len(CUTS) + 1)
    site.put_feed(numbers)
    for number, share in zip(numbers, CUTS, strict=True):
        body = page(number).encode()
        end = int(len(body) * share)
        cut = Answer(body[:end], length=False) if ends == "closed" else Answer(body, cut=end)
        site.answers[f"/news/{number}"] = cut
    run = world.crawl(declare(), settings={"RETRY_TIMES": 1})
    kept = truncated(world)
    assert all(kept)
    assert all(len(site.paths(f"/news/{n}")) >= 2 for n in numbers)
    lost = ("page.truncated", "page.error", "page.unreachable")
    assert sum(run.counts.get(name, 0) for name in lost) == len(CUTS)
    assert run.counts.get("page.article", 0) == 0
