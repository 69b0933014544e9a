"""What the text keeps and leaves out within its box: subheads, quotations, captions, summaries."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.body.boilerplate import is_boilerplate, is_credit_line
from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]


def _read(story: "Story", read_html: ReadHtml, inner: list[str]) -> list[str]:
    markup = f"<h1>{story.title}</h1><div class=article-body>{''.join(inner)}</div>"
    article = read_html(f"<article>{markup}</article>").article
    assert article is not None
    return article.text.split("\n\n")


def _with_second(story: "Story", second: str) -> list[str]:
    first, *rest = (f"<p>{paragraph}</p>" for paragraph in story.paragraphs)
    return [first, second, *rest]


@pytest.mark.parametrize(
    "subhead",
    [
        '<h2 class="widget-title">The islands</h2>',
        '<h3 class="tools-title">The islands</h3>',
        '<h4 class="topic-list-head">The islands</h4>',
        '<div class="subtitle">The islands</div>',
        '<div class="sub-title">The islands</div>',
        "<h2>The islands</h2>",
    ],
)
def test_a_subhead_stays_whatever_it_is_called(
    subhead: str, story: "Story", read_html: ReadHtml
) -> None:
    first, *rest = story.paragraphs
    assert _read(story, read_html, _with_second(story, subhead)) == [first, "The islands", *rest]


def test_a_repeated_heading_with_the_name_of_clutter_leaves_the_text(
    story: "Story", read_html: ReadHtml
) -> None:
    heading = '<h2 class="visually-hidden">Article content</h2>'
    inner = [heading + f"<p>{paragraph}</p>" for paragraph in story.paragraphs]
    assert _read(story, read_html, inner) == story.paragraphs


@pytest.mark.parametrize(
    "line",
    [
        "So it was, the old men of the island say.",
        "다시 배가 온다고 했다.",
        "船还会再来的，老人们说。",
    ],
)
def test_a_short_sentence_in_a_plain_box_stays_between_paragraphs(
    line: str, story: "Story", read_html: ReadHtml
) -> None:
    first, *rest = story.paragraphs
    found = _read(story, read_html, _with_second(story, f"<div>{line}</div>"))
    assert found == [first, line, *rest]


@pytest.mark.parametrize(
    "quotation",
    [
        '<blockquote class="twitter-tweet"><p>{}</p></blockquote>',
        '<div><blockquote class="twitter-tweet" data-lang="en"><p>{}</p></blockquote></div>',
        "<blockquote>{}</blockquote>",
    ],
)
def test_a_quoted_post_stays_in_the_text(
    quotation: str, story: "Story", read_html: ReadHtml
) -> None:
    words = "The boat is back, and everybody on the island is very happy about that today!"
    first, *rest = story.paragraphs
    found = _read(story, read_html, _with_second(story, quotation.format(words)))
    assert found == [first, words, *rest]


@pytest.mark.parametrize(
    "credit",
    [
        "Photo: Anna Harbour",
        "Фото: Анна Гавань",
        "사진=바닷가일보",
        "图片来源：海岸日报",
        "撮影：海野",
    ],
)
@pytest.mark.parametrize("tag", ["h1", "p", "div"])
def test_what_stands_alone_with_the_credit_of_a_picture_is_a_caption(
    credit: str, tag: str, story: "Story", read_html: ReadHtml
) -> None:
    caption = (
        "The ferry, second from the left, lies at the new pier of the northern port on Monday."
    )
    box = f"<div class=x><{tag}>{caption}</{tag}><p>{credit}</p></div>"
    assert _read(story, read_html, _with_second(story, box)) == story.paragraphs


@pytest.mark.parametrize("credit", ["(Anna Harbour/Agency)", "(Anna Harbour/AFP via Getty Images)"])
def test_a_caption_is_neither_lead_nor_text(
    credit: str, story: "Story", read_html: ReadHtml
) -> None:
    caption = f"The ferry lies at the new pier of the northern port on Monday. {credit}"
    markup = f"<h1>{story.title}</h1><p class=summary>{caption}</p><div>{story.body()}</div>"
    article = read_html(f"<article>{markup}</article>").article
    assert article is not None
    assert article.text == "\n\n".join(story.paragraphs)


def test_a_credit_below_a_paragraph_takes_nothing_with_it(
    story: "Story", read_html: ReadHtml
) -> None:
    found = _read(story, read_html, _with_second(story, "<p>Photo: Anna Harbour</p>"))
    assert found == story.paragraphs


def test_a_summary_that_repeats_the_start_leaves_the_text(
    story: "Story", read_html: ReadHtml
) -> None:
    first, second, *_ = story.paragraphs
    inner = [f"<p>{first} {second}</p>", f"<p>SEOUL: {first}</p>"]
    inner += [f"<p>{paragraph}</p>" for paragraph in story.paragraphs[1:]]
    assert _read(story, read_html, inner) == [f"SEOUL: {first}", *story.paragraphs[1:]]


@pytest.mark.parametrize(
    "line",
    [
        "【打印】【关闭】",
        "[관련기사]",
        "【関連記事】",
        "Читайте также: Городская библиотека открыла новый зал",
        "À lire aussi : la bibliothèque ouvre sa salle",
        "Read more: City library opens its new reading hall",
        "Te puede interesar: la biblioteca abre su sala",
        "Lesen Sie auch: Stadtbibliothek öffnet ihren Lesesaal",
        "相关阅读：市立图书馆新阅览厅开放",
        "Теги: паром, острова",
        "Mots-clés : bac, îles",
        "标签：渡轮 岛屿",
        "タグ：フェリー",
        "（原标题：渡轮恢复通航，三百名旅客终于回家）",
        "本文原标题：《渡轮恢复通航》",
        "Noticia relacionada",
        "- 閱讀更多 -",
        "12 комментариев",
        "3 commentaires",
        "コメント 12件",
        "我要评论",
        "字号：大 中 小",
        "Версия для печати",
        "Imprimer",
        "이 기사를 공유합니다",
        "Print | Share | Save",
        "При перепечатке материалов ссылка на сайт обязательна.",
        "This story was first published in the Harbour Mail.",
    ],
)
def test_tools_counters_tags_and_links_in_plain_text_are_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "Related talks were held in the port on Friday.",
        "Подробнее о шторме рассказал капитан, вернувшийся в порт.",
        "Comments by the captain were read out in the evening.",
        "Partager la pêche reste difficile, dit le maire.",
        "Teilen wollten die Fischer den Fang nicht.",
        "打印机在岛上很少见，居民说。",
        "댓글을 단 주민 두 명이 조사를 받았다.",
        "コメントした船長は港に戻った。",
    ],
)
def test_sentences_that_begin_like_tools_are_text(line: str) -> None:
    assert not is_boilerplate(line)


def test_a_sentence_about_photos_is_no_credit() -> None:
    assert not is_credit_line("Photos of the ferry were shown at the harbour, the mayor said.")
    assert not is_credit_line("사진을 본 주민들은 말이 없었다.")
