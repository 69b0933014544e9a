from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.changes.change_classifier import classify_change, is_rewording
from dedup.changes.records import Change, ChangeKind, ChangeNature, ComparedVersion

FIRST = datetime(2026, 3, 1, 6, tzinfo=UTC)
TEXT = (
    "Pyongyang, March 1 (KCNA) -- A new dairy farm was opened in the town of Hamju.\n"
    "The ceremony was attended by Pak Thae Song and 350 workers of the county.\n"
    "The farm will give 12 tons of milk a day to nurseries.\n"
    "Speakers stressed the need to increase production further."
)
KOREAN = (
    "평양 3월 1일발 조선중앙통신\n함주군에 새 목장이 건설되였다.\n"
    "박태성동지가 준공식에 참가하였다.\n목장에서는 하루에 12t의 젖을 생산한다."
)


def wording(
    text: str = TEXT, title: str = "Dairy Farm Opened", **fields: object
) -> ComparedVersion:
    return ComparedVersion(title=title, text=text, **fields)  # type: ignore[arg-type]


def verdict(text: str, *, before: str = TEXT, **fields: Any) -> Change:
    found = classify_change(wording(before, **fields), wording(text, **fields))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("dairy farm was opened", "goat farm was opened", {ChangeKind.LEAD}),
        ("to nurseries", "to schools", {ChangeKind.BODY}),
        ("12 tons", "14 tons", {ChangeKind.BODY, ChangeKind.NUMBERS}),
        ("Pak Thae Song", "Kim Tok Hun", {ChangeKind.BODY, ChangeKind.NAMES}),
        ("attended by Pak Thae Song and", "attended by", {ChangeKind.BODY, ChangeKind.NAMES}),
        ("\nSpeakers stressed the need to increase production further.", "", {ChangeKind.BODY}),
        ("a day to nurseries.", "a day to nurseries.\nIt cost 5 years of work.", {ChangeKind.BODY}),
    ],
    ids=["lead", "body", "number", "name", "name-taken-out", "sentence-cut", "sentence-added"],
)
def test_the_kinds_of_an_edit_are_told(old: str, new: str, kinds: set[ChangeKind]) -> None:
    found = verdict(TEXT.replace(old, new))
    assert set(found.kinds) == kinds
    assert (found.nature, found.silent, found.boring) == (ChangeNature.EDIT, True, "")


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (
            {"title": "Farm Opened"},
            {"title": "Farm Closed"},
            {ChangeKind.HEADLINE, ChangeKind.NAMES},
        ),
        ({"authors": ("A",)}, {"authors": ("B",)}, {ChangeKind.BYLINE}),
        ({"captions": ("One.",)}, {"captions": ("Two.",)}, {ChangeKind.CAPTION}),
        ({"published_at": FIRST}, {"published_at": FIRST - timedelta(days=3)}, {ChangeKind.DATE}),
        ({"lead": "A farm."}, {"lead": "A mine."}, {ChangeKind.LEAD}),
    ],
    ids=["headline", "byline", "caption", "backdated", "lead"],
)
def test_fields_beside_the_text_are_compared(
    before: dict[str, object], after: dict[str, object], kinds: set[ChangeKind]
) -> None:
    found = classify_change(wording(**before), wording(**after))  # type: ignore[arg-type]
    assert found is not None
    assert set(found.kinds) == kinds
    assert found.boring == ""


def test_a_field_that_was_not_found_is_no_change() -> None:
    assert classify_change(wording(authors=("A",), published_at=FIRST), wording()) is None


def test_a_day_is_not_made_more_exact_than_it_is() -> None:
    midnight = FIRST.replace(hour=0)
    old = wording(published_at=midnight, is_date_only=True)
    assert classify_change(old, wording(published_at=FIRST)) is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("opened in", "opened  in", "white space"),
        ("Pak Thae Song and", "Pak Thae Songand", "white space"),
        ("350 workers", "350 “workers”", ""),
        ("KCNA) --", "KCNA) —", "typography"),
        ("12 tons", "１２ tons", "typography"),
        ("the county.", "the county.&nbsp;", "markup"),
        ("350 workers", "350 <b>workers</b>", "markup"),
        ("further.", "further.\nUpdated: 2026-03-02 14:05", "a stamp that says when"),
        ("further.", "further.\nPublished 2026-02-27 14:05", ""),
        ("Speakers", "speakers", ""),
    ],
)
def test_noise_is_told_from_edits(old: str, new: str, reason: str) -> None:
    assert verdict(TEXT.replace(old, new)).boring == reason


