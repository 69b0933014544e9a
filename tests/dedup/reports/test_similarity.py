"""How probable it is that two articles carry one report."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dedup.records import Document
from dedup.reports.cues import Cues, extract_cues
from dedup.reports.learned_weights import (
    CROSS_LANGUAGE_WEIGHTS,
    MIN_PROBABILITY,
    ONE_LANGUAGE_WEIGHTS,
)
from dedup.reports.similarity import (
    WINDOW,
    are_apart,
    compare,
    compute_features,
    compute_pair_features,
)

Make = Callable[..., Document]

KILN = "Kim Jong Un lit the new tunnel kiln of the Ryongsan Tile Factory on Sunday, KCNA said."
RETOLD = "The tunnel kiln of the Ryongsan Tile Factory was lit by Kim Jong Un, KCNA reported."
FERRY = "A ferry to Sokdo will sail on Fridays after a winter in dock at Nampho, KCNA said."
KOREAN = "김정은 국무위원장이 룡산기와공장의 새 가마에 불을 붙였다고 조선중앙통신이 1일 보도했다."
RUSSIAN = "Ким Чен Ын зажёг новую печь черепичного завода, сообщило агентство ЦТАК."


@pytest.fixture
def sample(make: Make) -> list[Cues]:
    """Articles of several languages, days and outlets, some undated and some the agency's own."""
    documents = [
        make(KILN, title="Kim lights kiln: KCNA", language="en"),
        make(RETOLD, title="Kiln lit by Kim", language="en", days=0.3),
        make(FERRY, title="Ferry sails again", language="en", days=0.5),
        make(KOREAN, title="김정은, 새 가마 점화", language="ko", days=0.2),
        make(RUSSIAN, title="", language="ru", days=1),
        make(KILN, title="Kim lights kiln: KCNA", language="en", days=None),
        make(KILN, title="Tunnel Kiln Lit", language="en", outlet="agency", rank=0),
        make(FERRY, title="Ferry Sails", language="en", outlet="agency", rank=0),
        make("", title="", days=0.1),
    ]
    return [extract_cues(each) for each in documents]


def probability(a: Cues, b: Cues) -> float:
    return float(compare([a], [b])[0, 0])


def test_the_order_of_two_articles_changes_nothing(sample: Sequence[Cues]) -> None:
    found = compare(sample, sample)
    finite = np.isfinite(found)
    assert np.array_equal(finite, finite.T)
    assert np.allclose(found[finite], found.T[finite], atol=1e-5)
    assert np.all((found[finite] >= 0) & (found[finite] <= 1))


def test_who_else_is_compared_changes_nothing(sample: Sequence[Cues]) -> None:
    whole = compare(sample, sample)
    for row, a in enumerate(sample):
        for column, b in enumerate(sample):
            alone = probability(a, b)
            assert alone == pytest.approx(float(whole[row, column]), abs=1e-5)


def test_many_rows_are_compared_in_blocks_alike(make: Make) -> None:
    cues = [extract_cues(make(KILN, title=f"Kiln {n}", language="en")) for n in range(260)]
    found = compare(cues, cues[:2])
    assert found.shape == (260, 2)
    assert float(found[255, 1]) == pytest.approx(probability(cues[255], cues[1]), abs=1e-5)


def test_nothing_is_compared_with_nothing(sample: Sequence[Cues]) -> None:
    assert compare([], sample).shape == (0, len(sample))
    assert compare(sample, []).shape == (len(sample), 0)


def test_the_same_report_in_other_words_is_more_probable_than_another_one(
    sample: Sequence[Cues],
) -> None:
    kiln, retold, ferry = sample[:3]
    assert probability(kiln, retold) >= MIN_PROBABILITY > probability(kiln, ferry)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_outside_the_window_the_probability_is_0(make: Make, language: str) -> None:
    text = KILN if language == "en" else KOREAN
    days = WINDOW.total_seconds() / 86_400
    first = extract_cues(make(KILN, title="Kim lights kiln", language="en"))
    inside = extract_cues(make(text, title="Kiln", language=language, days=days))
    outside = extract_cues(make(text, title="Kiln", language=language, days=days + 0.01))
    assert probability(first, inside) > 0
    assert probability(first, outside) == 0


