"""Articles that leave a day or a report, and what stays behind."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from dedup.records import DecisionVerb, RelationKind
from storage import Database
from storage.index.sql_index import SqlIndex
from storage.invariants import check_invariants
from storage.records import Article
from storage.reports.carriage import load_carriage
from storage.reports.working_out import rebuild_reports, work_out
from tests.storage.conftest import Make
from tests.storage.invented_reports import NOON, MakeCarrier, tell_news


def groups(database: Database) -> set[frozenset[int]]:
    """The kept reports by the numbers of their articles."""
    return {
        frozenset(int(each.url.rpartition("/")[2]) for each in kept.articles)
        for kept in load_carriage(database)
    }


def test_two_reports_part_when_the_articles_that_joined_them_leave_an_empty_day(
    database: Database, make: Make
) -> None:
    def tell(number: int, *subjects: int) -> Article:
        news = [tell_news(subject) for subject in subjects]
        words = " ".join(news).split()
        chance = random.Random(number)  # words in another order: similar, but not copied
        return make(
            number,
            outlet=f"paper {number}",
            title=", ".join(each[:60] for each in news),
            text=f"KCNA reported on Monday: {' '.join(chance.sample(words, len(words)))}.",
            published_at=NOON + timedelta(days=2 - len(news)),
            at=48,
        )

    joining = range(5, 12)
    database.save([tell(3, 2), tell(4, 7), *(tell(number, 2, 7) for number in joining)])
    work_out(database)
    assert groups(database) == {frozenset({3, 4, *joining})}
    database.save([make(number, outlet=f"paper {number}", at=49) for number in joining])
    work_out(database)
    assert groups(database) == {frozenset({3}), frozenset({4})}
    rebuild_reports(database)
    assert groups(database) == {frozenset({3}), frozenset({4})}


@pytest.mark.parametrize("remaining", [False, True])
def test_a_report_is_given_up_by_an_article_that_joins_a_story_of_no_report(
    remaining: bool, database: Database, make: Make, make_carrier: MakeCarrier
) -> None:
    weather = make(50, outlet="weather", at=0)
    told = [make_carrier(1, 0), *([make_carrier(3, 0)] if remaining else [])]
    (story, *_) = (receipt.story_id for receipt in database.save([weather, *told]))
    work_out(database)
    (receipt,) = database.save([replace(weather, url=told[0].url, outlet="herald")])
    assert receipt.story_id == story
    work_out(database)
    assert groups(database) == {frozenset({3})} if remaining else not groups(database)
    assert check_invariants(database) == []


@pytest.mark.parametrize("change", ["DELETE FROM carried", "UPDATE carried SET report_id = 1"])
def test_articles_that_do_not_carry_the_report_of_their_story_are_noticed(
    change: str, database: Database, make_carrier: MakeCarrier
) -> None:
    database.save([make_carrier(0, 0), make_carrier(5, 1)])
    work_out(database)
    assert check_invariants(database) == []
    database.write(lambda connection: connection.execute(text(f"{change} WHERE article_id = 2")))
    rule = "1 articles that do not carry the report of their story: 2"
    assert rule in check_invariants(database)


def test_a_relation_that_changes_within_its_story_changes_the_manner(
    database: Database, make_carrier: MakeCarrier
) -> None:
    told, copied = (
        each.article_id for each in database.save([make_carrier(0, 0), make_carrier(2, 0)])
    )
    work_out(database)
    assert [each.manner.value for each in load_carriage(database)[0].articles][1] != "excerpt"

    def demote(connection: Connection) -> None:
        index = SqlIndex(connection, database.scheme)
        kept = [replace(each, kind=RelationKind.EXCERPT) for each in index.relations([told])]
        assert [(each.a, each.b) for each in kept] == [(told, copied)]
        index.replace_relations(told, kept)
        index.finish()

    database.write(demote)
    work_out(database)
    assert [each.manner.value for each in load_carriage(database)[0].articles][1] == "excerpt"


def test_a_report_keeps_its_number_when_one_of_its_stories_moves_to_another_year(
    database: Database, make_carrier: MakeCarrier
) -> None:
    database.save([make_carrier(number, 2, wording=number) for number in (1, 2, 3)])
    database.save([make_carrier(4, 7, later=timedelta(days=-700))])
    work_out(database)
    (kept,) = [each for each in load_carriage(database) if len(each.articles) == 3]
    moving = next(each.article_id for each in kept.articles if each != kept.lead)
    database.decisions.add(moving, 4, DecisionVerb.MUST_LINK)
    work_out(database)
    (now,) = load_carriage(database, report_id=kept.id)
    assert now.lead.article_id == kept.lead.article_id
    assert len(now.articles) == 2
    rebuild_reports(database)
    assert [len(each.articles) for each in load_carriage(database, report_id=kept.id)] == [2]
    assert check_invariants(database) == []