def test_dashes_of_one_length_are_typography() -> None:
    assert verdict("A — b. " * 9, before="A – b. " * 9).boring == "typography"


def test_a_juche_date_in_the_headline_is_the_same_date() -> None:
    old, new = wording(title="Farm [2026.03.01.]"), wording(title="Farm [Juche115.3.1.]")
    found = classify_change(old, new)
    assert found is not None
    assert found.boring == "a stamp that says when"


def test_a_moved_date_in_the_headline_is_not_boring() -> None:
    found = classify_change(
        wording(title="Farm [2026.03.01.]"), wording(title="Farm [2026.03.02.]")
    )
    assert found is not None
    assert found.boring == ""


def test_korean_names_and_numbers_are_seen() -> None:
    found = verdict(KOREAN.replace("박태성", "김덕훈"), before=KOREAN, language="ko")
    assert set(found.kinds) == {ChangeKind.BODY, ChangeKind.NAMES}
    found = verdict(KOREAN.replace("12t", "15t"), before=KOREAN, language="ko")
    assert set(found.kinds) == {ChangeKind.BODY, ChangeKind.NUMBERS}


@pytest.mark.parametrize(
    ("translated", "nature"), [(True, ChangeNature.RETRANSLATION), (False, ChangeNature.REWRITE)]
)
def test_a_text_worded_anew_from_end_to_end_is_told(translated: bool, nature: ChangeNature) -> None:
    text = TEXT.replace("was opened in the town of Hamju", "was inaugurated in Hamju")
    text = text.replace("The ceremony was attended", "The inauguration was attended")
    text = text.replace("will give 12 tons of milk a day", "will provide 12 tons of milk every day")
    assert verdict(text, translated=translated).nature is nature


def test_another_report_at_the_same_address_is_no_rewording() -> None:
    assert not is_rewording(TEXT, "Quite another matter. " * 20)


def test_one_changed_sentence_is_no_rewording() -> None:
    assert not is_rewording(TEXT, TEXT.replace("to nurseries", "to schools"))


def test_a_wire_update_is_no_silent_edit() -> None:
    old = wording(title="(LEAD) N. Korea opens farm")
    new = wording(title="(2nd LD) N. Korea opens farm", text=TEXT + "\nIt was the third this year.")
    found = classify_change(old, new)
    assert found is not None
    assert (found.nature, found.silent) == (ChangeNature.UPDATE, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": TEXT + "\nCorrection: an earlier version gave a wrong figure."},
        {"text": TEXT + "\nMore.", "modified_at": FIRST},
    ],
    ids=["note", "stamp"],
)
def test_an_edit_that_the_page_owns_up_to_is_not_silent(fields: dict[str, object]) -> None:
    found = classify_change(wording(), wording(**fields))  # type: ignore[arg-type]
    assert found is not None
    assert not found.silent


def test_a_text_read_by_other_rules_is_our_change() -> None:
    found = classify_change(wording(rules="a"), wording(TEXT + " More.", rules="b"))
    assert found is not None
    assert found.nature is ChangeNature.REREAD
    assert "nkwire reextract" in found.boring


texts = st.text(alphabet=st.sampled_from("ab 7.\nKP“\u200b김金\x00<>&"), max_size=60) | st.text()


@given(texts, texts, texts, texts)
def test_any_two_texts_get_a_verdict(a: str, b: str, title: str, other: str) -> None:
    found = classify_change(
        ComparedVersion(title=title, text=a), ComparedVersion(title=other, text=b)
    )
    if (a, title) == (b, other):
        assert found is None
    elif found is not None:
        assert 0 <= found.share <= 1
        assert found.kinds


@pytest.mark.parametrize("sentences", [20_000, pytest.param(220_000, marks=pytest.mark.slow)])
def test_huge_texts_are_compared_within_bounds(sentences: int) -> None:
    old, new = "word a. " * (sentences + 30_000), "other b. " * sentences
    found = verdict(new, before=old)
    assert found.share > 0.5
