"""Cases in which the words of different reports are alike, or those of one report differ."""

from collections.abc import Callable

import pytest

from dedup.records import Document, Story
from dedup.reports.reports import find_reports

Make = Callable[..., Document]


def group(*documents: Document) -> set[tuple[int, ...]]:
    stories = [Story((each.id,), each.id) for each in documents]
    return {report.members for report in find_reports(documents, stories).reports}


FIRST_TEST = (
    "North Korea test-fired two strategic cruise missiles off its east coast on Monday, the Korean"
    " Central News Agency said. They flew 1,580 km along an oval course and hit a target islet after"
    " 7,600 seconds. Pak Jong Chon watched the launch from a destroyer of the East Sea fleet."
)
FIRST_TEST_RETOLD = (
    "Pyongyang said on Tuesday that it had tested strategic cruise missiles from a destroyer of its"
    " East Sea fleet. The state news agency KCNA put the flight at 1,580 km, in an oval course, with"
    " the islet hit after 7,600 seconds, and named Pak Jong Chon as the observer."
)
SECOND_TEST = (
    "North Korea carried out a firing drill of 600-mm multiple rocket launchers on Wednesday, the"
    " Korean Central News Agency said. Kim Jong Un guided the salvo of the western artillery unit,"
    " and the shells hit an uninhabited island 365 km away."
)
SOUTH_ON_FIRST_TEST = (
    "The Joint Chiefs of Staff in Seoul said they detected several cruise missiles launched into the"
    " sea on Monday and were analysing the details with the United States. A spokesman called on the"
    " North to stop. Radar of the South followed them from the coast."
)
ARRIVAL = (
    "Foreign Minister Choe Son Hui arrived in Hanoi on Thursday for an official visit, KCNA reported."
    " She was met at Noi Bai airport by the deputy minister and the ambassador."
)
TALKS = (
    "Choe Son Hui and her Vietnamese counterpart held talks in Hanoi and signed a plan of exchanges"
    " for three years, KCNA reported on Saturday. Both sides spoke of trade in coal and of schools."
)
DEPARTURE_ELSEWHERE = (
    "A delegation of the Ministry of Fisheries led by Vice-Minister Ri Kwang Nam left Pyongyang on"
    " Thursday to attend a forum on cod in Vladivostok, KCNA reported."
)


def test_one_test_told_in_other_words_is_one_report(make: Make) -> None:
    one = make(FIRST_TEST, title="N. Korea fires cruise missiles from destroyer", language="en")
    two = make(
        FIRST_TEST_RETOLD,
        title="North Korea says destroyer fired missiles",
        days=0.3,
        language="en",
    )
    assert group(one, two) == {(1, 2)}


def test_two_tests_of_one_week_are_two_reports(make: Make) -> None:
    one = make(FIRST_TEST, title="N. Korea fires cruise missiles from destroyer", language="en")
    two = make(SECOND_TEST, title="N. Korea holds rocket launcher drill", days=2, language="en")
    assert group(one, two) == {(1,), (2,)}


def test_a_chain_of_reports_of_one_week_does_not_become_one(make: Make) -> None:
    articles = [
        make(FIRST_TEST, title="N. Korea fires cruise missiles from destroyer", language="en"),
        make(SECOND_TEST, title="N. Korea holds rocket launcher drill", days=1, language="en"),
        make(ARRIVAL, title="N. Korea's foreign minister in Hanoi", days=2, language="en"),
        make(TALKS, title="N. Korea, Vietnam sign exchange plan", days=4, language="en"),
    ]
    assert group(*articles) == {(1,), (2,), (3,), (4,)}


@pytest.mark.parametrize("days", [3, 30, 365])
def test_the_greeting_of_another_year_is_another_report(days: int, make: Make) -> None:
    greeting = (
        "Kim Jong Un sent a message of greeting to the president on the national day, KCNA said. It"
        " wished the people of the country success."
    )
    one = make(greeting, title="Kim Jong Un sends greeting", language="en")
    two = make(greeting, title="Kim Jong Un sends greeting", days=days, language="en")
    assert group(one, two) == {(1,), (2,)}


def test_arrival_and_talks_of_one_visit_are_two_reports(make: Make) -> None:
    one = make(ARRIVAL, title="N. Korea's foreign minister arrives in Hanoi", language="en")
    two = make(TALKS, title="N. Korea, Vietnam sign exchange plan", days=2, language="en")
    assert group(one, two) == {(1,), (2,)}


def test_two_delegations_of_one_day_are_two_reports(make: Make) -> None:
    one = make(ARRIVAL, title="N. Korea's foreign minister arrives in Hanoi", language="en")
    two = make(DEPARTURE_ELSEWHERE, title="Fisheries delegation leaves Pyongyang", language="en")
    assert group(one, two) == {(1,), (2,)}


def test_what_the_south_detected_is_not_the_report_of_the_north(make: Make) -> None:
    north = make(FIRST_TEST, title="N. Korea fires cruise missiles from destroyer", language="en")
    south = make(
        SOUTH_ON_FIRST_TEST, title="South Korea says North fired missiles", days=-0.5, language="en"
    )
    assert group(north, south) == {(1,)}


def test_own_texts_of_one_agency_are_two_reports(make: Make) -> None:
    one = make(ARRIVAL, title="Foreign Minister Arrives", rank=0, outlet="kcna", language="en")
    two = make(
        ARRIVAL.replace("Hanoi", "Vientiane"),
        title="Foreign Minister Arrives",
        rank=0,
        outlet="kcna",
        language="en",
    )
    assert group(one, two) == {(1,), (2,)}
