"""The number of a story, once given, never means another thing, and always leads somewhere."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.index.membership import Move
from storage.invariants import check_invariants
from storage.reading.rows import Departure
from storage.records import Article
from storage.tables.articles import story

Make = Callable[..., Article]
Write = Callable[[int], str]
ARTICLES = 6


def story_of(database: Database, article_id: int) -> int:
    return database.articles.get(article_id).story_id


def test_a_merge_keeps_the_older_number_whichever_article_is_named_first(
    database: Database, make: Make
) -> None:
    database.save([make(1), make(2), make(3)])
    changes = database.decisions.add(3, 2, DecisionVerb.MUST_LINK)
    assert (changes.moves, changes.redirects) == ([Move(3, 3, 2)], {3: 2})
    assert database.stories.number(3).story_id == 2
    database.decisions.add(3, 1, DecisionVerb.MUST_LINK)
    assert [database.stories.current_id(number) for number in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("leaving", [1, 2, 3])
def test_the_article_that_is_split_off_leaves_the_number_to_the_rest(
    database: Database, make: Make, write: Write, leaving: int
) -> None:
    database.save([make(n, text=write(1), outlet=f"outlet {n}") for n in (1, 2, 3)])
    assert database.stories.get(1).lead.id == 1
    others = [each for each in (1, 2, 3) if each != leaving]
    changes = database.decisions.split(leaving, others, "another event")
    new = story_of(database, leaving)
    assert new > 1
    assert [story_of(database, each) for each in others] == [1, 1]
    assert database.stories.get(1).lead.id == others[0]
    assert (changes.moves, changes.redirects) == ([Move(leaving, 1, new)], {})
    (departure,) = database.stories.number(1).departures
    assert departure == Departure(
        article_id=leaving, left=1, story_id=new, left_at=departure.left_at
    )
    database.recluster()
    assert story_of(database, leaving) == new
    assert check_invariants(database) == []


def test_of_two_articles_the_one_that_is_named_leaves(
    database: Database, make: Make, write: Write
) -> None:
    database.save([make(n, text=write(1), outlet=f"outlet {n}") for n in (1, 2)])
    database.decisions.split(1, [2])
    assert (story_of(database, 1) > 1, story_of(database, 2)) == (True, 1)


def test_a_number_that_was_merged_follows_its_lead_document_after_a_split(
    database: Database, make: Make, write: Write
) -> None:
    database.save([make(n, text=write(1), outlet=f"outlet {n}") for n in (1, 2, 3)])
    database.save([make(n) for n in (4, 5)])
    database.decisions.add(5, 4, DecisionVerb.MUST_LINK)
    database.decisions.add(4, 1, DecisionVerb.MUST_LINK)
    assert [database.stories.current_id(number) for number in (2, 3)] == [1, 1]
    database.decisions.split(4, [1, 2, 3])
    new = story_of(database, 4)
    assert new > 1
    assert [story_of(database, each) for each in (1, 2, 3, 5)] == [1, 1, 1, new]
    former = {database.stories.number(2).story_id, database.stories.number(3).story_id}
    assert former == {new}
    assert database.stories.number(2).departures == ()
    assert check_invariants(database) == []


def test_an_article_that_came_back_has_not_left(
    database: Database, make: Make, write: Write
) -> None:
    database.save([make(n, text=write(1), outlet=f"outlet {n}") for n in (1, 2)])
    database.decisions.split(2, [1])
    database.decisions.remove(1, 2)
    assert story_of(database, 2) == 1
    assert database.stories.number(1).departures == ()
    assert database.stories.redirects() == {2: 1}


def test_an_article_whose_text_changes_leaves_and_is_recorded(
    database: Database, make: Make, write: Write
) -> None:
    database.save([make(n, text=write(1), outlet=f"outlet {n}", at=n) for n in (1, 2, 3)])
    database.save([make(3, text=write(9), outlet="outlet 3", at=9)])
    (departure,) = database.stories.number(1).departures
    assert (departure.article_id, departure.story_id) == (3, story_of(database, 3))


def test_a_number_is_not_given_again_even_if_its_row_is_lost(
    database: Database, make: Make
) -> None:
    database.save([make(1)])
    with_row = {"created_at": database.articles.get(1).first_seen_at}
    lost = database.write(lambda c: c.scalars(insert(story).returning(story.c.id), with_row).one())
    database.write(lambda c: c.execute(delete(story).where(story.c.id == lost)))
    database.save([make(2)])
    assert story_of(database, 2) > lost


@pytest.fixture(scope="module")
def six_articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of two stories of two copies and two articles alone."""
    path = tmp_path_factory.mktemp("numbers") / "six.db"
    texts = [f"{' '.join(f'word{n}x{i}' for i in range(90))}." for n in (0, 0, 1, 1, 2, 3)]
    with open_database(f"sqlite:///{path}", seed=7) as opened:
        opened.save(
            [
                Article(
                    outlet=f"outlet {n}",
                    url=f"https://outlet.test/{n}",
                    title=f"Headline {n}",
                    text=text,
                    language="en",
                )
                for n, text in enumerate(texts)
            ]
        )
    return path


PAIRS = st.tuples(st.integers(1, ARTICLES), st.integers(1, ARTICLES)).filter(
    lambda pair: pair[0] != pair[1]
)
STEPS = st.lists(st.tuples(st.sampled_from(["merge", "split", "undo"]), PAIRS), max_size=8)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_persons_decide_a_number_never_names_another_story(
    six_articles: Path, steps: list[tuple[str, tuple[int, int]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(six_articles, Path(folder) / "copy.db")
        with open_database(f"sqlite:///{path}", seed=7) as database:
            _check_steps(database, steps)


def _check_steps(database: Database, steps: list[tuple[str, tuple[int, int]]]) -> None:
    for verb, (a, b) in steps:
        before = {each: story_of(database, each) for each in range(1, ARTICLES + 1)}
        redirects = database.stories.redirects()
        if verb == "merge":
            database.decisions.add(a, b, DecisionVerb.MUST_LINK)
        elif verb == "split":
            rest = [each for each in before if before[each] == before[a] and each != a]
            if not rest:
                continue
            database.decisions.split(a, rest)
            assert {story_of(database, each) for each in rest} >= {before[a]}
            assert story_of(database, a) != before[a]
        elif not any({each.a, each.b} == {a, b} for each in database.decisions.of(a)):
            continue
        else:
            database.decisions.remove(a, b)
        after = {each: story_of(database, each) for each in before}
        _check_numbers(database, before, after, redirects)
    assert check_invariants(database) == []


def _check_numbers(
    database: Database, before: dict[int, int], after: dict[int, int], redirects: dict[int, int]
) -> None:
    now = database.stories.redirects()
    assert redirects.keys() <= now.keys()
    assert not now.keys() & set(after.values())
    known = set(database.read(lambda c: c.scalars(select(story.c.id)).all()))
    assert known == {*now, *after.values()}
    for article_id, number in before.items():
        named = database.stories.number(number)
        if after[article_id] != named.story_id:
            assert article_id in {each.article_id for each in named.departures}


def test_the_rest_stays_together_even_if_the_first_of_many_copies_leaves(
    database: Database, make: Make, write: Write
) -> None:
    copies = range(1, 15)
    database.save([make(n, text=write(1), outlet=f"outlet {n}") for n in copies])
    database.decisions.split(1, [each for each in copies if each != 1])
    assert {story_of(database, each) for each in copies if each != 1} == {1}
    assert check_invariants(database) == []
