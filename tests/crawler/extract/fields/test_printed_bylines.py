"""The byline that a page prints near its text decides who wrote it."""

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

PIECES = [
    # The report's place after a slash.
    ("記者王小海／台北報導", ("王小海",)),
    ("【記者王小海／台北報導】", ("王小海",)),
    ("記者王小海、李大河／綜合報導", ("王小海", "李大河")),
    ("〔記者王小海／高雄報導〕", ("王小海",)),
    ("2024-03-14 09:30海岸報 記者王小海／台北即時報導", ("王小海",)),
    ("海岸新聞／王小海", ("海岸新聞", "王小海")),
    # Labels of authors, and of others.
    ("著者：山田海子", ("山田海子",)),
    ("執筆者: 山田海子", ("山田海子",)),
    ("文・写真：山田海子", ("山田海子",)),
    ("文=山田海子、写真=鈴木浜子", ("山田海子",)),
    ("取材・文：山田海子 撮影：鈴木浜子", ("山田海子",)),
    ("Penulis: Budi Laut | Editor: Siti Air", ("Budi Laut",)),
    ("Текст: Анна Морская, фото: Иван Лес", ("Анна Морская",)),
    ("Texto: Ana Puerto Fotos: Luis Mar", ("Ana Puerto",)),
    ("Text: Anna Hafen, Fotos: Karl Kai", ("Anna Hafen",)),
    ("文：王海 图：李明", ("王海",)),
    ("作者：王海 编辑：李明 来源：海岸日报", ("王海",)),
    ("김바다 기자, 사진=이하늘 기자", ("김바다",)),
    ("Editor : Budi Laut", ()),
    ("責任編輯：王小海", ()),
    ("Redakteur: Karl Kai", ()),
    # Credits of pictures.
    ("(Image: FBI)", ()),
    ("By Anna Harbour (Image: Harbour Police)", ("Anna Harbour",)),
    ("By Anna Harbour (Photo by Tom Reed)", ("Anna Harbour",)),
    ("By Anna Harbour, photographs by Tom Reed", ("Anna Harbour",)),
    ("Words by Anna Harbour. Photos by Tom Reed", ("Anna Harbour",)),
    ("Reporting by Anna Harbour; Editing by Tom Reed", ("Anna Harbour",)),
    # Roles and places after a name.
    ("Anna Harbour, City Columnist", ("Anna Harbour",)),
    ("Anna Harbour, Europe Digital Editor", ("Anna Harbour",)),
    ("Anna Harbour, special to the Courier", ("Anna Harbour",)),
    ("Anna Porto, inviata a Seul", ("Anna Porto",)),
    ("Anna Hafen, Korrespondentin in Seoul", ("Anna Hafen",)),
    ("PTI, Washington, Nov 20 2019, 10:18am ist", ("PTI",)),
    ("AFP / Updated: Dec 22, 2023, 19:28 IST", ("AFP",)),
    ("김바다 도쿄특파원", ("김바다",)),
    ("워싱턴 김바다 특파원", ("김바다",)),
    ("김바다 논설위원", ("김바다",)),
    ("本报记者 王海 通讯员 李明", ("王海", "李明")),
    ("編集委員 山田海子", ("山田海子",)),
    ("王海 发自北京", ("王海",)),
    ("Edward Harbour City Columnist", ("Edward Harbour",)),
    ("정치부 김바다 기자", ("김바다",)),
    ('{ "@type":"Person", "name":"Anna Harbour" }', ()),
    ("HT Correspondent", ()),
    ("Coast Bureau", ()),
    ("Harbour-Redaktion", ()),
    ("Redacción Internacional", ()),
    ("김바다 북한전문기자", ("김바다",)),
    ("김바다 이하늘 기자", ("김바다", "이하늘")),
    ("김바다 정치부장", ("김바다",)),
    ("김바다 기자 외 1명", ("김바다",)),
    ("김바다(정치부) 기자", ("김바다",)),
    ("山田海子（やまだ・うみこ）", ("山田海子",)),
    ("Anna Harbour (Seoul), Tom Reed (Tokyo)", ("Anna Harbour", "Tom Reed")),
    # Networks, handles and addresses.
    ("Twitter", ()),
    ("Follow on Twitter", ()),
    ("Anna Harbour Facebook", ("Anna Harbour",)),
    ("Anna Harbour @annaharbour", ("Anna Harbour",)),
    ("Anna Harbour | anna@example.com | Tom Reed", ("Anna Harbour", "Tom Reed")),
    ("Anna Harbour@annaharbour", ("Anna Harbour",)),
    ("View all posts by Anna Harbour", ("Anna Harbour",)),
    ("Host: Tom Reed", ()),
    ("Written by Anna Harbour, Medically reviewed by Jo Lake", ("Anna Harbour",)),
    ("ANNA HARBOUR FOR COASTAL MAIL", ("ANNA HARBOUR",)),
    ("作者丨王海", ("王海",)),
    # Times and phrases.
    ("发布时间：01-14", ()),
    ("17:58", ()),
    ("The harbour and port ministries", ()),
    ("Anna Harbour reporting from the harbour", ("Anna Harbour",)),
    # What looks like one of these and is a name.
    ("JEAN-LUC DE LA MER", ("JEAN-LUC DE LA MER",)),
    ("Ludwig van den Hafen", ("Ludwig van den Hafen",)),
    ("Karl von Hafen", ("Karl von Hafen",)),
    ("Von Karl von Hafen", ("Karl von Hafen",)),
    ("Ursula von der Hafen", ("Ursula von der Hafen",)),
    ("Anna della Porta", ("Anna della Porta",)),
    ("anna harbour", ("anna harbour",)),
    ("Anna McReed", ("Anna McReed",)),
    ("Hong Bada", ("Hong Bada",)),
    ("Lee Hae-on", ("Lee Hae-on",)),
    ("Park Yoo-in", ("Park Yoo-in",)),
    ('Anna "Annie" Harbour', ('Anna "Annie" Harbour',)),
    ("Kari Havn og Jo Fjell", ("Kari Havn", "Jo Fjell")),
    ("Anna Porto e Luca Mare", ("Anna Porto", "Luca Mare")),
]


