from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from dedup.bulk.cluster import cluster_documents
from dedup.records import Document, RelationKind, Story
from dedup.reports.cues import carries_report, extract_cues
from dedup.reports.pair_reasons import compare_pair, format_reasons
from dedup.reports.reports import find_reports
from dedup.signature.scheme import Scheme

Make = Callable[..., Document]

ENGLISH = (
    "Kim Jong Un inspected a munitions factory that makes multiple rocket launchers on Monday and"
    " called for a higher output of new launchers, the Korean Central News Agency (KCNA) said."
    " He was accompanied by Jo Chun Ryong and Kim Jong Sik, and praised the workers of the plant."
)
KOREAN = (
    "김정은 국무위원장이 방사포를 만드는 군수공장을 시찰하고 생산을 늘리라고 지시했다고 조선중앙통신이"
    " 7일 보도했다. 조춘룡 당 비서와 김정식 제1부부장이 동행했다. 김 위원장은 노동자들을 치하했다."
)
OTHER = (
    "Kim Jong Un sent a floral basket to the hospital at Wonsan for its anniversary, the KCNA said."
    " Doctors thanked him for the greenhouse and the ambulance that the city received last spring."
)
RETOLD = (
    "North Korea's leader visited a plant building multiple rocket launchers, a munitions factory,"
    " and demanded higher output of the new launchers, KCNA reported on Tuesday. The visit by Kim"
    " Jong Un, with Jo Chun Ryong and Kim Jong Sik, praised workers of the plant, it said."
)


def alone(*documents: Document) -> list[Story]:
    return [Story((each.id,), each.id) for each in documents]


def members(*documents: Document) -> set[tuple[int, ...]]:
    return {each.members for each in find_reports(documents, alone(*documents)).reports}


def test_one_report_in_two_languages_comes_together(make: Make) -> None:
    one = make(ENGLISH, title="Kim inspects rocket launcher factory: KCNA", language="en")
    two = make(KOREAN, title="김정은, 방사포 공장 시찰", language="ko")
    assert members(one, two) == {(1, 2)}
    edges = find_reports([one, two], alone(one, two)).relations
    assert [edge.kind for edge in edges] == [RelationKind.DERIVED]
    assert "multiple rocket launcher" in edges[0].reason


def test_one_report_in_other_words_comes_together(make: Make) -> None:
    one = make(ENGLISH, title="Kim inspects rocket launcher factory: KCNA")
    two = make(RETOLD, title="N. Korea's Kim visits rocket launcher factory", days=1)
    assert members(one, two) == {(1, 2)}


@pytest.mark.parametrize(
    ("days", "rank", "source"), [(0, 9, 0), (0.5, 9, 1), (-0.5, 9, 2), (0, 0, 2), (0.5, 0, 2)]
)
def test_the_source_of_a_report_in_other_words_is_known_by_rank_or_time_only(
    days: float, rank: int, source: int, make: Make
) -> None:
    one = make(ENGLISH, title="Kim inspects rocket launcher factory: KCNA", days=1)
    two = make(
        RETOLD, title="N. Korea's Kim visits rocket launcher factory", days=1 + days, rank=rank
    )
    (edge,) = find_reports([one, two], alone(one, two)).relations
    assert edge.source == source


def test_another_report_of_the_same_day_stays_apart(make: Make) -> None:
    one = make(ENGLISH, title="Kim inspects rocket launcher factory: KCNA")
    two = make(OTHER, title="Kim sends floral basket to hospital: KCNA")
    assert members(one, two) == {(1,), (2,)}


@pytest.mark.parametrize("days", [3, 30, 365])
def test_the_same_headline_later_is_another_report(days: int, make: Make) -> None:
    one = make(OTHER, title="Kim sends floral basket: KCNA")
    two = make(OTHER.replace("Wonsan", "Nampho"), title="Kim sends floral basket: KCNA", days=days)
    assert members(one, two) == {(1,), (2,)}


def test_who_cites_nobody_carries_no_report(make: Make) -> None:
    one = make("The harbour office opened a tower on Tuesday. Many came to see it.")
    assert not carries_report(one)
    assert members(one) == set()


