"""Each rule must notice when it is broken: a check that never fails proves nothing."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from storage import Database
from storage.invariants import check_invariants
from storage.records import Article, PageClass

Make = Callable[..., Article]

DAMAGE = {
    "without their current version": "UPDATE article SET version_id = 2 WHERE id = 1",
    "of another class": "UPDATE article SET page_class = 'stub' WHERE id = 1",
    "articles without a signature": "DELETE FROM signature WHERE article_id = 3",
    "stubs with a signature": "UPDATE signature SET article_id = 4 WHERE article_id = 1",
    "in no living story": "UPDATE article SET story_id = NULL WHERE id = 3",
    "whose lead is none of their members": "UPDATE story SET lead_id = 1 WHERE lead_id = 3",
    "more than one hop": "UPDATE story SET merged_into = (SELECT max(id) FROM story)",
    "not in order": "UPDATE relation SET b = 1, a = 2",
    "relations of articles without": "DELETE FROM signature WHERE article_id = 2",
    "version of another article": "UPDATE capture SET version_id = 3 WHERE article_id = 1",
    "is not the latest": "UPDATE article SET version_id = 3 WHERE id = 3",
    "of another scheme": "UPDATE signature SET scheme = 'other' WHERE article_id = 3",
    "lack rows in band": "DELETE FROM unposted WHERE article_id = 3",
    "lack rows in fingerprint": "DELETE FROM unposted WHERE article_id = 3",
    "band holds rows of no signature": "INSERT INTO band VALUES (5, 3)",
}


@pytest.fixture
def sound(database: Database, make: Make, write: Callable[[int], str]) -> Database:
    """Two copies (1, 2), an article with two versions (3) and a stub (4)."""
    copies = [make(1, at=1), make(2, at=1, outlet="times", text=write(1) + " More.")]
    database.save([*copies, make(3, at=1), make(4, at=1, page_class=PageClass.STUB)])
    database.save([make(3, at=2, text=write(33))])
    return database


def test_a_sound_database_breaks_no_rule(sound: Database) -> None:
    assert check_invariants(sound, [1, 2, 3, 4]) == []


@pytest.mark.threats("R18")
@pytest.mark.parametrize("rule", DAMAGE)
def test_damage_is_noticed(rule: str, sound: Database) -> None:
    sound.write(lambda connection: connection.execute(text(DAMAGE[rule])))
    assert any(rule in sentence for sentence in check_invariants(sound))


def test_an_article_that_was_reported_stored_and_is_missing_is_noticed(sound: Database) -> None:
    assert check_invariants(sound, [1, 99]) == ["1 articles reported stored and missing: 99"]


def test_the_check_sees_one_moment_of_a_database_that_is_written_meanwhile(
    sound: Database, make: Make
) -> None:
    def acknowledged() -> Iterator[int]:
        # Asked for at the end of the check, when its view of the database is fixed.
        yield sound.save([make(5)])[0].article_id

    [violation] = check_invariants(sound, acknowledged())
    assert violation.startswith("1 articles reported stored and missing")
    assert check_invariants(sound, acknowledged()) == []