@pytest.mark.parametrize(("byline", "names"), PIECES, ids=[piece[0][:40] for piece in PIECES])
def test_a_byline_gives_its_writers_only(byline: str, names: tuple[str, ...]) -> None:
    assert clean_names([byline]) == names


LINES = [
    ("著者：山田海子", "山田海子"),
    ("編集委員 山田海子", "山田海子"),
    ("ソウル支局長 山田海子", "山田海子"),
    ("山田海子記者", "山田海子"),
    ("［山田海子，海辺ニュース］", "山田海子"),
    ("取材・文●山田海子", "山田海子"),
    ("圖／文：王小海、李大河", "王小海,李大河"),
    ("中海新聞／王小海", "王小海"),
    ("記者 王海", "王海"),
    ("海岸日报记者 王海、李明", "王海,李明"),
    ("記者王小海 / 台北報導", "王小海"),
    ("김바다 도쿄 특파원", "김바다"),
    ("김바다 논설위원", "김바다"),
    ("Penulis: Budi Laut", "Budi Laut"),
    ("Autorin: Anna Hafen", "Anna Hafen"),
    ("Автор:Анна Морская", "Анна Морская"),
    ("di Anna Porto", "Anna Porto"),
    ("Av Kari Havn", "Kari Havn"),
    ("Eine Analyse von Anna Hafen, Seoul", "Anna Hafen"),
    ("Propos recueillis par Anne Laport", "Anne Laport"),
    ("作者丨王海", "王海"),
    ("海岸新闻首席记者 王海", "王海"),
    ("Kommentar von Anna Hafen", "Anna Hafen"),
    ("Publié le 14 mars 2024 par Anne Laport", "Anne Laport"),
    ("Recueillis par Anne Laport", "Anne Laport"),
    ("March 14, 2024 by Anna Harbour", "Anna Harbour"),
    ("Posted by Anna Harbour on March 14, 2024", "Anna Harbour"),
    ("記者会の全文", ""),
    ("女性記者", ""),
    ("政治部記者", ""),
    ("记者会举行", ""),
    ("사진=이하늘 기자", ""),
    ("Attack by North Harbour", ""),
    ("Photo by Tom Reed", ""),
]


