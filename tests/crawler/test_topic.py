import pytest

from crawler.topic import concerns_north_korea

REST = "The lantern office widened the granite harbour, and the orchard gate was closed. " * 20


@pytest.mark.parametrize(
    "title",
    [
        "North Korea opens a harbour",
        "(LEAD) N. Korea's harbour",
        "N Korea says harbour is open",
        "DPRK premier visits orchard",
        "Pyongyang: harbour opened",
        "북한, 항구 개항",
        "北, 항구 개항",
        "조선중앙통신 보도",
        "朝鲜开放港口",
        "朝鮮開放港口",
        "北朝鮮が港を開く",
        "КНДР открыла порт",
        "Северная Корея открыла порт",
        "Corea del Norte abre un puerto",
        "La Corée du Nord ouvre un port",
        "Nordkorea öffnet einen Hafen",
        "Ｎｏｒｔｈ Ｋｏｒｅａ",
    ],
)
def test_a_title_that_names_the_country_is_enough(title: str) -> None:
    assert concerns_north_korea(title, "", REST)


@pytest.mark.parametrize(
    "title",
    [
        "South Korea opens a harbour",
        "Trade fair in Korea opens",
        "東北地方で地震",
        "北海道の天気",
        "태평양 항로 재개",
        "朝鲜族文化节",
        "Южная Корея открыла порт",
        "경상북도 항구",
        "",
    ],
)
def test_a_title_about_something_else_is_not(title: str) -> None:
    assert not concerns_north_korea(title, "", REST)


def test_lead_tags_address_and_opening_count_like_the_title() -> None:
    assert concerns_north_korea("Harbour", "Pyongyang opened it.", REST)
    assert concerns_north_korea("Harbour", "", REST, tags=("asia", "North Korea"))
    assert concerns_north_korea("Harbour", "", REST, url="https://h.example/north-korea/1")
    assert concerns_north_korea("Harbour", "", "SEOUL - North Korea opened it. " + REST)


def test_one_mention_in_passing_is_not_the_topic() -> None:
    assert not concerns_north_korea("Harbour", "", REST + "Like North Korea. " + REST)
    several = REST + "North Korea said so. Pyongyang repeated it. North Korea insists. "
    assert concerns_north_korea("Harbour", "", several)
