"""Quantities and days have one key in every language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.reports.quantities import find_quantities, quantity_weight

QUANTITIES = {
    "km:1500": ["1,500 km away", "1500킬로미터", "1500公里", "1500 км", "1.500 kilómetros", "1 500 kilomètres"],
    "n:200000": ["20만 명", "20만여명", "20万人", "200,000 people", "200 000 человек", "200 mil personas"],
    "n:12000": ["1만2000명", "1만 2천명", "1万2千人", "12,000 troops", "12 тысяч военнослужащих"],
    "t:2000": ["2천톤", "2000톤급", "两千吨", "二千噸", "2,000 tons", "2-thousand, 2 thousand tonnes", "2000 тонн"],
    "mm:240": ["240mm", "240㎜", "240毫米", "240-мм", "240-мiллиметр, 240 миллиметров"],
    "year:80": ["80주년", "80돐", "80周年", "80th anniversary", "80-летие", "80-й годовщины", "80º aniversario"],
    "%:35": ["35%", "35퍼센트", "35パーセント", "35 percent", "35 процентов", "35 por ciento", "35 pour cent"],
    "min:90": ["90분간", "90分钟", "90 minutes", "90 минут", "90 minutos"],
    "usd:1500000": ["150만 달러", "150万美元", "1.5 million dollars", "1,5 млн долларов"],
    "y:2018": ["2018년", "2018年", "in 2018", "в 2018 году"],
    "km:15": ["十五公里", "15キロメートル", "15-km"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "text"), [(key, text) for key, texts in QUANTITIES.items() for text in texts]
)
def test_a_quantity_has_one_key_in_every_language(key: str, text: str) -> None:
    assert key in find_quantities(text)


@pytest.mark.parametrize(
    "text",
    [
        "1월 3일",
        "1月3日",
        "January 3",
        "Jan. 3, 2018",
        "3 января",
        "3 de enero",
        "le 3 janvier",
        "3 January",
    ],
)
def test_a_day_with_its_month_has_two_keys(text: str) -> None:
    assert {"day:3", "day:01-03"} <= find_quantities(text)


@pytest.mark.parametrize("text", ["지난 3일 밝혔다", "3日の発表", "3号发布"])
def test_a_day_alone_has_one_key(text: str) -> None:
    assert find_quantities(text) == {"day:3"}


@pytest.mark.parametrize(
    "text", ["3일간", "3日間", "May 5,000", "41일", "marching 3", "2.3일", "5월"]
)
def test_what_is_no_day_has_no_key_of_a_day(text: str) -> None:
    assert not any(key.startswith("day:") for key in find_quantities(text))


@pytest.mark.parametrize("text", ["two of 3", "第一次", "三", "7 items", "1월", ""])
def test_small_counts_are_no_quantities(text: str) -> None:
    assert not find_quantities(text)


def test_a_day_counts_less_than_a_distance() -> None:
    assert 0 < quantity_weight("day:3") < quantity_weight("day:01-03") < quantity_weight("km:1500")
    assert quantity_weight("y:2018") < quantity_weight("n:12000")


@given(
    st.text(alphabet=st.sampled_from("0123456789.,  만千万亿월일月日km명jan百十二%-"), max_size=60)
)
def test_any_digits_can_be_read(text: str) -> None:
    assert all(quantity_weight(key) > 0 for key in find_quantities(text))


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(quantity_weight(key) > 0 for key in find_quantities(text))