def test_a_source_named_late_is_that_of_something_else(make: Make) -> None:
    late = make(["Fishermen came to see the tower."] * 60 + ["KCNA said so last year."])
    assert not carries_report(late)


def test_the_agency_s_own_text_carries_its_report(make: Make) -> None:
    own = make("The tower opened on Tuesday with many people.", rank=0)
    assert carries_report(own)
    assert members(own) == {(1,)}


def test_a_translation_by_the_agency_itself_is_named_so(make: Make) -> None:
    one = make(ENGLISH, title="Kim inspects munitions factory", rank=0, language="en")
    two = make(KOREAN, title="김정은, 방사포 군수공장 시찰", rank=0, language="ko")
    edges = find_reports([one, two], alone(one, two)).relations
    assert [edge.kind for edge in edges] == [RelationKind.TRANSLATION]


def test_a_story_is_never_torn_apart(make: Make) -> None:
    one = make(ENGLISH, title="Kim inspects rocket launcher factory: KCNA")
    silent = make("Its copy that leaves the source out.")
    found = find_reports([one, silent], [Story((one.id, silent.id), one.id)]).reports
    assert [each.members for each in found] == [(1, 2)]


def test_reports_are_a_function_of_the_set(make: Make) -> None:
    documents = [
        make(ENGLISH, title="Kim inspects rocket launcher factory: KCNA", language="en"),
        make(RETOLD, title="Kim visits rocket launcher factory", days=0.4, language="en"),
        make(KOREAN, title="김정은, 방사포 공장 시찰", days=0.2, language="ko"),
        make(OTHER, title="Kim sends floral basket: KCNA", days=1, language="en"),
    ]
    found = {
        frozenset(frozenset(each.members) for each in find_reports(order, alone(*order)).reports)
        for order in permutations(documents)
    }
    assert found == {frozenset({frozenset({1, 2, 3}), frozenset({4})})}


def test_a_batch_tells_stories_and_reports(make: Make, scheme: Scheme) -> None:
    one = make(ENGLISH * 3, title="Kim inspects rocket launcher factory: KCNA", language="en")
    two = make(KOREAN, title="김정은, 방사포 공장 시찰", language="ko")
    found = cluster_documents([one, two], scheme)
    assert [story.members for story in found.stories] == [(1,), (2,)]
    assert found.report_members == [(1, 2)]
    assert 0 < found.report_records[0].confidence <= 1


def test_how_alike_two_carriers_are_is_said_in_words(make: Make) -> None:
    one = extract_cues(make(ENGLISH, title="Kim inspects factory: KCNA", language="en"))
    two = extract_cues(make(KOREAN, title="김정은, 방사포 공장 시찰", days=0.5, language="ko"))
    assert compare_pair(one, two).is_same_report
    assert "0.5 days apart" in format_reasons(one, two)
    undated = extract_cues(make(ENGLISH, title="Kim inspects factory: KCNA", days=None))
    assert compare_pair(one, undated).probability == 0


def test_undated_carriers_are_linked_through_their_story_only(make: Make) -> None:
    one = make(ENGLISH, title="Kim inspects factory: KCNA", days=None)
    two = make(ENGLISH, title="Kim inspects factory: KCNA", days=None)
    assert members(one, two) == {(1,), (2,)}


def test_two_reports_of_the_agency_itself_stay_apart(make: Make) -> None:
    greeting = (
        "Kim Jong Un received a message of greeting from the president of {} on the New Year."
    )
    one, two = (
        make(greeting.format(each), title=f"Greeting from {each}", rank=0, outlet="agency")
        for each in ("Laos", "Cuba")
    )
    assert members(one, two) == {(1,), (2,)}


def test_words_of_the_same_letters_are_not_the_same_words(make: Make) -> None:
    one = extract_cues(make("Notes on least reserved angel cheater, KCNA said.", language="en"))
    two = extract_cues(make("Stone in stale reversed glean teacher, KCNA said.", language="en"))
    assert len(np.intersect1d(one.terms, two.terms)) == 2  # "KCNA" and "said"
