"""Which report keeps its number, and where the other numbers lead."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dedup.records import DecisionVerb
from storage import Database
from storage.errors import NotFound
from storage.invariants import check_invariants
from storage.reports.carriage import load_carriage, load_report_numbers
from storage.reports.former_numbers import current_number, find_number
from storage.reports.report_ids import FormerReport, assign_numbers
from storage.reports.working_out import rebuild_reports, work_out
from storage.tables.reports import RedirectReason, report, report_redirect
from tests.storage.invented_reports import MakeCarrier


def test_a_number_stays_with_the_lead_document() -> None:
    former = [FormerReport(7, 1, {0: 5, 1: 1}), FormerReport(9, 1, {1: 3})]
    assigned = assign_numbers([True, True], former)
    assert assigned.ids == [0, 7]
    assert assigned.redirects == {9: 1}
    assert assigned.gone == []


def test_without_its_lead_document_a_number_goes_to_most_of_its_stories() -> None:
    former = [FormerReport(3, None, {0: 1, 1: 2}), FormerReport(8, None, {1: 4, 0: 4})]
    assert assign_numbers([True, True], former).ids == [8, 3]
    taken = [FormerReport(9, 1, {1: 1}), FormerReport(3, None, {1: 2})]
    assigned = assign_numbers([True, True], taken)
    assert (assigned.ids, assigned.redirects) == ([0, 9], {3: 1})


def test_a_number_without_a_report_is_gone() -> None:
    former = [FormerReport(3, 0, {0: 2}), FormerReport(4, None, {})]
    assigned = assign_numbers([False], former)
    assert (assigned.ids, assigned.gone) == ([0], [3, 4])


@st.composite
def successions(draw: st.DrawFn) -> tuple[list[bool], list[FormerReport]]:
    count = draw(st.integers(1, 4))
    group = st.integers(0, count - 1)
    former = [
        FormerReport(
            number, draw(st.none() | group), draw(st.dictionaries(group, st.integers(1, 3)))
        )
        for number in draw(st.lists(st.integers(1, 30), unique=True, max_size=6))
    ]
    return draw(st.lists(st.booleans(), min_size=count, max_size=count)), former


@given(successions())
def test_each_number_is_kept_once_or_leads_somewhere_or_is_gone(
    succession: tuple[list[bool], list[FormerReport]],
) -> None:
    are_reports, former = succession
    assigned = assign_numbers(are_reports, former)
    kept = [number for number in assigned.ids if number]
    assert sorted([*kept, *assigned.redirects, *assigned.gone]) == sorted(
        each.id for each in former
    )
    assert all(are_reports[n] for n, number in enumerate(assigned.ids) if number)
    assert all(assigned.ids[n] for n in assigned.redirects.values())
    assert assigned == assign_numbers(are_reports, former[::-1])


def numbers(database: Database) -> dict[int, set[str]]:
    """The kept reports by number, with the outlets of their articles."""
    return {each.id: {a.outlet for a in each.articles} for each in load_carriage(database)}


def test_a_report_that_grows_keeps_its_number(
    database: Database, make_carrier: MakeCarrier
) -> None:
    database.save([make_carrier(1, 0), make_carrier(5, 1)])
    work_out(database)
    assert numbers(database) == {1: {"herald"}, 2: {"herald"}}
    database.save([make_carrier(0, 1), make_carrier(3, 0)])
    work_out(database)
    assert numbers(database) == {1: {"herald", "mirror"}, 2: {"herald", "times"}}
    rebuild_reports(database)
    assert numbers(database) == {1: {"herald", "mirror"}, 2: {"herald", "times"}}


def test_two_reports_that_become_one_keep_the_lower_number_for_ever(
    database: Database, make_carrier: MakeCarrier
) -> None:
    receipts = database.save([make_carrier(0, 0), make_carrier(5, 1), make_carrier(2, 2)])
    first, second, third = (receipt.article_id for receipt in receipts)
    work_out(database)
    assert sorted(numbers(database)) == [1, 2, 3]
    database.decisions.add(second, third, DecisionVerb.MUST_LINK)
    work_out(database)
    assert sorted(numbers(database)) == [1, 2]
    meaning = database.read(lambda c: find_number(c, 3))
    assert (meaning.report, meaning.reason) == (2, RedirectReason.MERGED)
    assert "r3 is r2 now" in meaning.as_words()
    database.decisions.add(first, second, DecisionVerb.MUST_LINK)
    work_out(database)
    assert sorted(numbers(database)) == [1]
    assert database.read(lambda c: [current_number(c, n) for n in (1, 2, 3)]) == [1, 1, 1]
    database.decisions.remove(first, second)
    database.decisions.remove(second, third)
    work_out(database)
    assert sorted(numbers(database)) == [1, 4, 5]
    assert check_invariants(database) == []


def test_a_former_number_follows_its_report_when_a_merge_is_taken_back(
    database: Database, make_carrier: MakeCarrier
) -> None:
    receipts = database.save([make_carrier(0, 0), make_carrier(5, 1), make_carrier(2, 2)])
    first, second, third = (receipt.article_id for receipt in receipts)
    work_out(database)
    database.decisions.add(first, second, DecisionVerb.MUST_LINK)
    database.decisions.add(second, third, DecisionVerb.MUST_LINK)
    work_out(database)
    assert database.read(lambda c: [current_number(c, n) for n in (1, 2, 3)]) == [1, 1, 1]
    database.decisions.remove(first, second)
    work_out(database)
    (parted,) = numbers(database).keys() - {1}
    assert database.read(lambda c: [current_number(c, n) for n in (1, 2, 3)]) == [1, parted, parted]
    database.decisions.remove(second, third)
    work_out(database)
    by_article = load_report_numbers(database, [first, second, third])
    assert len(set(by_article.values())) == 3
    assert database.read(lambda c: [current_number(c, n) for n in (1, 2, 3)]) == [
        by_article[each] for each in (first, second, third)
    ]
    assert check_invariants(database) == []


def test_a_report_that_is_split_leaves_its_number_to_the_part_with_the_lead(
    database: Database, make_carrier: MakeCarrier
) -> None:
    receipts = database.save([make_carrier(0, 0), make_carrier(3, 0), make_carrier(1, 0)])
    work_out(database)
    assert numbers(database) == {1: {"times", "herald", "mirror"}}
    database.save([make_carrier(1, 5, 1, later=timedelta(days=-5), at=1)])
    work_out(database)
    assert numbers(database) == {1: {"times", "mirror"}, 2: {"herald"}}
    assert database.read(lambda c: find_number(c, 1)).story == receipts[0].story_id


def test_a_report_that_nobody_carries_any_more_leads_to_the_story_of_its_lead(
    database: Database, make_carrier: MakeCarrier
) -> None:
    (receipt,) = database.save([make_carrier(1, 0)])
    work_out(database)
    database.save([make_carrier(1, None, at=1)])
    work_out(database)
    assert numbers(database) == {}
    meaning = database.read(lambda c: find_number(c, 1))
    assert (meaning.report, meaning.story) == (None, receipt.story_id)
    assert f"no report: see story s{receipt.story_id}" in meaning.as_words()
    with pytest.raises(NotFound, match="r1 is no report"):
        database.read(lambda c: current_number(c, 1))
    database.save([make_carrier(1, 0, 1, at=2)])
    work_out(database)
    assert numbers(database) == {2: {"herald"}}
    assert database.read(lambda c: current_number(c, 1)) == 2
    words = database.read(lambda c: find_number(c, 1)).as_words()
    assert words == "r1 is r2 now (for a time no article was sure to carry it)"
    with pytest.raises(NotFound, match="no report has the number 99"):
        database.read(lambda c: find_number(c, 99))


def test_a_merged_number_says_when_its_report_is_gone(
    database: Database, make_carrier: MakeCarrier
) -> None:
    first, second = (
        receipt.article_id for receipt in database.save([make_carrier(0, 0), make_carrier(5, 1)])
    )
    work_out(database)
    database.decisions.add(first, second, DecisionVerb.MUST_LINK)
    work_out(database)
    database.save([make_carrier(0, None, at=1), make_carrier(5, None, at=1)])
    work_out(database)
    words = database.read(lambda c: find_number(c, 2)).as_words()
    assert words.startswith("r2 is no report: see story s")
    assert words.endswith("now (no article is sure to carry it any more)")


def test_no_number_is_given_twice(database: Database, make_carrier: MakeCarrier) -> None:
    given: dict[int, int] = {}
    for round_ in range(4):
        database.save(
            [make_carrier(4 * n + round_, n, round_, at=round_) for n in range(4)]
            + [
                make_carrier(4 * n + round_ - 1, None, round_, at=round_)
                for n in range(2)
                if round_
            ]
        )
        work_out(database)
        leads = database.read(
            lambda c: dict(c.execute(select(report.c.id, report.c.lead_id)).all())
        )
        former = database.read(lambda c: set(c.scalars(select(report_redirect.c.id))))
        assert not former & leads.keys()
        assert given.keys() <= leads.keys() | former
        given |= leads
    assert check_invariants(database) == []
