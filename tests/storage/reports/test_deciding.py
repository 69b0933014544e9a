import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.browsing.decision_lines import load_decision_lines, load_ruling_lines
from storage.dialects import lock_placement
from storage.errors import InvalidRequest, NotFound, Unavailable
from storage.invariants import check_invariants
from storage.records import Article
from storage.reports import deciding

Make = Callable[..., Article]
Write = Callable[[int], str]


def stories(database: Database) -> list[tuple[int, ...]]:
    return sorted(tuple(m.id for m in story.members) for story in database.stories.iter())


@pytest.fixture
def copies(database: Database, make: Make, write: Write) -> Database:
    """Articles 1 to 4 with one text, which 5 and 6 carry half of, and 7 with another."""
    text, other = write(1), write(2)
    database.save(
        [
            *(make(number, text=text, outlet=f"outlet{number}") for number in range(1, 5)),
            make(5, text=f"{text} {other}", outlet="outlet5"),
            make(6, text=f"{text} {other} More.", outlet="outlet6"),
            make(7, text=write(3), outlet="outlet7"),
        ]
    )
    return database


@pytest.mark.parametrize("article_id", range(1, 7))
def test_the_preview_of_a_split_is_what_the_split_does(copies: Database, article_id: int) -> None:
    try:
        others = deciding.other_members(copies, article_id)
    except InvalidRequest:
        return
    before = stories(copies)
    preview = copies.decisions.preview_split(article_id, others)
    assert stories(copies) == before
    assert copies.decisions.all() == []
    decided = deciding.split(copies, article_id)
    assert decided.articles == (article_id, *others)
    assert decided.is_worked_out
    touched = {each for story in preview for each in story.members}
    now = [each for each in stories(copies) if touched & set(each)]
    assert sorted(tuple(sorted(each.members)) for each in preview) == now
    assert check_invariants(copies) == []


def test_a_split_is_undone_as_a_whole(copies: Database) -> None:
    before = stories(copies)
    deciding.split(copies, 1, note="not the same")
    assert stories(copies) != before
    (line,) = load_decision_lines(copies)
    assert line.articles[0].id == 1
    assert (line.verb, line.note, line.more) == (DecisionVerb.CANNOT_LINK, "not the same", 0)
    deciding.undo(copies, line.decided_at)
    assert stories(copies) == before
    assert copies.decisions.all() == []
    with pytest.raises(NotFound, match="undone already"):
        deciding.undo(copies, line.decided_at)
    assert check_invariants(copies) == []


def test_the_latest_decision_comes_first_and_names_its_articles(copies: Database) -> None:
    deciding.merge(copies, 1, 7, "one event")
    deciding.merge(copies, 7, 2)
    lines = load_decision_lines(copies)
    assert [[each.id for each in line.articles] for line in lines] == [[2, 7], [1, 7]]
    assert lines[1].note == "one event"
    assert {each.story_id for each in lines[0].articles} == {1}
    assert len(load_decision_lines(copies, limit=1)) == 1


def test_many_articles_of_a_split_are_counted_and_not_all_named(
    database: Database, make: Make, write: Write
) -> None:
    database.save([make(n, text=write(1), outlet=f"outlet{n}") for n in range(1, 21)])
    deciding.split(database, 20)
    (line,) = load_decision_lines(database)
    assert line.articles[0].id == 20
    assert len(line.articles) + line.more == 20


def test_an_article_alone_cannot_be_split_or_merged_with_itself(copies: Database) -> None:
    with pytest.raises(InvalidRequest, match="the only article"):
        deciding.split(copies, 7)
    with pytest.raises(InvalidRequest, match="two articles"):
        deciding.merge(copies, 7, 7)
    with pytest.raises(NotFound):
        deciding.merge(copies, 7, 99)
    with pytest.raises(NotFound):
        deciding.undo(copies, datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(NotFound):
        copies.decisions.preview_split(7, [99])


def test_a_ruling_is_listed_and_taken_back(database: Database, make: Make) -> None:
    database.save([make(1, text="Twelve workers came. " * 9)])
    database.save([make(1, text="Twenty workers came. " * 9)])
    (edit,) = database.changes.iter(boring=True)
    database.changes.set_ruling(edit.id, boring=True, note="a slip\x00 of the pen")
    (line,) = load_ruling_lines(database)
    assert (line.boring, line.note, line.change_id) == (True, "a slip of the pen", edit.id)
    assert (line.article.id, line.old_id, line.new_id) == (1, edit.old_id, edit.new_id)
    database.changes.remove_ruling(edit.old_id, edit.new_id)
    assert load_ruling_lines(database) == []
    assert database.changes.get(edit.id).ruled is None
    with pytest.raises(NotFound):
        database.changes.remove_ruling(edit.old_id, edit.new_id)


def test_a_decision_waits_shortly_for_another_writer_and_changes_nothing(
    corpus_url: str, make: Make
) -> None:
    with (
        open_database(corpus_url) as busy,
        open_database(corpus_url, patience=0.3, lock_seconds=0.2) as database,
    ):
        busy.save([make(1), make(2)])
        tried: list[float] = []

        def hold(connection: Connection) -> None:
            lock_placement(connection)
            started_at = time.monotonic()
            with pytest.raises(Unavailable):
                deciding.merge(database, 1, 2, max_seconds=1)
            tried.append(time.monotonic() - started_at)

        busy.write(hold)
        assert tried[0] < 5
        assert database.decisions.all() == []
        assert deciding.merge(database, 1, 2, max_seconds=5).is_worked_out
