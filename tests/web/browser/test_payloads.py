"""Sixty attacks in titles, texts and names: the browser runs none, and asks no other host."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from storage import open_database
from tests.web import hostile
from tests.web.browser.conftest import Visiting
from tests.web.conftest import Site, serving
from tests.web.hostile import PAYLOADS
from web.options import WebOptions

pytestmark = pytest.mark.browser
LISTS = ("/days/2026-03-02", "/reports", "/changes?boring=1", "/outlets")


@contextmanager
def serving_payloads(path: Path) -> Iterator[tuple[Site, Sequence[int]]]:
    url = f"sqlite:///{path}/nkwire.db"
    with open_database(url, seed=1) as database:
        ids = hostile.fill(database)
    with serving(WebOptions(database_url=url, port=0)) as site:
        yield site, ids[: len(PAYLOADS)]


@pytest.mark.threats("U1")
def test_there_are_sixty_attacks() -> None:
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.threats("U1")
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_no_attack_runs_or_breaks_the_policy(
    tmp_path: Path, visiting: Visiting, every: int
) -> None:
    with serving_payloads(tmp_path) as (site, ids), visiting() as visit:
        ids = ids[::every]
        pairs = pairwise(ids)
        addresses = [
            *LISTS,
            *(f"/articles/{each}" for each in ids),
            *(f"/compare/{first}/{second}" for first, second in pairs),
        ]
        for address in addresses:
            answer = visit.page.goto(site.url + address, wait_until="load")
            assert answer is not None
            assert answer.status == 200, address
            assert visit.page.url == site.url + address
        assert visit.complaints == []
