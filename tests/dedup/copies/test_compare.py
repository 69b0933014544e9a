from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.copies.compare import compare_documents
from dedup.records import Document, RelationKind

Make = Callable[..., Document]


def broadcast(sentences: tuple[str, ...]) -> list[str]:
    """As a broadcaster reads it: other endings."""
    return [each.replace("했다.", "했습니다.").replace("었다.", "었습니다.") for each in sentences]


def test_the_same_words_in_other_dress_are_identical(make: Make, english: tuple[str, ...]) -> None:
    relation = compare_documents(make(english), make("\n\n".join(english).upper()))
    assert relation is not None
    assert relation.kind is RelationKind.IDENTICAL
    assert relation.merges


def test_a_reedited_text_is_a_copy(make: Make, english: tuple[str, ...]) -> None:
    edited = [*english[:3], "A new sentence came in here.", *english[3:]]
    relation = compare_documents(make(english), make(edited))
    assert relation is not None
    assert relation.kind is RelationKind.COPY


def test_a_cut_text_is_an_edited_copy(make: Make, english: tuple[str, ...]) -> None:
    relation = compare_documents(make(english), make(english[:5]))
    assert relation is not None
    assert relation.kind is RelationKind.EDITED
    assert relation.containment_ba > 0.95 > relation.containment_ab


def test_an_extended_text_is_an_edited_copy(
    make: Make, english: tuple[str, ...], prose: Callable[[int, int], str]
) -> None:
    relation = compare_documents(make(english), make([*english, prose(4, 200)]))
    assert relation is not None
    assert relation.kind is RelationKind.EDITED


def test_a_broadcaster_s_reading_is_a_copy(make: Make, korean: tuple[str, ...]) -> None:
    read = broadcast(korean)
    assert list(korean) != read
    relation = compare_documents(make(korean), make(read))
    assert relation is not None
    assert relation.merges
    assert relation.jaccard > 0.9


def test_unrelated_texts_have_no_relation(make: Make, prose: Callable[[int, int], str]) -> None:
    assert compare_documents(make(prose(1, 300)), make(prose(2, 300))) is None


@pytest.mark.parametrize("text", ["", "Tower.", "The tower opened on Tuesday, its director said."])
def test_tiny_texts_match_nothing_not_even_themselves(text: str, make: Make) -> None:
    assert compare_documents(make(text), make(text)) is None


def test_texts_of_different_scripts_are_not_compared(
    make: Make, english: tuple[str, ...], korean: tuple[str, ...]
) -> None:
    assert compare_documents(make(english), make(korean)) is None


def test_a_quoted_passage_is_shown_where_it_is_in_both(
    make: Make, english: tuple[str, ...], prose: Callable[[int, int], str]
) -> None:
    quoted = " ".join(english[3:6])
    one, two = make(english), make(f"{prose(5, 150)} “{quoted}” {prose(6, 150)}")
    relation = compare_documents(one, two)
    assert relation is not None
    assert relation.kind is RelationKind.EXCERPT
    assert not relation.merges
    span = relation.spans[0]
    for text, words in (
        (one.text, one.text[span.a_start : span.a_end]),
        (two.text, two.text[span.b_start : span.b_end]),
    ):
        assert words in text
        assert words.rstrip(".") == quoted.rstrip(".")


def test_formulaic_reports_of_different_days_are_not_one(make: Make) -> None:
    form = (
        "A delegation of the {} led by its chairman arrived here by air on Monday. It was met at the"
        " airport by officials of the ministry and the ambassador of the country. The delegation"
        " will lay wreaths, visit the museum of the revolution and tour several places of the city"
        " during its stay, which was arranged at the invitation of the committee of the party."
    )
    one, later = make(form.format("harbour board"), days=0), make(form.format("fish union"), days=9)
    relation = compare_documents(one, later)
    assert relation is not None
    assert not relation.merges


def test_a_yearly_text_of_other_years_is_not_one(make: Make, english: tuple[str, ...]) -> None:
    this_year = make(english[:9], days=0)
    next_year = make([*english[:4], "It is the second of them.", *english[5:8]], days=365)
    relation = compare_documents(this_year, next_year)
    assert relation is not None
    assert not relation.merges
    assert compare_documents(
        this_year, replace(next_year, published_at=this_year.published_at)
    ).merges  # type: ignore[union-attr]


def test_an_update_under_the_same_headline_is_the_same_story(
    make: Make, english: tuple[str, ...], prose: Callable[[int, int], str]
) -> None:
    first = make([*english, prose(8, 60)], title="Tower opens at Lantern Bay", outlet="agency")
    text = [prose(9, 100), *english[:9], prose(10, 90)]
    update = make(text, title="(2nd LD) Tower opens at Lantern Bay", outlet="agency")
    relation = compare_documents(first, update)
    assert relation is not None
    assert relation.merges
    assert "update" in relation.reason
    elsewhere = replace(update, outlet="paper")
    assert not compare_documents(first, elsewhere).merges  # type: ignore[union-attr]


def test_the_source_is_the_agency_else_the_earlier_one(
    make: Make, english: tuple[str, ...]
) -> None:
    early = make(english, days=0)
    late = make([*english, "More."], days=1)
    agency = make([*english, "Less."], days=1, rank=0)
    assert compare_documents(early, late).source == early.id  # type: ignore[union-attr]
    assert compare_documents(early, agency).source == agency.id  # type: ignore[union-attr]


SENTENCES = [
    f"The {a} of {b} was opened by nine {c} on the {d} day of the month of {e}."
    for a, b, c, d, e in zip(
        ["tower", "bridge", "chapel", "harbour", "market"],
        ["stone", "wood", "brass", "clay", "glass"],
        ["sailors", "masons", "weavers", "bakers", "pilots"],
        ["first", "second", "third", "fourth", "fifth"],
        ["frost", "bloom", "heat", "harvest", "fog"],
        strict=True,
    )
]


@given(st.permutations(SENTENCES), st.integers(2, len(SENTENCES)))
def test_it_does_not_matter_which_is_asked_about_first(order: list[str], kept: int) -> None:
    one = Document(1, "a", "", " ".join(SENTENCES))
    two = Document(2, "b", "", " ".join(order[:kept]))
    assert compare_documents(one, two) == compare_documents(two, one)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_can_be_compared(one: str, two: str) -> None:
    relation = compare_documents(Document(1, "a", "", one), Document(2, "b", "", two))
    assert relation is None or 0 <= relation.jaccard <= 1