@pytest.mark.parametrize(("line", "names"), LINES, ids=[line[0][:40] for line in LINES])
def test_a_printed_line_is_known_as_a_byline(line: str, names: str) -> None:
    assert bylines.parse_byline(line) == names


TEXTS = [
    ("〔記者王小海／台北報導〕船隻恢復通航。", "王小海"),
    ("（中海社記者王小海台北5日電）船隻恢復通航。", "王小海"),
    ("海岸社北京3月14日电 (记者 王海)船只恢复通航。", "王海"),
    ("МОСКВА, 14 мар. — Берег Новости, Анна Морская. Паром снова ходит.", "Анна Морская"),
    ("船は再び動き出した。\n（聞き手・山田海子）", "山田海子"),
    ("The ferry runs.\n(Reporting by Anna Harbour and Tom Reed; Editing by Jo Lake)",
     "Anna Harbour and Tom Reed"),
    ("The ferry runs.\nReporting by Anna Harbour in Seoul, Tom Reed; Editing by Jo Lake",
     "Anna Harbour in Seoul, Tom Reed"),
    ("船隻恢復通航。\n文 王小海", "王小海"),
    ("船隻恢復通航。\n撰文：王小海\n更多消息請看本網。", "王小海"),
    ("The ferry runs.\nBy Hong Bada (bada@example.com)", "Hong Bada"),
    ("船は再び動き出した。\n（敬称略）", ""),
    ("船は再び動き出した。\n（編集委員 山田海子）", "山田海子"),
    ("船は再び動き出した。\n（写真 山田海子）", ""),
    ("МОСКВА, 14 мар. — Берег Новости. Паром снова ходит.", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), TEXTS, ids=[text[0][:40] for text in TEXTS])
def test_a_text_says_who_wrote_it_at_its_start_or_end(text: str, names: str) -> None:
    assert next(bylines.iter_bylines_in_text(text), "") == names


def page(story: "Story", stated: str, above: str, *, below: str = "", before: str = "") -> str:
    """Returns a page whose JSON-LD states one author or several, with markup round its text."""
    names = ",".join(f'{{"@type":"Person","name":"{name}"}}' for name in stated.split(";") if name)
    return (
        f'<html lang="{story.language}"><head><title>{story.title} | {story.site}</title>'
        f'<meta property="og:site_name" content="{story.site}"><script type="application/ld+json">'
        f'{{"@type":"NewsArticle","headline":"x","author":[{names}]}}</script></head><body>{before}'
        f"<h1>{story.title}</h1>{above}<div class=content>{story.body()}</div>{below}</body></html>"
    )


