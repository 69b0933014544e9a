"""What the index puts off, to store it together, is seen by all that comes meanwhile."""

from collections.abc import Callable

import pytest

from storage import Database
from storage.index import sql_index
from storage.invariants import check_invariants
from storage.records import Article

Make = Callable[..., Article]
Write = Callable[[int], str]


def test_an_edit_in_a_large_batch_is_compared_with_what_follows(
    database: Database, make: Make, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("_MAX_RECENT_DOCUMENTS", "_MAX_UNSTORED_SIGNATURES"):
        monkeypatch.setattr(sql_index, limit, 3)
    edit = make(1, text=write(9), at=1)
    batch = [make(1), make(2), make(3), edit, make(4), make(5, text=f"{write(9)} More was said.")]
    receipts = database.save(batch)
    assert receipts[5].story_id == receipts[0].story_id
    assert check_invariants(database) == []
