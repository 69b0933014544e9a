"""Concepts are found by their names in every language, and only by these."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.lexicon.concepts import Concept, concept_weights, find_concepts, load_concepts
from dedup.lexicon.han import fold_variants


@pytest.mark.parametrize("concept", load_concepts(), ids=lambda concept: concept.key)
def test_every_name_is_found_again(concept: Concept) -> None:
    for name in (*concept.east_asian, *concept.alphabetic):
        written = name.replace("*", "").strip("^$")
        assert concept.key in find_concepts(f"x, {written}, y"), written


SENTENCES = {
    "ko": "김정은은 두만강 다리를 건너 블라디보스토크에서 푸틴과 정상회담을 했다. 구축함 진수식도 열렸다.",
    "en": "Kim Jong-un crossed the bridge over the Tuman and held a summit with Putin in Vladivostok. A "
    "destroyer's launching ceremony was held.",
    "zh-Hans": "金正恩经图们江大桥前往符拉迪沃斯托克，与普京举行首脑会谈。还举行了驱逐舰下水仪式。",
    "zh-Hant": "金正恩經圖們江大橋前往符拉迪沃斯托克，與普京舉行首腦會談。還舉行了驅逐艦下水儀式。",
    "ja": "金正恩氏は豆満江の橋を渡り、ウラジオストクでプーチン氏と首脳会談を行った。駆逐艦の進水式も行われた。",
    "ru": "Ким Чен Ын пересек мост через Туманную и провел саммит с Путиным во Владивостоке. "
    "Состоялась церемония спуска эсминца.",
    "es": "Kim Jong-un cruzó el puente sobre el Tumen y celebró una cumbre con Putin en Vladivostok. "
    "Fue la botadura de un destructor.",
    "fr": "Kim Jong-un a franchi le pont du Tumen, pour un sommet avec Poutine à Vladivostok. "
    "La mise à l'eau du contre-torpilleur a eu lieu.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_one_report_gives_the_same_concepts_in_each_language(language: str) -> None:
    expected = {"Kim Jong Un", "Putin", "Vladivostok", "Tumen River", "summit", "bridge"}
    expected |= {"destroyer", "launching ceremony"}
    assert expected <= find_concepts(SENTENCES[language])


FLOOD = {
    "ko": "홍수 피해를 입은 신의주에 새 살림집을 짓는 청년돌격대를 최룡해 상임위원장이 찾았다고 밝혔다.",
    "en": "Choe Ryong-hae visited youth building new apartments in flood-hit Sinuiju.",
    "zh-Hans": "崔龙海来到遭受洪水的新义州，看望建设新住宅的青年。",
    "zh-Hant": "崔龍海來到遭受洪水的新義州，看望建設新住宅的青年。",
    "ja": "崔竜海氏は洪水に見舞われた新義州で、新しい住宅を建設する青年を訪ねた。チェ・リョンヘ氏",
    "ru": "Цой Рён Хэ приехал в Синыйджу, где после наводнения молодёжь строит новое жильё.",
    "es": "Choe Ryong Hae visitó Sinuiju, donde jóvenes construyen viviendas tras las inundaciones.",
    "fr": "Choe Ryong-hae s'est rendu à Sinuiju, où des jeunes bâtissent des logements après l'inondation.",
}


@pytest.mark.parametrize("language", FLOOD)
def test_another_report_gives_the_same_concepts_in_each_language(language: str) -> None:
    expected = {"Choe Ryong Hae", "Sinuiju", "flood", "housing", "youth"}
    assert expected <= find_concepts(FLOOD[language])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("let us meet", "United States"),
        ("el un por ciento", "United Nations"),
        ("핵무력이란 무엇인가", "Iran"),
        ("화성-181형", "Hwasong-18"),
        ("he was penceless", "Mike Pence"),
        ("a carter in a vance", "Jimmy Carter"),
        ("그가 대사변이라고 불렀다", "ambassador"),
    ],
)
def test_a_word_that_only_looks_like_a_name_names_nothing(text: str, key: str) -> None:
    assert key in concept_weights()
    assert key not in find_concepts(text)


@pytest.mark.parametrize(
    ("text", "key", "part"),
    [
        ("전략순항미사일을 발사했다", "cruise missile", "missile"),
        ("cruise missiles", "cruise missile", "missile"),
        ("крылатые ракеты", "cruise missile", "missile"),
        ("巡航導彈", "cruise missile", "missile"),
        ("대륙간 탄도미사일", "ICBM", "ballistic missile"),
    ],
)
def test_the_longest_name_counts(text: str, key: str, part: str) -> None:
    assert key in find_concepts(text)
    assert part not in find_concepts(text)


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    assert find_concepts(text) <= set(concept_weights())


def test_a_concept_counts_more_the_fewer_articles_name_it() -> None:
    weights = concept_weights()
    assert weights["North Korea"] == 0
    assert 0 < weights["Kim Jong Un"] < weights["missile"] < weights["hotline"]
    assert weights["KCNA"] == 0
    rare = Concept("x", "thing", 0, (), ())
    assert max(weights.values()) <= rare.weight < 10


def test_keys_are_unique_and_kinds_are_known() -> None:
    concepts = load_concepts()
    assert len({concept.key for concept in concepts}) == len(concepts) > 700
    assert {concept.kind for concept in concepts} == {
        "source", "person", "country", "place", "body", "weapon", "event", "act", "thing",
    }  # fmt: skip


def test_names_in_the_lexicon_are_written_in_simplified_characters() -> None:
    for concept in load_concepts():
        assert concept.east_asian == tuple(map(fold_variants, concept.east_asian))


@pytest.mark.parametrize("find", [find_concepts])
@pytest.mark.parametrize(
    "unit",
    [
        "김정",
        "大陆间弹",
        "Kim Jong ",
        "Ким Чен ",
        "キム・ジョ",
        "123,",
        "1만",
        "年1月",
        "a",
        "核",
        "二千",
        " 비서",
    ],
)
def test_the_search_takes_time_in_proportion_to_the_text(
    find: Callable[[str], frozenset[str]], unit: str
) -> None:
    find(unit)
    start = process_time()
    find(unit * 20_000)
    assert process_time() - start < 3
