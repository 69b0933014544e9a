from collections.abc import Callable

import pytest

from dedup.records import Document
from dedup.reports.cues import Cues, extract_cues
from dedup.reports.learned_weights import MIN_PROBABILITY
from dedup.reports.pair_reasons import (
    compare_pair,
    format_comparison,
    format_reasons,
    list_concepts,
    list_shared_terms,
)

Make = Callable[..., Document]

KILN = (
    "Kim Jong Un visited a munitions factory in Kanggye on Monday and asked for more cruise missiles,"
    " the Korean Central News Agency (KCNA) said. He praised the workers of the plant."
)
KILN_RETOLD = (
    "The North Korean leader toured the munitions factory in Kanggye, where cruise missiles are made,"
    " KCNA reported on Tuesday. Workers of the plant were praised by Kim Jong Un."
)
GREENHOUSE = (
    "A greenhouse farm opened in Hamhung on Monday, the Korean Central News Agency (KCNA) said."
    " Premier Pak Thae Song cut the tape."
)


@pytest.fixture
def articles(make: Make) -> list[Document]:
    return [
        make(KILN, title="Kim Jong Un visits munitions factory", language="en"),
        make(KILN_RETOLD, title="N. Korean leader tours missile factory", language="en", days=0.4),
        make(GREENHOUSE, title="North Korea opens greenhouse farm", language="en", days=0.2),
    ]


@pytest.fixture
def cues(articles: list[Document]) -> list[Cues]:
    return [extract_cues(each) for each in articles]


def test_the_parts_of_a_comparison_add_up_to_its_log_odds(cues: list[Cues]) -> None:
    found = compare_pair(cues[0], cues[1])
    odds = found.probability / (1 - found.probability)
    assert odds == pytest.approx(2.718281828 ** sum(found.contributions.values()), rel=0.02)
    assert found.is_one_language
    assert found.is_same_report is (found.probability >= MIN_PROBABILITY) is True


def test_what_joins_and_what_parts_stands_in_separate_lines(cues: list[Cues]) -> None:
    probability, joins, parts = format_comparison(cues[0], cues[1])
    assert probability.endswith(f"{MIN_PROBABILITY:.2f} is needed")
    assert joins.startswith("joins them: ")
    assert "any two articles -" in parts
    assert "+" not in parts


def test_features_of_one_kind_are_printed_as_their_sum(cues: list[Cues]) -> None:
    found = compare_pair(cues[0], cues[1]).contributions
    lines = " ".join(format_comparison(cues[0], cues[1]))
    assert f"words {found['words'] + found['root of words']:+.2f}" in lines
    assert f"odds of both {found['lower log odds'] + found['higher log odds']:+.2f}" in lines
    assert "root of words" not in lines


def test_concepts_of_both_and_of_one_are_listed_with_their_weights(cues: list[Cues]) -> None:
    both = list_concepts(cues[0], cues[1])[0]
    assert both.startswith("both speak of ")
    assert "munitions factory" in both
    first, second = list_concepts(cues[0], cues[2])
    assert "cruise missile" in first
    assert "greenhouse" in second
    assert all(line.rsplit(" ", 1)[1].replace(".", "").isdigit() for line in (first, second))


def test_the_words_that_join_most_are_words_of_both(
    articles: list[Document], cues: list[Cues]
) -> None:
    terms = [each.split()[0] for each in list_shared_terms(articles[0], cues[0], cues[1])]
    assert "kanggye" in terms
    assert all(term in KILN.casefold() and term in KILN_RETOLD.casefold() for term in terms)


def test_articles_that_are_never_compared_say_why(make: Make, cues: list[Cues]) -> None:
    late = extract_cues(make(KILN, title="Kim visits factory", language="en", days=9))
    undated = extract_cues(make(KILN, title="Kim visits factory", language="en", days=None))
    own = [extract_cues(make(KILN, rank=0, outlet="kcna", language="en")) for _ in range(2)]
    assert format_comparison(cues[0], late) == ["9.0 days apart; 2.5 is the most"]
    assert format_comparison(cues[0], undated) == [
        "one of them has no date, so only its story can join it to a report"
    ]
    assert format_comparison(*own) == ["two own texts of one agency are two reports"]


def test_one_line_says_what_two_articles_share(cues: list[Cues]) -> None:
    line = format_reasons(cues[0], cues[1])
    assert "of headline and lead alike" in line
    assert "munitions factory" in line
    assert line.endswith("0.4 days apart")
