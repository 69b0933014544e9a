"""Who is named first in a headline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.reports.headline_subject import (
    HEADLINE_CHARS,
    HeadlineSubject,
    find_headline_subject,
    names_another_subject,
)

NORTH, OTHER, NOBODY = HeadlineSubject


@pytest.mark.parametrize(
    ("headline", "subject"),
    [
        ("김정은, 등대 공장 시찰", NORTH),
        ("北 “새 가마 가동”", NORTH),
        ("북한, 어제 등대 시험", NORTH),
        ("합참 “북한, 등대 시험”", OTHER),
        ("통일부 “北 발표 유감”", OTHER),
        ("李 대통령, 북한에 등대 제안", OTHER),
        ("등대 축제 열려", NOBODY),
        ("N. Korea opens lighthouse", NORTH),
        ("Kim Jong Un visits kiln", NORTH),
        ("Pyongyang hails new kiln", NORTH),
        ("South Korea voices regret over North Korea's kiln", OTHER),
        ("Seoul: North Korea lit a kiln", OTHER),
        ("Experts doubt North Korea's kiln", OTHER),
        ("US says North Korea lit a kiln", OTHER),
        ("A bus to the kiln", NOBODY),
        ("朝鲜新灯塔启用", NORTH),
        ("金正恩视察灯塔", NORTH),
        ("韩国回应朝鲜灯塔", OTHER),
        ("朝鲜半岛的灯塔", NOBODY),
        ("專家：北韓燈塔", OTHER),
        ("北朝鮮が灯台を公開", NORTH),
        ("防衛省「北朝鮮の灯台」", OTHER),
        ("КНДР открыла маяк", NORTH),
        ("Ким Чен Ын посетил маяк", NORTH),
        ("Южная Корея ответила КНДР", OTHER),
        ("В Кремле узнали о маяке КНДР", OTHER),
        ("Corea del Norte abre un faro", NORTH),
        ("Seúl critica el faro de Corea del Norte", OTHER),
        ("La Corée du Nord ouvre un phare", NORTH),
        ("Séoul répond à la Corée du Nord", OTHER),
        ("", NOBODY),
    ],
)
def test_who_is_named_first_is_the_subject(headline: str, subject: HeadlineSubject) -> None:
    assert find_headline_subject(headline) is subject


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("김정은, 푸틴에 축전", True),
        ("김정은, 등대 시찰", False),
        ("Kim Jong Un warns Seoul", True),
        ("Kim Jong Un lights kiln", False),
        ("КНДР ответила США", True),
        ("金正恩会见中国客人", True),
    ],
)
def test_another_subject_may_come_later(headline: str, expected: bool) -> None:
    assert names_another_subject(headline) is expected


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    far = "등대 " * HEADLINE_CHARS + "김정은 미국"
    assert find_headline_subject(far) is NOBODY
    assert not names_another_subject(far)


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    subject = find_headline_subject(text)
    assert subject in HeadlineSubject
    assert names_another_subject(text) or subject is not OTHER
