"""A disk that fills up while articles are stored: nothing acknowledged is lost, and it goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Database, open_database
from storage.errors import DiskFull
from storage.invariants import check_invariants
from storage.records import Article
from tests.small_disk import empty, fill, small_disk

pytestmark = pytest.mark.threats("R12")


def save_for_ever(
    database: Database, make: Callable[..., Article], acknowledged: list[int]
) -> None:
    for n in range(5, 2000, 5):
        receipts = database.save([make(n + k) for k in range(5)])
        acknowledged += [each.article_id for each in receipts]


@pytest.mark.parametrize("free", [0, 10_000, 60_000, 200_000, 500_000])
def test_what_was_acknowledged_stays_and_storing_goes_on(
    free: int, tmp_path: Path, make: Callable[..., Article]
) -> None:
    with small_disk(tmp_path / "disk", 6000) as disk:
        url = f"sqlite:///{disk}/nkwire.db"
        acknowledged: list[int] = []
        with open_database(url, seed=1, patience=1) as database:
            acknowledged += [each.article_id for each in database.save([make(n) for n in range(5)])]
            fill(disk, but=free)
            with pytest.raises(DiskFull, match="no room"):
                save_for_ever(database, make, acknowledged)
            assert check_invariants(database, acknowledged) == []  # reading goes on
        with open_database(url, reading_only=True, patience=1) as looking:
            assert looking.articles.count() == len(acknowledged)
        empty(disk)
        with open_database(url, patience=1) as database:
            assert database.save([make(5000)])[0].article_id
            assert check_invariants(database, acknowledged) == []
