"""One person has one key in every script; ordinary words have none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.reports.names import find_names
from dedup.reports.syllables import (
    key_of_cyrillic,
    key_of_han,
    key_of_hangul,
    key_of_latin,
    keys_of_kana,
)

PEOPLE = {
    "name:Pak On Il": [
        "박영일 부장이 말했다",
        "외무성 부상 박영일이 말했다",
        "《박영일동지》",
        "Pak Yong Il spoke",
        "Park Young-il spoke",
        "сказал Пак Ён Иль",
        "с Пак Ен Илем",
        "パク・ヨンイル氏",
        "朴英日部長",
        "外相朴英日、",
    ],
    "name:Kim Jon Sam": [
        "김춘삼 당 비서",
        "Kim Chun Sam,",
        "Kim Chun-sam,",
        "Ким Чхун Сам",
        "キム・チュンサム",
        "金春三同志",
    ],
    "name:Ri Ol He": [
        "리열해 대사",
        "이열해 대사",
        "Ri Ryol Hae",
        "Lee Yeol-hae",
        "Ли Рёль Хэ",
        "リ・リョルヘ",
    ],
    "name:Jong Tok Hon": [
        "정덕훈 국장",
        "Jong Tok Hun",
        "Jung Deok-hoon",
        "Чон Док Хун",
        "チョン・ドクフン",
        "鄭德勳局長",
    ],
}


@pytest.mark.parametrize(
    ("key", "text"), [(key, text) for key, texts in PEOPLE.items() for text in texts]
)
def test_one_person_has_one_key_in_every_script(key: str, text: str) -> None:
    assert find_names(text) == {key}


@pytest.mark.parametrize(
    "text",
    [
        "정부의 대변인이 장관을 만났다",
        "이날은 위원장 표창을 수여했다",
        "박영일은 어제",
        "한국인 대표단",
        "No One Can say So",
        "Song In the park, Han Solo, Jo Cox",
        "Han River. Kim said on Monday",
        "By Kim Yong-ho and others",
        "全国人民代表大会",
        "新任南韩总统、南北韩、官方新华社、总理李强在平壤",
        "Cheong Wa Dae, To Hit Back",
        "高中生运动会",
        "スーパー・マーケット",
        "Ли хотел и мог",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert not find_names(text)


def test_people_in_the_lexicon_are_no_second_key() -> None:
    assert not find_names("최선희 외무상 Choe Son Hui Цой Сон Хи チェ・ソンヒ 崔善姬外相")


@pytest.mark.parametrize(
    ("hangul", "latin", "cyrillic", "han"),
    [
        ("환", "hwan", "хван", "焕"),
        ("성", "song", "сон", "成"),
        ("철", "chol", "чхоль", "哲"),
        ("룡", "ryong", "рён", "龙"),
        ("혁", "hyok", "хёк", "赫"),
        ("희", "hui", "хи", "姬"),
        ("경", "kyong", "гён", "京"),
        ("국", "guk", "гук", "国"),
    ],
)
def test_a_syllable_has_one_key(hangul: str, latin: str, cyrillic: str, han: str) -> None:
    keys = {key_of_hangul(hangul), key_of_latin(latin), key_of_cyrillic(cyrillic), key_of_han(han)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("kana", "hangul"),
    [
        ("ジョンウン", "정은"),
        ("クムチョル", "금철"),
        ("ヨンヒョク", "영혁"),
        ("ソルジュ", "설주"),
        ("テソン", "태성"),
    ],
)
def test_given_names_in_kana_are_cut_into_two_syllables(kana: str, hangul: str) -> None:
    assert keys_of_kana(kana) == tuple(map(key_of_hangul, hangul))


@pytest.mark.parametrize("kana", ["ン", "ア", "アイウエオ", ""])
def test_kana_that_are_not_two_syllables_have_no_keys(kana: str) -> None:
    assert keys_of_kana(kana) is None


@given(
    st.text(
        alphabet=st.sampled_from(
            "김이박정은일동지 비서,KimRiPak -uilоЛиПак金李朴正日同志・キムンジ"
        ),
        max_size=80,
    )
)
def test_any_text_can_be_searched_for_names(text: str) -> None:
    assert all(name.startswith("name:") for name in find_names(text))


@given(st.text(max_size=200))
def test_any_letters_can_be_searched_for_names(text: str) -> None:
    assert find_names(text) == find_names(text + " ")
