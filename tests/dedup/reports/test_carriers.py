"""How surely an article carries a report."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.attribution.citation import CarrierGrade
from dedup.records import Document
from dedup.reports.carriers import (
    SHORT_TEXT_CHARS,
    compute_carrier_features,
    estimate_carrier_log_odds,
    may_carry_report,
)
from dedup.reports.learned_weights import CARRIER_WEIGHTS

Make = Callable[..., Document]

KILN = "Kim Jong Un lit the new kiln, the Korean Central News Agency (KCNA) said."
LONG = " ".join(["The kiln burns coal of the mine nearby and fires tiles for the new houses."] * 10)


def test_the_features_are_those_that_have_a_weight(make: Make) -> None:
    for grade in CarrierGrade:
        features = compute_carrier_features(make(KILN), grade)
        assert set(features) == set(CARRIER_WEIGHTS)
        assert set(features.values()) <= {0.0, 1.0}


@pytest.mark.parametrize("grade", CarrierGrade)
def test_a_grade_has_the_features_of_all_lower_ones(make: Make, grade: CarrierGrade) -> None:
    features = compute_carrier_features(make(KILN), grade)
    assert features["at least about"] == (grade >= CarrierGrade.ABOUT)
    assert features["at least early"] == (grade >= CarrierGrade.EARLY)
    reached = [value for name, value in features.items() if name.startswith("at least")]
    assert reached == sorted(reached, reverse=True)


@pytest.mark.parametrize(
    ("title", "feature", "value"),
    [
        ("Kim lights kiln", "headline subject other", 0),
        ("Seoul regrets Kim's kiln", "headline subject other", 1),
        ("Kim warns Seoul of kiln", "headline subject other", 0),
        ("Kim warns Seoul of kiln", "headline names another", 1),
        ("Kim lights kiln", "headline names another", 0),
        ("Why Kim lights kilns", "headline comments", 1),
        ("가마를 켠 이유는?", "headline comments", 1),
        ("[사설] 가마", "headline comments", 1),
        ("専門家が語る窯", "headline comments", 1),
        ("Kim lights kiln", "headline comments", 0),
    ],
)
def test_the_headline_tells_whose_news_it_is(
    make: Make, title: str, feature: str, value: float
) -> None:
    assert compute_carrier_features(make(LONG, title=title), CarrierGrade.EARLY)[feature] == value


def test_short_texts_are_told_apart(make: Make) -> None:
    short, long = make("x" * (SHORT_TEXT_CHARS - 1)), make("x" * SHORT_TEXT_CHARS)
    assert compute_carrier_features(short, CarrierGrade.EARLY)["text is short"] == 1
    assert compute_carrier_features(long, CarrierGrade.EARLY)["text is short"] == 0


def test_a_surer_grade_has_higher_odds(make: Make) -> None:
    document = make(LONG, title="Kim lights kiln")
    odds = [estimate_carrier_log_odds(document, grade) for grade in CarrierGrade]
    assert odds[: CarrierGrade.OWN] == sorted(odds[: CarrierGrade.OWN])
    assert odds[CarrierGrade.NONE] < odds[CarrierGrade.EARLY]


def test_a_reaction_has_lower_odds_than_the_report_itself(make: Make) -> None:
    report = make(f"{KILN} {LONG}", title="Kim lights kiln: KCNA")
    reaction = make(f"{KILN} {LONG}", title="Seoul voices regret over Kim's kiln")
    assert estimate_carrier_log_odds(reaction) < estimate_carrier_log_odds(report)


def test_an_unstated_grade_is_found_in_the_text(make: Make) -> None:
    document = make(KILN, title="Kim lights kiln")
    assert estimate_carrier_log_odds(document) == estimate_carrier_log_odds(
        document, CarrierGrade.EARLY
    )


def test_every_grade_but_none_is_compared() -> None:
    assert [each for each in CarrierGrade if not may_carry_report(each)] == [CarrierGrade.NONE]


@given(st.text(max_size=100), st.text(max_size=300), st.sampled_from(CarrierGrade))
def test_any_text_has_odds(title: str, text: str, grade: CarrierGrade) -> None:
    document = Document(1, "u", title, text, "", "paper", None)
    assert -20 < estimate_carrier_log_odds(document, grade) < 20
