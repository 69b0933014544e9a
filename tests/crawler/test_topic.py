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


@pytest.mark.parametrize(
    "title",
    [
        "毎日朝6時に起きる健康法",
        "桂米朝さんをしのぶ落語会",
        "中朝食堂で定食を食べる",
        "北アルプスで遭難者を救助",
        "北の国から来た手紙",
        "朝方の冷え込みに注意",
        "完美朝阳照进新校园",
        "部队朝核心区推进",
        "王朝军队的历史",
        "无血開城の講演",
        "Северная Осетия встречает туристов",
        "Macédoine du Nord : élections dimanche",
        "Nordsee: neue Windparks geplant",
    ],
)
def test_names_that_only_look_like_it_are_not(title: str) -> None:
    assert not concerns_north_korea(title, "", REST)


@pytest.mark.parametrize(
    "title",
    [
        "日朝首脳会談を模索",
        "米朝協議が物別れ",
        "中朝边境口岸恢复货运",
        "美朝会谈陷入僵局",
        "北のミサイルか 緊急発表",
        "北ミサイル、日本海に落下",
        "安理会讨论对朝制裁",
        "朝军炸毁道路",
        "宁边设施出现活动",
        "开城工业园区大楼被拆除",
    ],
)
def test_short_forms_of_headlines_are_known(title: str) -> None:
    assert concerns_north_korea(title, "", REST)


def test_tags_and_address_count_like_the_title() -> None:
    assert concerns_north_korea("Harbour", "", REST, tags=("asia", "North Korea"))
    assert concerns_north_korea("Harbour", "", REST, url="https://h.example/north-korea/1")
    assert concerns_north_korea("Harbour", "", REST, url="https://h.example/northkorea/1")


def test_lead_and_opening_count_where_the_text_comes_back_to_it() -> None:
    again = REST[:800] + " Pyongyang said so. "
    assert concerns_north_korea("Harbour", "Pyongyang opened it.", again)
    assert concerns_north_korea("Harbour", "", "SEOUL - North Korea opened it. " + again)
    assert concerns_north_korea("Harbour", "Pyongyang opened it.", "")
    assert not concerns_north_korea("Harbour", "Pyongyang was not asked.", REST * 2)


def test_mentions_in_passing_are_not_the_topic() -> None:
    assert not concerns_north_korea("Harbour", "", REST + "Like North Korea. " + REST)
    several = "North Korea said so. Pyongyang repeated it. North Korea insists. "
    assert concerns_north_korea("Harbour", "", REST + several)
    assert not concerns_north_korea("Harbour", "", REST + several + REST * 3)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("대북 공연으로 연 항구 축제", "큰북과 대북을 함께 두드렸다. " * 30),
        ("항구 개항, 시민 반응", "김정은 기자 = 항구가 문을 열었다. " * 30),
        ("정선군 인사발령", "정선군은 항구 담당을 새로 뽑았다. " * 30),
        ("항구 회담", "두 나라 사이의 비무장지대를 두고 다퉜다. " * 30),
        ("朝鮮半島の天気", "港は晴れ。" * 60),
    ],
    ids=["drum", "reporter", "county", "another border", "peninsula"],
)
def test_names_that_others_bear_too_are_not_enough(title: str, text: str) -> None:
    assert not concerns_north_korea(title, "", text)


def test_a_name_that_others_bear_counts_beside_one_of_its_own() -> None:
    assert concerns_north_korea("김정은, 항구 시찰", "", "북한 매체가 전했다. " + "항구. " * 300)