# Language, authors in JSON-LD, markup above the text, markup below it, names.
PAGES = [
    # The metadata name the editor, who is printed as such or not at all.
    ("en", "Jo Lake", "<p class=byline>By Anna Harbour</p>", "<p>Editor : Jo Lake</p>",
     ("Anna Harbour",)),
    ("en", "Jo Lake", "<p>By Anna Harbour and Tom Reed</p>", "", ("Anna Harbour", "Tom Reed")),
    ("ko", "이하늘", "<p>김바다 기자</p>", "", ("김바다",)),
    ("zh", "李明", "<p>记者：王海</p>", "<p>责任编辑：李明</p>", ("王海",)),
    ("de", "Karl Kai", "<p>Von Anna Hafen</p>", "", ("Anna Hafen",)),
    ("ru", "Иван Лес", "<p>Текст: Анна Морская</p>", "<p>Редактор: Иван Лес</p>",
     ("Анна Морская",)),
    ("en", "新海", "<p>By Hong Bada and Umi Yamada / Coastal Staff Writers</p>", "",
     ("Hong Bada", "Umi Yamada")),
    # They name one whom the page prints, and another one, such as the host.
    ("en", "Jo Lake;Anna Harbour", "<p>By Anna Harbour</p>", "", ("Anna Harbour",)),
    ("ko", "김바다;이하늘", "<p>김바다 기자 외 1명</p>", "", ("김바다", "이하늘")),
    # They lack one.
    ("en", "Anna Harbour", "<p>By ANNA HARBOUR and TOM REED</p>", "",
     ("ANNA HARBOUR", "TOM REED")),
    ("ko", "김바다", "<p>김바다·이하늘 기자</p>", "", ("김바다", "이하늘")),
    # They write a name in another order.
    ("en", "Bada Hong", "<p>By Hong Bada</p>", "", ("Hong Bada",)),
    ("en", "Ba-da Hong", "<p class=byline>Hong Ba-da, Staff reporter</p>", "", ("Hong Ba-da",)),
    # They are right: the page prints the same, the same in another script, or a caption.
    ("en", "Anna Harbour", "<p>By Anna Harbour</p>", "", ("Anna Harbour",)),
    ("en", "김바다", "<p>Photo by Kim Bada</p>", "", ("김바다",)),
    ("en", "Anna Harbour", "<div class=author>Social Links for Anna Harbour</div>", "",
     ("Anna Harbour",)),
    ("en", "Anna Harbour", "<p>Photo by Tom Reed</p>", "", ("Anna Harbour",)),
    ("en", "Anna Harbour;Tom Reed", "<p>By Anna Harbour</p><p>Tom Reed in Tokyo</p>", "",
     ("Anna Harbour", "Tom Reed")),
    # Elements that only a stylesheet keeps apart.
    ("en", "", "<div class=byline><span>Anna Harbour</span><span>City Columnist</span></div>", "",
     ("Anna Harbour",)),
    ("en", "", "<div><span>By ANNA HARBOUR</span><span>March 14, 2024</span></div>", "",
     ("ANNA HARBOUR",)),
    ("en", "", "<div class=byline><b>A</b>nna McReed<i>Harbour</i></div>", "",
     ("Anna McReed",)),
    ("en", "", "<a rel=author>Anna Harbour<span>Political Editor</span></a>", "",
     ("Anna Harbour",)),
    ("en", "", '<p itemprop="author"><b>Anna Harbour</b><b>Seoul correspondent</b></p>', "",
     ("Anna Harbour",)),
    ("ko", "", "<p class=byline><b>김바다 기자</b><span>bada@example.com</span></p>", "",
     ("김바다",)),
    ("en", "", "<p class=byline><b>Anna Harbour</b><a>anna@example.com</a></p>", "",
     ("Anna Harbour",)),
    # Signatures below the text.
    ("en", "", "", "<p>(Reporting by Anna Harbour in Seoul and Tom Reed; Editing by Jo Lake)</p>",
     ("Anna Harbour", "Tom Reed")),
    ("zh", "", "", "<p>采写：海岸见习记者 王小海</p>", ("王小海",)),
    ("zh", "", "<p>来源：海岸网作者：王小海</p>", "", ("王小海",)),
    # A signature in the text's own element and beside it.
    ("ko", "", "", "", ()),
    ("zh", "", "", "<p>圖／文：王小海</p>", ("王小海",)),
    ("en", "", "", "<p>By Hong Bada (bada@example.com)</p>", ("Hong Bada",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "stated", "above", "below", "names"),
    PAGES,
    ids=[f"{case[0]}-{case[1]}-{case[2][:50]}" for case in PAGES],
)
def test_the_printed_byline_corrects_the_metadata(
    language: str,
    stated: str,
    above: str,
    below: str,
    names: tuple[str, ...],
    stories: dict[str, "Story"],
    read_html: ReadHtml,
) -> None:
    article = read_html(page(stories[language], stated, above, below=below)).article
    assert article is not None
    assert article.authors == names


# Markup in the head or above the text, and the names.
MARKUP = [
    ('<meta name="author" content="Anna Harbour, Tom Reed">', ("Anna Harbour", "Tom Reed")),
    ('<meta name="twitter:label1" content="Verfasst von"><meta name="twitter:data1" content="Anna Hafen">',
     ("Anna Hafen",)),
    ('<meta name="twitter:label1" content="Reading time"><meta name="twitter:data1" content="Four Minutes">',
     ()),
    ('<meta property="dd:author" content="김바다">', ("김바다",)),
    ('<meta name="author" content="jharbour"><p>By Anna Harbour</p>', ("Anna Harbour",)),
    ('<meta name="author" content="example">', ()),
    ('<meta name="author" content="@courier"><p class=columnist>Anna Harbour</p>', ("Anna Harbour",)),
    ('<p class=storyByline>Anna Harbour</p>', ("Anna Harbour",)),
    ('<p class=authorization>Anna Harbour Bank</p>', ()),
    ('<p class=author-bio>Anna Harbour</p>', ()),
    ('<p class=author>Anna Harbour Trust Centre: why we report</p>', ()),
    ('<p class=author>Why You Read Us</p>', ()),
    ('<p class=author>12 March</p>', ()),
    ('<p class=author>Anna Harbour. Coastal International</p>', ("Anna Harbour",)),
    ('<p class=author>Prof. Anna J. Harbour</p>', ("Prof. Anna J. Harbour",)),
    ('<p class=author-image>Anna Harbour</p>', ()),
    ('<p class="related-author">Anna Harbour</p>', ()),
    ('<p>By <a rel="author" href="/x">Anna Harbour</a><a>Twitter</a></p>', ("Anna Harbour",)),
    ('<p class=author>Anna Harbour<br>Twitter<br>Email</p>', ("Anna Harbour",)),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "names"), MARKUP, ids=[case[0][:60] for case in MARKUP])
