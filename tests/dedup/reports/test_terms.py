"""The terms of headlines and leads in seven languages."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.reports.terms import Writing, count_terms, find_writing, hash_term, iter_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("등대가 문을 열었다", ["등대", "대가", "문을", "열었", "었다"]),
        ("새 탑", ["새", "탑"]),
        ("灯塔开放", ["灯塔", "塔开", "开放"]),
        ("灯台が開いた", ["灯台", "开"]),
        ("ミサイルを発射", ["ミサイル", "发射"]),
        ("人々の塔", ["人々", "塔"]),
        ("Маяки открылись вчера", ["маяки", "открыл", "вчера"]),
        ("The Lighthouse opened", ["the", "lighthouse", "opened"]),
        ("El niño abrió el faro", ["el", "niño", "abrió", "el", "faro"]),
        ("Le phare fut érigé", ["le", "phare", "fut", "érigé"]),
        ("Kim's and Kim’s lamp", ["kim", "and", "kim", "lamp"]),
        ("12,000 tiles, 3.5 km, 7", ["12000", "tiles", "3.5", "km", "7"]),
        ("", []),
        ("...! —", []),
    ],
)
def test_a_text_is_split_into_terms_by_its_writing(text: str, terms: list[str]) -> None:
    assert list(iter_terms(text)) == terms


def test_inflected_russian_words_are_one_term() -> None:
    assert set(iter_terms("ракета ракету ракетой")) == {"ракета", "ракету", "ракето"}
    assert set(iter_terms("маневрами маневров маневры")) == {"маневр"}


def test_case_changes_nothing() -> None:
    assert count_terms("KILN Kiln kiln МАЯК маяк") == {
        hash_term("kiln"): 3,
        hash_term("маяк"): 2,
    }


def test_a_hash_is_the_same_in_every_process() -> None:
    assert hash_term("kiln") == zlib.crc32(b"kiln")
    assert 0 <= hash_term("\ud800") < 2**32


@pytest.mark.parametrize(
    ("text", "writing"),
    [
        ("The lighthouse of Lantern Bay", Writing.LATIN),
        ("등대가 문을 열었다 (KCNA)", Writing.HANGUL),
        ("韓美 정상 통화", Writing.HANGUL),
        ("灯塔昨日开放", Writing.HAN),
        ("北朝鮮がミサイルを発射", Writing.KANA),
        ("灯台が開いた", Writing.KANA),
        ("Маяк открылся вчера", Writing.CYRILLIC),
        ("", Writing.LATIN),
        ("123 !", Writing.LATIN),
    ],
)
def test_the_writing_of_a_text_is_found(text: str, writing: Writing) -> None:
    assert find_writing(text) is writing


def test_only_the_beginning_tells_the_writing() -> None:
    assert find_writing("Lantern " * 80 + "등대" * 500) is Writing.LATIN


@given(st.text(max_size=400))
def test_any_text_has_terms_that_are_parts_of_it(text: str) -> None:
    counts = count_terms(text)
    assert sum(counts.values()) == len(list(iter_terms(text)))
    assert all(0 <= term < 2**32 for term in counts)
    assert isinstance(find_writing(text), Writing)


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_line_between_two_texts_adds_their_terms(one: str, two: str) -> None:
    assert count_terms(f"{one}\n{two}") == count_terms(one) + count_terms(two)
