"""The small readers that a page's reading is made of, each on what it must and must not take."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.body.boilerplate import is_boilerplate
from crawler.extract.dates.datelines import find_dateline
from crawler.extract.dates.zones import guess_zone, parse_zone
from crawler.extract.fields.names import clean_names
from crawler.extract.fields.title_tails import remove_site_name
from crawler.extract.language import detect_language
from crawler.extract.page.clean import clean_line, clean_text
from crawler.extract.page.css_select import first_value, select_paragraphs
from crawler.extract.page.jsonld import parse_block, parse_json_ld
from crawler.extract.page.paragraphs import split_paragraphs, text_of
from crawler.extract.urls import canonical_url, host_of, original_url
from storage.records import Dateline

JSON_LD: list[tuple[str, str, Any]] = [
    ("plain", '{"a": 1}', {"a": 1}),
    ("line-comment", '{\n// who knows\n"a": "http://x/y" // z\n}', {"a": "http://x/y"}),
    ("block-comment", '{/* a */"a": "/* kept */"}', {"a": "/* kept */"}),
    ("trailing-comma", '{"a": [1, 2, ], }', {"a": [1, 2]}),
    ("line-break-in-a-string", '{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}),
    ("html-comment", '<!-- {"a": 1} -->', {"a": 1}),
    ("cdata", '//<![CDATA[\n{"a": 1}\n//]]>', {"a": 1}),
    ("semicolon", '{"a": 1};', {"a": 1}),
    ("byte-order-mark", '\ufeff{"a": 1}', {"a": 1}),
    ("rubbish-behind", '{"a": 1} </div>', {"a": 1}),
    ("unescaped-quote", '{"headline": "x", "about": "say "hi" now", "genre": "y"}', {"headline": "x", "about": 'say "hi" now', "genre": "y"}),
    ("cut", '{"headline": "x", "datePublished": "2024-03-14", "author": {"na', {"headline": "x", "datePublished": "2024-03-14"}),
    ("empty", "  ", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("block", "meant"), [row[1:] for row in JSON_LD], ids=[row[0] for row in JSON_LD]
)
def test_json_ld_is_read_as_sites_write_it(block: str, meant: Any) -> None:
    assert parse_block(block) == meant


def test_all_blocks_lists_and_graphs_are_opened() -> None:
    html = (
        '<script type="application/ld+json">[{"@type":"A"},{"@graph":[{"@type":"B"}]}]</script>'
        "<SCRIPT TYPE='application/ld+json' id=x>{'broken'}</SCRIPT>"
        '<script data-x=1 type=application/ld+json>{"@type":"C"}</script>'
        '<link type="application/ld+json" href="/x.json">'
    )
    assert [
        item.get("@type") for item in parse_json_ld(LexborHTMLParser(html)) if "@type" in item
    ] == [
        "A",
        "C",
        "B",
    ] or {
        item.get("@type") for item in parse_json_ld(LexborHTMLParser(html)) if "@type" in item
    } == {"A", "B", "C"}


@given(st.text(max_size=200))
def test_any_block_gives_something(text: str) -> None:
    parse_block(text)


def test_paragraphs_end_at_blocks_and_double_breaks_and_lines_at_single_ones() -> None:
    html = "<div>one <b>bold</b><br>line<br><br>two<p>three</p>four<ul><li>five</li></ul><script>x</script></div>"
    node = LexborHTMLParser(html).css("div")[0]
    assert split_paragraphs(node) == ["one bold\nline", "two", "three", "four", "five"]
    assert text_of(node) == "one bold line two three four five"


def test_a_node_deep_in_others_is_walked_without_recursion() -> None:
    html = "<div>" * 5000 + "deep" + "</div>" * 5000
    assert split_paragraphs(LexborHTMLParser(html).css("div")[0]) == ["deep"]


def test_the_first_selector_that_yields_text_wins() -> None:
    tree = LexborHTMLParser(
        "<h1> </h1><h2>two</h2><time datetime=now>x</time><a data-x='y@z'>q</a>"
    )
    assert first_value(tree, ("h1", "h2")) == ("two", "h2")
    assert first_value(tree, "time@datetime") == ("now", "time@datetime")
    assert first_value(tree, "a[data-x='y@z']") == ("q", "a[data-x='y@z']")
    assert first_value(tree, ()) == ("", "")


def test_a_node_selected_within_another_is_not_read_twice() -> None:
    tree = LexborHTMLParser("<div class=a>x<p class=a>y</p></div>")
    assert select_paragraphs(tree, ".a") == (["x", "y"], ".a")


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("a\xa0b\u3000c", "a b c"),
        ("\ufeffzero\u200bwidth\xad", "zerowidth"),
        ("control\x00\x07\x1b[0m", "control[0m"),
        ("over\u202eride\u2066s", "overrides"),
        ("surro\ud800gate", "surrogate"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_odd_characters_are_cleaned_by_one_rule(raw: str, meant: str) -> None:
    assert clean_line(raw) == meant


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(text).encode("utf-8") is not None


DATELINES = [
    ("SEOUL, Sept. 5 (Yonhap) -- Officials", Dateline("SEOUL", "Sept. 5", "Yonhap")),
    ("Pyongyang, July 19 (KCNA) -- The", Dateline("Pyongyang", "July 19", "KCNA")),
    ("WASHINGTON (AP) — The", Dateline("WASHINGTON", "", "AP")),
    ("SURABAYA, Indonesia/JAKARTA (Reuters) - A", Dateline("SURABAYA, Indonesia/JAKARTA", "", "Reuters")),
    ("MOSCOW, June 12. /TASS/. The", Dateline("MOSCOW", "June 12", "TASS")),
    ("(서울=연합뉴스) 김바다 기자 = 여객선", Dateline("서울", "", "연합뉴스")),
    ("[서울=뉴시스] 김바다", Dateline("서울", "", "뉴시스")),
    ("(평양 7월 19일발 조선중앙통신)", Dateline("평양", "7월 19일", "조선중앙통신")),
    ("ПХЕНЬЯН, 5 сентября. /ТАСС/. Паром", Dateline("ПХЕНЬЯН", "5 сентября", "ТАСС")),
    ("新华社平壤9月5日电（记者王海）", Dateline("平壤", "9月5日", "新华社")),
    ("【平壌7月19日発朝鮮中央通信】船", Dateline("平壌", "7月19日", "朝鮮中央通信")),
    ("【ソウル=共同】船", Dateline("ソウル", "", "共同")),
    ("Pyongyang, 19 de julio (ACNC) -- El", Dateline("Pyongyang", "19 de julio", "ACNC")),
    ("The ferry (AP) runs again", None),
    ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), DATELINES, ids=[text[:30] for text, _ in DATELINES])
def test_datelines_of_the_agencies_are_parsed(text: str, meant: Dateline | None) -> None:
    assert find_dateline(text) == meant
    assert find_dateline(f"By Anna Harbour\n\n{text}") == meant


LEFT_OUT = [
    "(END)", "(끝)", "-0-", "___", "김바다 기자 bada@example.com", "bada@yna.co.kr", "https://youtu.be/x",
    "#여객선 #항구", "저작권자(c) 바닷가일보, 무단 전재-재배포 금지", "Copyright © Coastal Courier 2024",
    "제보는 카카오톡 okjebo", "▶ 카카오톡 '바닷가' 검색해 채널 추가", "[메일] social@example.com", "Read more:",
    "Related Articles", "관련기사", "あわせて読みたい", "相关新闻", "Читайте также:", "Lee también", "Advertisement",
    "광고", "Share this article", "Like this story? Share it with a friend!", "Sign up for our newsletter",
    "Reporting by Anna Harbour; Editing by Joe Smith", "Our Standards: The Trust Principles.", "【纠错】",
    "责任编辑：王海", "Photo : YONHAP News", "사진=바닷가일보", "5 min read", "Get short URL",
]  # fmt: skip

KEPT = [
    "The ferry runs again.",
    '"We are glad," he said.',
    "여객선이 다시 다닌다.",
    "김바다 기자는 현장에서 이렇게 전했다.",
    "제보자는 경찰에 신고했다고 말했다.",
    "So it was.",
    "Readers share more than 300 photos of the storm with the museum each year.",
    "More from the same harvest went to the islands than in any year before, farmers said.",
    "Print runs of the paper were stopped at midnight because of the storm.",
    "The end",
    "완전히 끝났다.",
    "船は再び動き出した。",
    "来源地区的天气很好，船只恢复通航。",
    "Реклама на пароме подорожала вдвое, сообщили в порту.",
]


@pytest.mark.parametrize("line", LEFT_OUT)
def test_a_phrase_round_the_text_is_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", KEPT)
def test_a_sentence_of_the_text_is_none(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize(
    ("title", "site", "meant"),
    [
        ("Ferry runs again | Coastal Courier", ["Coastal Courier"], "Ferry runs again"),
        ("Ferry runs again - World - Courier", ["Courier"], "Ferry runs again - World"),
        ("폭풍 뒤 운항 재개-정치ㅣ바닷가일보", ["바닷가일보"], "폭풍 뒤 운항 재개-정치"),
        ("嵐のあと運航再開：海辺新聞デジタル", ["海辺新聞"], "嵐のあと運航再開"),
        ("风暴过后恢复通航--时政--海岸网", ["海岸网"], "风暴过后恢复通航"),
        (
            "Ferry runs again: what you need to know",
            ["Courier"],
            "Ferry runs again: what you need to know",
        ),
        ("Boats - old and new - run again", [], "Boats - old and new - run again"),
        ("Ferry runs again | World | Courier", [], "Ferry runs again"),
        ("Courier", ["Courier"], "Courier"),
    ],
)
def test_the_sites_name_is_cut_from_a_title(title: str, site: list[str], meant: str) -> None:
    assert remove_site_name(title, site) == meant


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (["By Anna Harbour and Joe B. Smith"], ("Anna Harbour", "Joe B. Smith")),
        (["ANNA HARBOUR, JOE SMITH"], ("ANNA HARBOUR", "JOE SMITH")),
        (["김바다 기자", "이하늘 특파원"], ("김바다", "이하늘")),
        (["김바다·이하늘 기자"], ("김바다", "이하늘")),
        (["記者 王海"], ("王海",)),
        (["Von Anna Hafen und Karl Kai"], ("Anna Hafen", "Karl Kai")),
        (["https://example.com/anna", "admin", "105092", "news@example.com"], ()),
        (["Anna Harbour, Senior Correspondent"], ("Anna Harbour",)),
    ],
)
def test_bylines_become_names(found: list[str], names: tuple[str, ...]) -> None:
    assert clean_names(found) == names


@pytest.mark.parametrize(
    ("text", "said", "declared", "meant"),
    [
        ("여객선이 다시 다닌다고 항만 사무소가 밝혔다", "en", (), "ko"),
        ("Le ferry reprend la mer lundi matin, a annoncé le port", "fr-FR", (), "fr"),
        ("Паром снова ходит с понедельника", "ru", (), "ru"),
        ("Паром знову ходить з понеділка", "uk", (), "uk"),
        ("The ferry runs again since Monday", "", ("en",), "en"),
        ("The ferry runs again since Monday morning, the office said", "ko", ("ko", "en"), "en"),
        ("船は月曜日から再び動き出しました", "zh", ("zh", "ja"), "ja"),
        ("ferry", "", (), ""),
        ("သင်္ဘောသည် တနင်္လာနေ့မှ စ၍ ပြန်လည်ပြေးဆွဲသည်", "my", ("en", "zh"), "my"),
    ],
)
def test_the_language_is_what_text_and_page_agree_on(
    text: str, said: str, declared: tuple[str, ...], meant: str
) -> None:
    assert detect_language(text, said, declared)[0] == meant


@pytest.mark.parametrize(
    ("mark", "minutes"),
    [("KST", 540), ("GMT+9", 540), ("+09:00", 540), ("-0330", -210), ("Z", 0), ("(МСК)", 180), ("a.m.", None), ("+99", None)],
)  # fmt: skip
def test_marks_of_zones(mark: str, minutes: int | None) -> None:
    from datetime import datetime

    where = parse_zone(mark)
    offset = where.utcoffset(datetime(2024, 3, 14)) if where else None
    assert (offset.total_seconds() / 60 if offset is not None else None) == minutes


def test_cst_is_chinese_in_asia_and_american_elsewhere() -> None:
    from datetime import datetime, timedelta

    at = datetime(2024, 1, 1)
    asian, other = parse_zone("CST", "Asia/Shanghai"), parse_zone("CST")
    assert asian is not None
    assert other is not None
    assert (asian.utcoffset(at), other.utcoffset(at)) == (timedelta(hours=8), timedelta(hours=-6))


def test_a_place_is_guessed_from_country_then_language() -> None:
    assert guess_zone("news.example.co.kr", "en") == "Asia/Seoul"
    assert guess_zone("example.com", "ja_JP") == "Asia/Tokyo"
    assert guess_zone("example.com", "en") == ""


@pytest.mark.parametrize(
    ("page", "said", "meant"),
    [
        ("https://a.example.com/x/1?u=2", "/x/1", "https://a.example.com/x/1"),
        ("https://m.example.com/x/1", "https://www.example.com/x/1", "https://www.example.com/x/1"),
        ("https://news.example.co.kr/x", "https://other.example2.co.kr/x", ""),
        ("https://example.com/x/1", "https://example.com/", ""),
        ("https://example.com/x/1", "javascript:alert(1)", ""),
        (
            "https://web.archive.org/web/2012/http://example.com/x",
            "http://example.com/x",
            "http://example.com/x",
        ),
        ("https://example.com/x", "http://[bad", ""),
    ],
)
def test_a_canonical_address_must_be_on_the_same_site(page: str, said: str, meant: str) -> None:
    assert canonical_url(page, said) == meant


def test_archived_addresses_lead_to_the_original() -> None:
    url = "https://web.archive.org/web/20120611024252/http://www.example.com/a"
    assert original_url(url) == "http://www.example.com/a"
    assert host_of(original_url(url)) == "example.com"


@pytest.mark.threats("S9")
def test_every_pattern_in_the_boilerplate_ends_quickly_on_long_lines() -> None:
    for unit in ("a", "@", "# ", "제보", "(", "copyright ", "reporting by "):
        line = unit * 60
        assert isinstance(is_boilerplate(line), bool)
        assert re.sub(r"\s+", " ", line)
