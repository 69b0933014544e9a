import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from dedup.explain import explain_pair
from dedup.records import Decision, DecisionVerb, Document
from dedup.signature.scheme import Scheme

Make = Callable[..., Document]


def test_a_copy_is_explained_with_what_is_shared(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    found = explain_pair(make(english, title="Tower"), make(english[:6], title="A tower"), scheme)
    assert found.together
    lines = found.format_lines()
    assert lines[0] == "1 and 2 are one story"
    assert any("shared passage" in line and english[0][:30] in line for line in lines)
    assert any("MinHash bands" in line for line in lines)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("strangers", "share nothing"),
        ("short", "shingles"),
        ("script", "scripts"),
        ("late", "days apart"),
        ("excerpt", "not 75%"),
    ],
)
def test_it_says_why_two_are_not_one_story(
    change: str,
    word: str,
    make: Make,
    scheme: Scheme,
    english: tuple[str, ...],
    korean: tuple[str, ...],
    prose: Callable[[int, int], str],
) -> None:
    one = make(english)
    two = {
        "strangers": lambda: make(prose(1, 200)),
        "short": lambda: make("The tower opened."),
        "script": lambda: make(korean),
        "late": lambda: make(english[:6], days=400),
        "excerpt": lambda: make([*english[:3], prose(2, 200)]),
    }[change]()
    found = explain_pair(one, two, scheme)
    assert not found.together
    assert "not one story" in found.format_lines()[0]
    assert any(word in line for line in found.format_lines())


def test_the_same_words_need_no_further_reason(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    found = explain_pair(make(english), make(english), scheme)
    assert found.together
    assert any("text hash" in line for line in found.format_lines())


def test_a_decision_has_the_last_word(make: Make, scheme: Scheme, english: tuple[str, ...]) -> None:
    one, two = make(english), make(english[:8])
    apart = explain_pair(one, two, scheme, [Decision(2, 1, DecisionVerb.CANNOT_LINK)])
    assert not apart.together
    assert "stay apart" in apart.format_lines()[-1]
    stranger = replace(two, text="Nothing in common.")
    assert explain_pair(one, stranger, scheme, [Decision(1, 2, DecisionVerb.MUST_LINK)]).together


def test_the_explanation_is_plain_data(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    found = explain_pair(make(english), make(english[:8]), scheme).to_dict()
    assert json.loads(json.dumps(found))["together"] is True
    assert found["relation"]["kind"] == "edited"