def test_markup_names_the_writers(
    markup: str, names: tuple[str, ...], stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    head, body = (markup, "") if markup.startswith("<meta") else ("", markup)
    if "<p" in head:
        head, _, body = head.partition("<p")
        body = f"<p{body}"
    html = page(stories["en"], "", body).replace("<head>", f"<head>{head}")
    article = read_html(html, url="https://www.example.com/2024/harbour").article
    assert article is not None
    assert article.authors == names


def test_bylines_of_other_articles_are_left_out(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    teasers = "".join(
        f"<div><h3>Boat {n} leaves the harbour</h3><p class=author>By Tom Reed</p></div>"
        for n in range(20)
    )
    links = "".join(f'<a href="/author/{n}">Jo Lake {n}</a>' for n in "abcdef")
    html = page(stories["en"], "", "", below=f"<footer>{links}</footer>", before=teasers)
    article = read_html(html.replace("Boat 19", "Boats")).article
    assert article is not None
    assert "Jo Lake a" not in article.authors


def test_a_headline_about_a_reporter_is_no_byline(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["ko"]
    article = read_html(page(story, "", "").replace(story.title, "김바다 기자 언론상 수상")).article
    assert article is not None
    assert article.title == "김바다 기자 언론상 수상"
    assert article.authors == ()


def test_a_writer_whose_name_ends_the_title_is_named(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    html = page(story, "Anna Harbour", "").replace("</title>", " | Anna Harbour</title>")
    article = read_html(html).article
    assert article is not None
    assert article.authors == ("Anna Harbour",)


def test_a_reporter_below_the_last_paragraph_is_named(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["ko"]
    html = page(story, "", "").replace(
        "</div></body>", "<p>(바닷가연예 김바다 기자)</p></div></body>"
    )
    article = read_html(html).article
    assert article is not None
    assert article.authors == ("김바다",)


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    assert all(isinstance(name, str) for name in bylines.iter_bylines_in_text(text))
    assert len(clean_names([text, text])) == len(set(clean_names([text])))
