"""Who wrote an article, from the many ways in which papers print and mark it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.extraction import Extraction
from crawler.extract.fields import bylines
from crawler.extract.fields.names import clean_names

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]

# Language, where it stands (above or below the text, before its first words, in metadata), markup, names.
CASES = [
    ("en", "above", "<div>By Anna Harbour and Tom Reed</div>", ("Anna Harbour", "Tom Reed")),
    ("en", "above", '<p class="byline">By Anna Harbour, Staff Writer</p>', ("Anna Harbour",)),
    ("en", "above", "<span class=author>Anna Harbour | Coastal Courier</span>", ("Anna Harbour",)),
    (
        "en",
        "above",
        "<div class=byline>By <a>Anna Harbour</a> in Seoul and <a>Tom Reed</a> in Tokyo</div>",
        ("Anna Harbour", "Tom Reed"),
    ),
    ("en", "above", "<div>By ANNA HARBOUR</div>", ("ANNA HARBOUR",)),
    (
        "en",
        "above",
        '<div>Anna Harbour, Seoul correspondent</div><div class="byline">Anna Harbour, Seoul correspondent</div>',
        ("Anna Harbour",),
    ),
    (
        "en",
        "above",
        '<div class="author-name">Anna Harbour</div><div class="author-title">Senior Political Editor</div>',
        ("Anna Harbour",),
    ),
    ("en", "above", "<p>Written by Anna Harbour</p>", ("Anna Harbour",)),
    ("en", "above", "<p>By Dr. Anna J. Harbour</p>", ("Dr. Anna J. Harbour",)),
    ("en", "above", "<p>By Anna O'Neil-Harbour, BBC News</p>", ("Anna O'Neil-Harbour",)),
    ("en", "above", "<p class=byline>By Anna Harbour March 14, 2024</p>", ("Anna Harbour",)),
    (
        "en",
        "above",
        "<p class=byline>Anna Harbour Published 14 March 2024 9:30 AM</p>",
        ("Anna Harbour",),
    ),
    ("en", "meta", "By Anna Harbour", ("Anna Harbour",)),
    ("en", "meta", "Anna Harbour, Tom Reed", ("Anna Harbour", "Tom Reed")),
    ("en", "meta", "Anna Harbour anna@example.com", ("Anna Harbour",)),
    ("en", "meta", "Anna Harbour (Seoul)", ("Anna Harbour",)),
    ("en", "meta", "anna@example.com", ()),
    ("en", "meta", "Staff", ()),
    ("en", "meta", "admin", ()),
    ("en", "meta", "https://example.com/author/anna", ()),
    ("en", "meta", "Coastal Courier Staff", ()),
    ("en", "meta", "The Coastal Courier", ()),
    ("en", "meta", "Newsroom", ()),
    ("en", "meta", "Web Desk", ()),
    ("en", "meta", "Anna Harbour. Coastal Courier International", ("Anna Harbour",)),
    (
        "en",
        "json",
        '[{"@type":"Person","name":"Anna Harbour"},{"@type":"Organization","name":"Reuters"}]',
        ("Anna Harbour",),
    ),
    ("en", "json", '"Anna Harbour and Tom Reed"', ("Anna Harbour", "Tom Reed")),
    (
        "en",
        "below",
        '<script>window.d={"content_author":"Anna Harbour","x":1}</script>',
        ("Anna Harbour",),
    ),
    ("en", "above", "<div>Anna Harbour | March 14, 2024</div>", ("Anna Harbour",)),
    ("ko", "above", "<p>김바다 기자 bada@example.com</p>", ("김바다",)),
    ("ko", "above", "<p class=byline>글·사진 김바다 기자</p>", ("김바다",)),
    ("ko", "above", "<p class=reporter>도쿄=김바다 특파원</p>", ("김바다",)),
    ("ko", "first", "(서울=연합뉴스) 김바다 이하늘 기자 = ", ("김바다", "이하늘")),
    ("ko", "first", "[서울=뉴시스] 김바다 기자 = ", ("김바다",)),
    ("ko", "above", "<p>김바다·이하늘 기자</p>", ("김바다", "이하늘")),
    ("ko", "above", "<span>작성자 김바다</span>", ("김바다",)),
    ("ko", "above", '<span class="name">기자명 김바다 기자</span>', ("김바다",)),
    ("ko", "above", "<span class=writer>김바다 선임기자</span>", ("김바다",)),
    ("ko", "meta", "디지털뉴스팀", ()),
    ("ko", "meta", "온라인뉴스부", ()),
    ("ko", "meta", "바닷가일보", ()),
    ("ko", "meta", "김바다기자", ("김바다",)),
    ("ko", "meta", "김바다 (bada@example.com)", ("김바다",)),
    (
        "ko",
        "below",
        "<p>바닷가일보 김바다입니다.</p><p>김바다 기자 (bada@example.com)</p>",
        ("김바다",),
    ),
    ("zh", "above", "<p>记者：王海</p>", ("王海",)),
    ("zh", "above", "<p>作者：王海 来源：海岸日报</p>", ("王海",)),
    ("zh", "above", "<p>文/王海</p>", ("王海",)),
    (
        "zh",
        "above",
        "<div>2024年03月14日 09:30\u3000作者：记者 王海\u3000编辑：李明</div>",
        ("王海",),
    ),
    ("zh", "first", "本报记者 王海 李明 ", ("王海", "李明")),
    ("zh", "first", "海岸日报记者王海报道：", ("王海",)),
    ("zh", "meta", "编辑部", ()),
    ("zh", "meta", "责任编辑：王海", ()),
    ("ja", "above", "<p>【北京=山田海子】</p>", ("山田海子",)),
    ("ja", "above", "<p class=author>山田海子 記者</p>", ("山田海子",)),
    ("ja", "above", "<p>ソウル=山田海子</p>", ("山田海子",)),
    ("ja", "above", "<p>取材・文 山田海子</p>", ("山田海子",)),
    ("ja", "meta", "海辺新聞社", ()),
    ("ja", "meta", "山田 海子", ("山田 海子",)),
    ("ja", "first", "【ソウル=山田海子】", ("山田海子",)),
    ("ru", "above", "<div class=author>Автор: Анна Морская</div>", ("Анна Морская",)),
    ("ru", "above", "<p>Анна Морская, корреспондент</p>", ("Анна Морская",)),
    ("ru", "above", "<div>Текст: Анна Морская</div>", ("Анна Морская",)),
    ("ru", "meta", "Редакция", ()),
    ("fr", "above", "<p>Par Anne Laport</p>", ("Anne Laport",)),
    ("fr", "above", "<p class=auteur>Par Anne Laport avec AFP</p>", ("Anne Laport",)),
    ("fr", "meta", "La rédaction", ()),
    ("de", "above", "<p>Von Anna Hafen</p>", ("Anna Hafen",)),
    ("de", "above", "<p>Von Anna Hafen, Tokio</p>", ("Anna Hafen",)),
    ("de", "meta", "Redaktion", ()),
    ("de", "above", "<p>Von: Anna Hafen</p>", ("Anna Hafen",)),
    ("es", "above", "<p>Por Ana Puerto</p>", ("Ana Puerto",)),
    ("es", "above", "<p>Por: Ana Puerto y Luis Mar</p>", ("Ana Puerto", "Luis Mar")),
    ("es", "meta", "Redacción", ()),
]


def page(story: "Story", place: str, said: str) -> str:
    heads = {
        "meta": f'<meta name="author" content="{said}">',
        "json": f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"x","author":{said}}}</script>',
    }
    body = story.body()
    if place == "first":
        body = body.replace("<p>", f"<p>{said}", 1)
    return (
        f'<html lang="{story.language}"><head><title>{story.title} | {story.site}</title>'
        f'<meta property="og:site_name" content="{story.site}">{heads.get(place, "")}</head><body>'
        f"<h1>{story.title}</h1>{said if place == 'above' else ''}<div class=content>{body}</div>"
        f"{said if place == 'below' else ''}</body></html>"
    )


@pytest.mark.parametrize(
    ("language", "place", "said", "names"), CASES, ids=[f"{c[0]}-{c[1]}-{c[2][:40]}" for c in CASES]
)
def test_the_people_who_wrote_it_are_named(
    language: str,
    place: str,
    said: str,
    names: tuple[str, ...],
    stories: dict[str, "Story"],
    read_html: ReadHtml,
) -> None:
    article = read_html(page(stories[language], place, said)).article
    assert article is not None
    assert article.authors == names


def test_a_person_comes_before_an_agency_that_the_metadata_name(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    html = page(stories["en"], "json", '{"@type":"Organization","name":"Reuters"}')
    named = html.replace("</h1>", "</h1><p class=byline>By Anna Harbour</p>")
    for source, names in ((named, ("Anna Harbour",)), (html, ("Reuters",))):
        article = read_html(source).article
        assert article is not None
        assert article.authors == names


@pytest.mark.parametrize(
    "line",
    [
        "Von der Brücke bis zum Hafen",
        "By the time the boat left, everybody had gone home",
        "Par ici la sortie",
        "Por la tarde habrá lluvia",
        "기자회견 열려",
        "記者会見の全文",
        "记者会今天举行",
        "March 14, 2024",
    ],
)
def test_a_line_that_only_begins_like_a_byline_is_none(line: str) -> None:
    assert bylines.parse_byline(line) == ""


@given(st.text(max_size=300))
def test_any_line_can_be_asked(text: str) -> None:
    assert isinstance(bylines.parse_byline(text), str)
    assert all(isinstance(name, str) for name in bylines.iter_bylines_in_text(text))
    assert all(1 < len(name) <= 60 for name in clean_names([text]))
