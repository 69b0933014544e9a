"""Keys that wait in memory are found as those in the tables are, and reach the tables in rounds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from storage import Database, open_database
from storage.index import index_flush as settling
from storage.index import pending_keys as fresh
from storage.index.index_flush import FlushRound, load_flush_round
from storage.index.key_postings import KeyArray
from storage.index.pending_keys import PendingKeys, PendingPostings
from storage.invariants import check_invariants
from storage.records import Article
from storage.tables.articles import band, signature, unposted

KEYS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=6)
STEPS = st.lists(st.tuples(st.integers(1, 6), KEYS | st.none()), max_size=30)


def array(keys: list[int]) -> KeyArray:
    return np.array(keys, np.int64)


@given(
    loaded=st.dictionaries(st.integers(1, 6), KEYS),
    steps=STEPS,
    merged=st.integers(1, 8),
    most=st.integers(1, 4),
)
def test_held_keys_are_those_that_were_put_last(
    loaded: dict[int, list[int]],
    steps: list[tuple[int, list[int] | None]],
    merged: int,
    most: int,
) -> None:
    held, model = PendingPostings(), {owner: set(keys) for owner, keys in loaded.items()}
    held.load({owner: fresh.pack_keys(array(keys)) for owner, keys in loaded.items()})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fresh, "_MAX_RECENT_ARTICLES", merged)
        for owner, keys in steps:
            if keys is None:
                held.drop(owner)
                model.pop(owner, None)
            else:
                held.put(owner, array(keys))
                model[owner] = set(keys)
    asked = sorted({key for keys in model.values() for key in keys} | {0, 1})
    expected = {key: sorted(i for i in model if key in model[i])[:most] for key in asked}
    found = held.find_owners(array(asked), most)
    assert found == {key: owners for key, owners in expected.items() if owners}
    listed, owners = held.between(-(2**63), 2**63 - 1)
    pairs = sorted(zip(listed.tolist(), owners.tolist(), strict=True))
    assert pairs == sorted((key, i) for i, its in model.items() for key in its)
    assert listed.tolist() == sorted(listed.tolist())


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "ARTICLES_PER_ROUND", 8)
    monkeypatch.setattr(settling, "SLICE_COUNT", 4)


def waiting(database: Database) -> int:
    return database.read(lambda c: c.scalar(select(func.count()).select_from(unposted)) or 0)


@pytest.mark.usefixtures("often")
def test_no_more_than_two_rounds_of_articles_ever_wait(
    database: Database, make: Callable[..., Article]
) -> None:
    for number in range(60):
        database.save([make(number, at=number)])
        assert (
            waiting(database)
            <= 2 * settling.ARTICLES_PER_ROUND + settling.ARTICLES_PER_ROUND // settling.SLICE_COUNT
        )
    assert check_invariants(database) == []
    now = database.read(load_flush_round)
    assert now.done > 30
    assert database.read(lambda c: c.scalar(select(func.count()).select_from(band)))


@pytest.mark.usefixtures("often")
def test_another_process_learns_what_was_settled_and_edited_meanwhile(
    database_url: str, make: Callable[..., Article], write: Callable[[int], str]
) -> None:
    with open_database(database_url) as one, open_database(database_url) as other:
        other.save([make(900, at=0)])
        for number in range(40):
            one.save([make(number, at=number)])
        one.save([make(3, at=50, text=write(700))])
        receipts = other.save(
            [
                make(601, at=51, outlet="times", text=write(700)),
                make(602, at=51, outlet="times", text=write(39)),
            ]
        )
        stories = {m.url: s.id for s in other.stories.iter() for m in s.members}
        assert receipts[0].story_id == stories[make(3).url]
        assert receipts[1].story_id == stories[make(39).url]
        assert check_invariants(one) == []


@pytest.mark.usefixtures("often")
def test_an_article_that_was_undone_is_not_found(
    database: Database, make: Callable[..., Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    put = PendingKeys.put

    def fail(self: PendingKeys, article_id: int, bands: KeyArray, fingerprints: KeyArray) -> None:
        put(self, article_id, bands, fingerprints)
        raise ArithmeticError("after the keys are held")

    database.save([make(1, at=0)])
    with monkeypatch.context() as patched:
        patched.setattr(PendingKeys, "put", fail)
        [refused] = database.save([make(2, at=1)])
        assert not refused.article_id
    [copy] = database.save([make(2, at=2, outlet="times")])
    assert {len(story.members) for story in database.stories.iter()} == {1}
    assert copy.article_id
    assert check_invariants(database) == []


@pytest.mark.usefixtures("often")
def test_signing_all_anew_leaves_nothing_waiting(
    database: Database, make: Callable[..., Article], tmp_path: Path
) -> None:
    database.save([make(number, at=number) for number in range(12)])
    database.write(lambda connection: connection.execute(update(signature).values(scheme="old")))
    database.recluster()
    assert waiting(database) == 0
    assert database.read(load_flush_round) == FlushRound(12, 12, 0, 12)
    assert check_invariants(database) == []
    [copy] = database.save([make(50, at=5.5, outlet="times", text=make(5).text)])
    assert any(len(story.members) == 2 for story in database.stories.iter())
    assert copy.story_id