def test_each_day_between_two_articles_makes_one_report_less_probable(make: Make) -> None:
    first = extract_cues(make(KILN, title="Kim lights kiln", language="en"))
    later = [
        extract_cues(make(RETOLD, title="Kiln lit by Kim", language="en", days=days))
        for days in (0, 1, 2)
    ]
    found = [probability(first, each) for each in later]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[2]


def test_without_a_date_the_probability_is_0(sample: Sequence[Cues]) -> None:
    undated = sample[5]
    assert probability(sample[0], undated) == 0
    assert compare([undated, sample[0]], [undated])[1, 0] == 0


def test_own_texts_of_one_agency_are_never_one_report(make: Make) -> None:
    def own(language: str, outlet: str = "agency", rank: int = 0) -> Cues:
        text = KOREAN if language == "ko" else KILN
        return extract_cues(make(text, title="Kiln", language=language, outlet=outlet, rank=rank))

    one, two = own("en"), own("en")
    assert are_apart(one, two)
    assert probability(one, two) == -np.inf
    for other in (own("ko"), own("en", outlet="another"), own("en", rank=9)):
        assert not are_apart(one, other)
        assert probability(one, other) > -np.inf


def test_one_language_is_known_by_writing_and_by_what_is_stated(make: Make) -> None:
    def is_one_language(a: tuple[str, str], b: tuple[str, str]) -> bool:
        one, two = (extract_cues(make(text, language=code)) for text, code in (a, b))
        return compute_pair_features(one, two)[0]

    assert is_one_language((KILN, "en"), (FERRY, ""))
    assert is_one_language((KOREAN, "ko"), (KOREAN, ""))
    assert is_one_language((KILN, "en-GB"), (FERRY, "en"))
    assert not is_one_language((KILN, "en"), (KILN, "es"))
    assert not is_one_language((KILN, "en"), (KOREAN, "ko"))
    assert not is_one_language((RUSSIAN, "ru"), (KILN, "en"))


def test_the_features_of_a_pair_are_those_that_have_a_weight(sample: Sequence[Cues]) -> None:
    same, features = compute_pair_features(sample[0], sample[1])
    assert (same, set(features)) == (True, set(ONE_LANGUAGE_WEIGHTS))
    same, features = compute_pair_features(sample[0], sample[3])
    assert (same, set(features)) == (False, set(CROSS_LANGUAGE_WEIGHTS))


def test_every_feature_is_described_in_the_manual() -> None:
    manual = (Path(__file__).parents[3] / "docs/dedup.md").read_text(encoding="utf-8")
    table = manual.partition("| feature |")[2].partition("\n\n")[0]
    described = [row.split("|")[1] for row in table.splitlines()[2:]]
    named = {name.strip() for names in described for name in names.split(",")}
    assert named == {*ONE_LANGUAGE_WEIGHTS, *CROSS_LANGUAGE_WEIGHTS} - {"constant"}


def test_the_features_of_an_article_with_itself_are_the_highest(sample: Sequence[Cues]) -> None:
    features, same = compute_features(sample[:1], sample[:3])
    assert same.tolist() == [[True, True, True]]
    words = features["words"][0]
    assert words[0] == pytest.approx(1, abs=0.01)
    assert words[0] > words[1] > words[2]
    assert features["root of words"][0, 1] == pytest.approx(float(np.sqrt(words[1])))
    assert features["days apart"][0].tolist() == pytest.approx([0, 0.3, 0.5], abs=1e-4)


def test_many_own_texts_of_one_day_are_compared_in_bounded_time(sample: Sequence[Cues]) -> None:
    own = next(each for each in sample if each.rank == 0)
    texts = [replace(own, uid=str(number)) for number in range(1_500)]
    started = time.process_time()
    assert np.all(np.isneginf(compare(texts, texts)))
    assert time.process_time() - started < 2
