from collections.abc import Callable

import pytest

from dedup.records import Decision, DecisionVerb
from storage import Database
from storage.errors import InvalidRequest, NotFound
from storage.invariants import check_invariants
from storage.records import Article, PageClass

Make = Callable[..., Article]


def stories(database: Database) -> list[tuple[int, ...]]:
    return sorted(tuple(m.id for m in story.members) for story in database.stories.iter())


def test_a_must_link_joins_two_stories_and_the_younger_id_redirects(
    database: Database, make: Make
) -> None:
    first, second = database.save([make(1), make(2)])
    database.decisions.add(
        second.article_id, first.article_id, DecisionVerb.MUST_LINK, "the same event"
    )
    assert stories(database) == [(1, 2)]
    assert database.stories.get(second.story_id).id == first.story_id
    assert database.stories.redirects() == {second.story_id: first.story_id}
    assert database.decisions.of(2) == [Decision(1, 2, DecisionVerb.MUST_LINK)]
    assert check_invariants(database) == []


def test_a_cannot_link_parts_copies_for_ever(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    database.save([make(1), make(2, text=write(1), outlet="times")])
    assert stories(database) == [(1, 2)]
    database.decisions.add(1, 2, DecisionVerb.CANNOT_LINK)
    assert stories(database) == [(1,), (2,)]
    database.save([make(2, text=write(1) + " Again.", outlet="times")])
    assert stories(database) == [(1,), (2,)]
    assert check_invariants(database) == []


def test_a_decision_taken_back_leaves_what_the_texts_say(database: Database, make: Make) -> None:
    database.save([make(1), make(2)])
    database.decisions.add(1, 2, DecisionVerb.MUST_LINK)
    database.decisions.remove(2, 1)
    assert stories(database) == [(1,), (2,)]
    assert database.decisions.all() == []
    with pytest.raises(NotFound, match="nothing was decided"):
        database.decisions.remove(1, 2)


def test_the_last_decision_on_two_articles_counts(database: Database, make: Make) -> None:
    database.save([make(1), make(2)])
    database.decisions.add(1, 2, DecisionVerb.MUST_LINK)
    database.decisions.add(2, 1, DecisionVerb.CANNOT_LINK)
    assert database.decisions.all() == [Decision(1, 2, DecisionVerb.CANNOT_LINK)]
    assert stories(database) == [(1,), (2,)]


def test_redirects_lead_to_the_living_story_in_one_hop(database: Database, make: Make) -> None:
    receipts = database.save([make(n) for n in range(1, 5)])
    database.decisions.add(3, 4, DecisionVerb.MUST_LINK)
    database.decisions.add(2, 4, DecisionVerb.MUST_LINK)
    database.decisions.add(1, 4, DecisionVerb.MUST_LINK)
    assert set(database.stories.redirects().values()) == {receipts[0].story_id}
    assert len(database.stories.redirects()) == 3
    assert check_invariants(database) == []


def test_decisions_are_about_two_whole_articles_that_are_there(
    database: Database, make: Make
) -> None:
    database.save([make(1), make(2, page_class=PageClass.STUB)])
    with pytest.raises(InvalidRequest, match="two articles"):
        database.decisions.add(1, 1, DecisionVerb.MUST_LINK)
    with pytest.raises(InvalidRequest, match="article 2 is a stub"):
        database.decisions.add(1, 2, DecisionVerb.MUST_LINK)
    with pytest.raises(NotFound, match="no article has the id 7"):
        database.decisions.add(1, 7, DecisionVerb.MUST_LINK)
    assert database.decisions.all() == []
