from unicodedata import normalize as compose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text import headline
from dedup.text.hidden import strip_hidden, strip_hidden_with_origins
from dedup.text.normalise import MAX_CHARS, Script, normalise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Tower, OPENED!", ["the", "tower", "opened"]),
        ("1,200 men and 1200 men", ["1200", "men", "and", "1200", "men"]),
        ("1,2000 or 1,20", ["1", "2000", "or", "1", "20"]),
        ("the U.S. and the US", ["the", "us", "and", "the", "us"]),
        ("ＴＯＷＥＲ １２㎞", ["tower", "12km"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        (
            "the respected ComradeKim Jong Unvisited",
            ["the", "respected", "comrade", "kim", "jong", "un", "visited"],
        ),
        ("President Kim Il Sungand others", ["president", "kim", "il", "sung", "and", "others"]),
        ("\x00tower\ud800s", ["tower", "s"]),
        ("", []),
        (" \n\t .,;", []),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert normalise(text).words == words


@pytest.mark.parametrize(
    ("agency", "broadcaster"),
    [
        ("밝혔다", "밝혔습니다"),
        ("한다", "합니다"),
        ("것이다", "것입니다"),
        ("것이다", "겁니다"),
        ("아니다", "아닙니다"),
        ("보인다", "보입니다"),
        ("먹는다", "먹습니다"),
        ("있다", "있습니다"),
        ("만든다", "만듭니다"),
        ("됐다", "됐습니다"),
    ],
)
def test_both_styles_of_a_korean_ending_are_one_word(agency: str, broadcaster: str) -> None:
    text = "항만사무소는 새로운 신호탑을 {}"
    assert normalise(text.format(agency)).words == normalise(text.format(broadcaster)).words


@pytest.mark.parametrize("word", ["다", "바다", "니다", "습니다"])
def test_a_korean_word_is_never_left_empty(word: str) -> None:
    assert normalise(f"등불 {word} 등불").words[1]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("A tower of 12 metres", Script.WORDS),
        ("Башня открыта", Script.WORDS),
        ("탑이 문을 열었다 (Tower)", Script.SYLLABLES),
        ("港务局打开了新的信号塔", Script.SYLLABLES),
        ("港湾事務所は新しい塔を公開した", Script.SYLLABLES),
        ("탑 " + "The tower of the bay " * 5, Script.WORDS),
    ],
)
def test_the_script_is_that_of_the_text_not_of_its_label(text: str, script: Script) -> None:
    assert normalise(text).script is script


def test_decomposed_letters_are_the_same_as_composed_ones(korean: tuple[str, ...]) -> None:
    text = " ".join(korean) + " café"
    decomposed = compose("NFD", text)
    assert normalise(decomposed).words == normalise(text).words


HIDDEN = "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufe0f\ufeff"
HIDDEN += "\U000e0001\U000e0041\U000e007f\U000e0100"


@given(
    st.sampled_from(
        [
            "The tower of Lantern Bay opened.",
            "등불만의 탑이 문을 열었다.",
            "BAY (Agency) -- A 1,200",
        ]
    ),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(HIDDEN)), max_size=30),
)
def test_hidden_characters_change_nothing_and_offsets_stay_right(
    text: str, hidden: list[tuple[int, str]]
) -> None:
    filled = text
    for position, character in hidden:
        at = position % (len(filled) + 1)
        filled = filled[:at] + character + filled[at:]
    plain, found = normalise(text), normalise(filled)
    assert found.words == plain.words
    assert found.script is plain.script
    for (start, end), (filled_start, filled_end) in zip(plain.spans, found.spans, strict=True):
        assert strip_hidden(filled[filled_start:filled_end]) == text[start:end]


def test_hidden_characters_in_a_headline_change_nothing() -> None:
    assert headline.similarity("Tower ope\u00adned", "Tower\u200b opened") == 1


@given(st.text(max_size=100))
def test_only_hidden_characters_are_removed(text: str) -> None:
    stripped, origins = strip_hidden_with_origins(text)
    kept = text if origins is None else "".join(text[at] for at in origins)
    assert stripped == kept == "".join(each for each in text if strip_hidden(each))


@given(st.text(max_size=300))
def test_every_unit_lies_in_the_text_in_order(text: str) -> None:
    normal = normalise(text)
    spans = normal.spans
    assert len(spans) == normal.unit_count
    assert not normal.unit_count or (spans.min() >= 0 and spans.max() <= len(text))
    assert (np.diff(spans[:, 0]) >= 0).all()
    assert len(normal.words) == len(normal.word_starts)


@given(st.lists(st.sampled_from(["Tower", "bay", "12", "Über", "кран", "é"]), unique=True))
def test_spaces_and_signs_between_words_mean_nothing(words: list[str]) -> None:
    assert normalise(" ".join(words)).words == normalise(" —\n“".join(words)).words


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert normalise("tower " * 300_000).unit_count <= MAX_CHARS // 6 + 1


@pytest.mark.parametrize(
    "piece", ["가", "㎞", "\u0301", "\u1100", ".", ",1", "Kim Jong Un", "\U0001d400"]
)
def test_hostile_repetition_is_read_to_its_end(piece: str) -> None:
    assert normalise((piece * 200_000)[:200_000]).unit_count >= 0
