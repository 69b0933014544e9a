"""What closes a text without a full stop stays: lists, tables, quotations, verse, figures, names."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.body.closing import reads_like_statement
from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]

CLOSINGS = {
    "list": "<ul><li>410 tonnes</li><li>520 tonnes</li></ul>",
    "list below a colon": "<p>The catch was:</p><ol><li>Herring</li><li>Squid</li><li>Cod</li></ol>",
    "list with a heading": "<h3>The islands</h3><ul><li>North Rock</li><li>South Rock</li></ul>",
    "table": "<table><tr><td>2023</td><td>410 t</td></tr><tr><td>2024</td><td>520 t</td></tr></table>",
    "table with heads": "<table><thead><tr><th>Year</th><th>Boats</th></tr></thead><tbody>"
    "<tr><td>2023</td><td>12</td></tr></tbody></table>",
    "table in a box": "<div><table><tr><td>2023</td><td>410</td></tr><tr><td>2024</td><td>520</td></tr></table></div>",
    "table in a figure": "<figure class=wp-block-table><table><tr><td>2023</td><td>410</td></tr><tr><td>2024</td><td>520</td>"
    "</tr></table></figure>",
    "score": "<p>The score was 3–2</p>",
    "clock": "<p>It happened at 10:15</p>",
    "count": "<p>Voters in favour: 512</p>",
    "speech": "<p>He said: “We sail”</p>",
    "dashes": "<p>- Herring<br>- Cod<br>- Squid</p>",
    "numbered paragraphs": "<p>1. Herring</p><p>2. Cod</p><p>3. Squid</p>",
    "demands": "<p>The demands are:</p><p>• more boats</p><p>• fewer taxes</p>",
    "Chinese amount": "<p>渔获量为410吨</p>",
    "Japanese day": "<p>次の便は10月12日</p>",
    "definitions": "<dl><dt>Herring</dt><dd>410</dd><dt>Squid</dt><dd>520</dd></dl>",
    "block quotation": "<blockquote>The lamp burns for all who sail</blockquote>",
    "paragraph in a quotation": "<blockquote><p>灯は皆のために</p></blockquote>",
    "preformatted verse": "<pre>The lamp burns\nfor all</pre>",
    "verse with breaks": "<p>The lamp burns for all<br>who sail the northern sea<br>and all who wait</p>",
    "quotation in a paragraph": "<p>“We will sail”</p>",
    "Korean quotation": "<p>“다시 떠난다”</p>",
    "French quotation": "<p>« Nous partirons »</p>",
    "question": "<p>Who will light the lamp?</p>",
    "Chinese question": "<p>谁来点灯？</p>",
    "question in quotation marks": "<p>「誰が灯をともすのか？」</p>",
    "figure": "<p>The season opens on October 12</p>",
    "name": "<p>The lamp was lit by old captain Brandt</p>",
    "Korean figure": "<p>다음 출항 날짜는 10월 12일</p>",
    "Chinese figure": "<p>下一班渡轮的日期是十月十二日</p>",
    "Japanese name": "<p>灯をともしたのは老船長の海野太郎</p>",
    "Russian figure": "<p>Следующий паром уходит в семь часов 12 октября</p>",
    "Spanish name": "<p>La lámpara la encendió el viejo capitán Brandt</p>",
    "German figure": "<p>Die nächste Fähre fährt wieder am 12. Oktober</p>",
}

STRAYS = {
    "tags": "<p>Tags: ferry, islands</p>",
    "Russian tags": "<p>Теги:</p>",
    "name": "<p>Anna Harbour</p>",
    "desk": "<p>CC-Redaktion</p>",
    "credit": "<p>(Text and pictures Anna Harbour)</p>",
    "Chinese desk": "<p>編輯：王海</p>",
    "labelled title": "<p>【航海】老船長談燈塔與海上生活的五十年</p>",
    "mail": "<p>Write to the author of this at anna@example.com</p>",
    "views": "<p>Views: 1245</p>",
    "Russian views": "<p>Просмотров: 1245</p>",
    "date": "<p>12 October 2024, 18:45</p>",
    "Japanese date": "<p>2024年10月12日18時45分</p>",
    "dated headline": "<p>12.10.2024 City library opens its new hall</p>",
    "contact": "<div><table><tr><td>Harbour Mail</td></tr><tr><td>North Pier</td></tr></table></div>",
    "links": '<ul><li><a href="/a">Apples</a></li><li><a href="/b">Library</a></li></ul>',
    "tools": "<ul><li>Print</li><li>Share</li><li>Harbour Mail</li></ul>",
    "list below a heading of links": "<p>Read also</p><ul><li>The library opens</li><li>Apples</li></ul>",
    "heading without text": "<h3>The islands in pictures</h3>",
    "one short item": "<ul><li>Harbour Mail</li></ul>",
}


def _lines(markup: str) -> list[str]:
    return [line for part in re.split(r"<[^<>]+>|\n", markup) if (line := part.strip())]


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS)
def test_what_closes_a_text_stays(closing: str, story: "Story", read_html: ReadHtml) -> None:
    markup = f"<h1>{story.title}</h1><div class=article-body>{story.body()}{closing}</div>"
    article = read_html(f"<article>{markup}</article>").article
    assert article is not None
    assert [line for line in _lines(closing) if line not in article.text] == []


@pytest.mark.parametrize("closing", [CLOSINGS["list"], CLOSINGS["figure"], CLOSINGS["table"]])
def test_it_stays_in_boxes_without_names(closing: str, story: "Story", read_html: ReadHtml) -> None:
    paragraphs = "".join(f"<div>{paragraph}</div>" for paragraph in story.paragraphs)
    markup = f"<h1>{story.title}</h1><div>{paragraphs}{closing.replace('p>', 'div>')}</div>"
    article = read_html(markup).article
    assert article is not None
    assert [line for line in _lines(closing) if line not in article.text] == []


@pytest.mark.parametrize("stray", STRAYS.values(), ids=STRAYS)
def test_stray_lines_below_a_text_leave_it(stray: str, story: "Story", read_html: ReadHtml) -> None:
    markup = f"<h1>{story.title}</h1><div class=article-body>{story.body()}{stray}</div>"
    article = read_html(f"<article>{markup}</article>").article
    assert article is not None
    assert article.text == "\n\n".join(story.paragraphs)


def test_a_list_outside_the_box_of_the_text_is_none_of_it(
    story: "Story", read_html: ReadHtml
) -> None:
    below = "<div><ul><li>Harbour Mail</li><li>Island Post</li></ul></div>"
    markup = f"<h1>{story.title}</h1><div><div>{story.body()}</div>{below}</div>"
    article = read_html(markup).article
    assert article is not None
    assert article.text == "\n\n".join(story.paragraphs)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("", False),
        ("The winner was Kim of the north", True),
        ("By Anna Harbour", False),
        ("Harbour Mail, Island Post, Coastal Courier", False),
        ("https://example.com/a/b is where it says more", False),
    ],
)
def test_a_statement_is_more_than_a_name(line: str, meant: bool) -> None:
    assert reads_like_statement(line) is meant
