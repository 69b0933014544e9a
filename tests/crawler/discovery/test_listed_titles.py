"""Words in angle brackets, tags and references in the titles of feeds and sitemaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.listed_text import plain_text
from tests.crawler.discovery.reading import SITEMAP_URL, item, rss, titles, urlset


@pytest.mark.parametrize(
    "title",
    [
        "<인터뷰> 등대지기를 만나다",
        "등대 다시 켜져 <속보>",
        "<速報> 灯台が再開",
        "<图> 灯塔重新开放",
        "<Интервью> Смотритель маяка",
        "<3보> 등대 재개",
        "<K팝 톡톡> 봄 노래",
        "<Interview> The lamp keeper",
        "《속보》 <사설> [단독] 등대",
        "< 표 > 등대 목록",
        "5 < 6 > 4",
        "A <- B -> C",
    ],
)
def test_words_in_angle_brackets_stay(title: str) -> None:
    escaped = title.replace("<", "&lt;").replace(">", "&gt;")
    for written in (title, f"<![CDATA[{title}]]>", escaped, escaped.replace("&", "&amp;")):
        assert titles(rss(item(written))) == [title]
        news = f"<news:news><news:title>{written}</news:title></news:news>"
        assert titles(urlset(f"<url><loc>/n/1</loc>{news}</url>"), SITEMAP_URL) == [title]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<b>등대</b>가 켜졌다", "등대가 켜졌다"),
        ("<strong class='x'>Lamp</strong>'s oil", "Lamp's oil"),
        ("Lamp<br/>oil", "Lamp oil"),
        ("<p>Lamp</p><p>oil</p>", "Lamp oil"),
        ("<FONT color=red>Lamp</FONT>", "Lamp"),
        ("Lamp<!-- keeper --> lit", "Lamp lit"),
        ("<o:p>Lamp</o:p>", "Lamp"),
        ('<amp-img src="x">Lamp', "Lamp"),
        ("Fish &amp; chips", "Fish & chips"),
        ("Fish &amp;amp; chips &amp;hellip;", "Fish & chips …"),
        ("&amp;lt;b&amp;gt;Lamp&amp;lt;/b&amp;gt;", "Lamp"),
        ("Q&A &copy 2026", "Q&A &copy 2026"),
    ],
)
def test_tags_and_references_do_not_stay(title: str, expected: str) -> None:
    assert plain_text(title) == expected


@given(st.text())
def test_any_text_becomes_one_line(text: str) -> None:
    assert "\n" not in plain_text(text)
